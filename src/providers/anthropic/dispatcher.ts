import { Agent } from 'undici'

/** How long an answer that is not streamed may take. */
export const PATIENCE_MS = 15_000

/** Connections as a phone call wants them: see `createAnthropicClient`. */
export function anthropicDispatcher(patienceMs: number = PATIENCE_MS): Agent {
  return new Agent({
    allowH2: true,
    keepAliveTimeout: 60_000,
    keepAliveMaxTimeout: 600_000,
    headersTimeout: patienceMs,
    // Only a safety net: replies are watched by their own deadlines.
    bodyTimeout: patienceMs,
    connect: { timeout: 3000 },
  })
}
