import { Agent, type Dispatcher, request } from 'undici'
import { VERSION } from '../../version.ts'

/** Of an answer that nobody reads; a longer one costs its connection. */
const MAX_ANSWER_BYTES = 16 * 1024

/** Posts webhooks: once each, without following redirects. `close` ends what is still going on. */
export class WebhookClient {
  readonly #dispatcher: Dispatcher
  readonly #isOwn: boolean

  /** @param options.dispatcher what connects, such as one that checks what a name resolves to; whoever gives it closes it */
  constructor(options: { readonly dispatcher?: Dispatcher } = {}) {
    this.#isOwn = options.dispatcher === undefined
    // The deadline is that of the one who asks, on its clock.
    this.#dispatcher = options.dispatcher ?? new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  }

  /**
   * @returns the HTTP status of the answer
   * @throws when there was none; the error's `code` says why
   */
  async post(
    { url, headers, body }: { url: URL; headers: Readonly<Record<string, string>>; body: string },
    { signal }: { signal: AbortSignal },
  ): Promise<number> {
    const { statusCode, body: answer } = await request(url, {
      dispatcher: this.#dispatcher,
      method: 'POST',
      headers: { 'user-agent': `parley/${VERSION}`, ...headers },
      body,
      signal,
    })
    try {
      await answer.dump({ limit: MAX_ANSWER_BYTES, signal })
    } catch {
      // The status is all that counts, and it has come.
    }
    return statusCode
  }

  async close(): Promise<void> {
    if (this.#isOwn) await this.#dispatcher.destroy()
  }
}
