import { Agent, type Dispatcher, FormData, request } from 'undici'
import type { Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import { VERSION } from '../../version.ts'
import { failure, failureOfStatus } from './failure.ts'

/** Pauses before a request that changes nothing by being sent twice is sent again. */
const RETRY_PAUSES_MS = [300, 1500]
const MAX_REFUSAL_BYTES = 64 * 1024

export type SmallestHttpOptions = {
  readonly apiKey: string
  /** Such as `https://api.smallest.ai/atoms/v1`. */
  readonly baseUrl: string
  /** How long an answer may take, and each further piece of a stream. */
  readonly timeoutMs: number
  readonly clock: Clock
  /** What connects; whoever gives it closes it. */
  readonly dispatcher?: Dispatcher
}

export type SmallestRequest = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>>
  /** Sent as JSON, or as a form. */
  readonly body?: object | FormData
  readonly headers?: Readonly<Record<string, string>>
  /** It may be sent again when it is not known whether the first one arrived. */
  readonly isRepeatable?: boolean
  readonly signal?: AbortSignal
}

/** Requests to Smallest.ai. Errors are `ProviderError`s; the key is in none of them. */
export class SmallestHttp {
  readonly #options: SmallestHttpOptions
  readonly #dispatcher: Dispatcher

  constructor(options: SmallestHttpOptions) {
    this.#options = options
    // Deadlines are ours, and count on our clock.
    this.#dispatcher = options.dispatcher ?? new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  }

  /** The whole answer. */
  async bytes(asked: SmallestRequest): Promise<Uint8Array> {
    return this.#repeatedly(asked, async () => {
      const parts: Uint8Array[] = []
      for await (const part of this.#once(asked)) parts.push(part)
      return Buffer.concat(parts)
    })
  }

  /** The answer as it comes. Sent once. */
  stream(asked: SmallestRequest): AsyncGenerator<Uint8Array> {
    return this.#once(asked)
  }

  async close(): Promise<void> {
    if (!this.#options.dispatcher) await this.#dispatcher.destroy()
  }

  async #repeatedly<Answer>(
    { isRepeatable = false, signal }: SmallestRequest,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const { clock } = this.#options
    for (const pauseMs of isRepeatable ? RETRY_PAUSES_MS : []) {
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof ProviderError && error.retryable)) throw error
        await clock.sleep(pauseMs, signal && { signal })
      }
    }
    return ask()
  }

  async *#once(asked: SmallestRequest): AsyncGenerator<Uint8Array> {
    const { clock, timeoutMs } = this.#options
    const over = new AbortController()
    const late = failure('timeout', `no answer within ${timeoutMs} ms`)
    const wait = () =>
      clock.after(timeoutMs, () => {
        over.abort(late)
      })
    let cancel = wait()
    const signal = asked.signal ? AbortSignal.any([asked.signal, over.signal]) : over.signal
    try {
      const response = await this.#send(asked, signal)
      for await (const part of response.body as AsyncIterable<Uint8Array>) {
        cancel()
        yield part
        cancel = wait()
      }
    } catch (error) {
      asked.signal?.throwIfAborted()
      throw over.signal.aborted ? late : asProviderError(error)
    } finally {
      cancel()
      // Whoever stops reading does not want the rest.
      over.abort(late)
    }
  }

  async #send(asked: SmallestRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { method, body } = asked
    const isForm = body instanceof FormData
    const response = await request(this.#urlOf(asked), {
      dispatcher: this.#dispatcher,
      method,
      headers: {
        authorization: `Bearer ${this.#options.apiKey}`,
        'user-agent': `parley/${VERSION}`,
        ...(body && !isForm && { 'content-type': 'application/json' }),
        ...asked.headers,
      },
      body: body === undefined ? null : isForm ? body : JSON.stringify(body),
      signal,
    })
    if (response.statusCode >= 200 && response.statusCode < 300) return response
    throw failureOfStatus(response.statusCode, await refusalOf(response))
  }

  #urlOf({ path, query = {} }: SmallestRequest): URL {
    const url = new URL(this.#options.baseUrl.replace(/^ws/, 'http').replace(/\/+$/, '') + path)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    return url
  }
}

async function refusalOf({ body }: Dispatcher.ResponseData): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const part of body as AsyncIterable<Uint8Array>) {
    text += decoder.decode(part, { stream: true })
    if (text.length > MAX_REFUSAL_BYTES) break
  }
  return text
}

/** Codes of a connection that was there. */
const LOST: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'])

function asProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  const isLost = code !== undefined && LOST.has(code)
  return failure(isLost ? 'disconnected' : 'unavailable', 'cannot be reached', {
    vendorCode: code,
    cause: error,
  })
}
