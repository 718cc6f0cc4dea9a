import Anthropic from '@anthropic-ai/sdk'
import { fetch as undiciFetch } from 'undici'
import { anthropicDispatcher, PATIENCE_MS } from './dispatcher.ts'

export type AnthropicConnection = {
  readonly client: Anthropic
  /** Closes every connection; requests still going on fail. */
  close(): Promise<void>
}

/**
 * The SDK on connections that suit a phone call.
 *
 * - One HTTP/2 connection outlives aborted replies; over HTTP/1.1 each abort costs a new TLS handshake, just when the
 *   caller is waiting for an answer.
 * - Idle connections are kept for a minute. The default of 4 s is shorter than a turn of most conversations.
 * - The SDK retries nothing: it would wait for as long as the server asks, which no caller does.
 * - `patienceMs` is for a connection that nobody on the phone waits for: how long an answer that is not streamed may take.
 * - Our own `fetch` comes from the package of the dispatcher: the two must be of one version.
 */
export function createAnthropicClient(options: {
  apiKey: string
  baseUrl: string
  patienceMs?: number
}): AnthropicConnection {
  const patienceMs = options.patienceMs ?? PATIENCE_MS
  const dispatcher = anthropicDispatcher(patienceMs)
  const client = new Anthropic({
    apiKey: options.apiKey,
    authToken: null,
    baseURL: options.baseUrl,
    // The cast bridges two copies of one set of types: this package's, and the older one that Node's types bring.
    fetch: undiciFetch as unknown as typeof globalThis.fetch,
    fetchOptions: { dispatcher },
    maxRetries: 0,
    timeout: patienceMs,
    logLevel: 'off',
    openTelemetry: false,
  })
  return {
    client,
    close: () => dispatcher.destroy(),
  }
}
