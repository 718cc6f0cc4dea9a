import type { Clock } from './clock.ts'
import type { Parley } from './compose.ts'

/** So long before the time is over the people on the line are told: enough for a sentence, a goodbye and a slow vendor. */
const LAST_WORDS_MS = 15_000

export type ShutDownOptions = {
  readonly clock: Clock
  /** How long calls may take to finish. */
  readonly drainTimeoutMs: number
  /** How long the server answers at least, for balancers that still send it what they had meant to. */
  readonly lameDuckMs: number
  /** When it is aborted nobody waits any longer. */
  readonly hurry?: AbortSignal
}

/**
 * Takes no new calls and lets those that there are finish. Readiness says no from the first moment on, while the server still
 * answers. Whoever is on the line when the time is nearly over is told, and what is left then is ended. Every call has its record
 * in the end, also when it has to go quickly.
 */
export async function shutDown(
  parley: Parley,
  { clock, drainTimeoutMs, lameDuckMs, hurry = new AbortController().signal }: ShutDownOptions,
): Promise<void> {
  const { calls } = parley
  calls.drain()
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, hurry])
  /** Resolves also when nobody waits any longer. */
  const pause = (ms: number) => clock.sleep(ms, { signal }).catch(() => undefined)
  const lastWordsMs = Math.min(LAST_WORDS_MS, drainTimeoutMs / 2)
  const idle = Promise.all([calls.idle(), pause(lameDuckMs)])
  await Promise.race([idle, pause(drainTimeoutMs - lastWordsMs)])
  if (!hurry.aborted) calls.wrapUp()
  await Promise.race([idle, pause(lastWordsMs)])
  over.abort()
  await parley.close()
}
