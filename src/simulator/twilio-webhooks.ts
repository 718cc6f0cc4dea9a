import { randomUUID } from 'node:crypto'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import { Agent, request } from 'undici'
import type { Clock } from '../clock.ts'
import { causeOfStatus, overridesOf, type RetryCause } from './connection-overrides.ts'
import { TwilioFault } from './twilio-faults.ts'
import type { HttpMethod } from './twiml.ts'

export type WebhookRequest = {
  readonly url: string
  readonly method: HttpMethod
  readonly params: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export type WebhookResponse = {
  /** Where the answer came from in the end, after redirects. */
  readonly url: string
  readonly status: number
  readonly contentType: string
  readonly body: string
}

type Attempt = { readonly cause: RetryCause | undefined } & (
  { readonly response: WebhookResponse } | { readonly fault: TwilioFault }
)

const MAX_REDIRECTS = 10

/**
 * Twilio's requests to the server: signed over the public url, and dialled at the address where the server really
 * listens.
 */
export class TwilioWebhooks {
  readonly #clock: Clock
  readonly #authToken: string
  readonly #publicHost: string
  readonly #serverUrl: () => string
  readonly #agent = new Agent()

  constructor(options: {
    clock: Clock
    authToken: string
    publicHost: string
    serverUrl: () => string
  }) {
    this.#clock = options.clock
    this.#authToken = options.authToken
    this.#publicHost = options.publicHost
    this.#serverUrl = options.serverUrl
  }

  /**
   * Asks, follows redirects with GET (the parameters are lost on the way, as with Twilio), and tries again as often, and for
   * such causes, as the fragment of the url says.
   *
   * @throws {TwilioFault} 11205 when there is no whole answer in time, 11215 when it is redirected for ever
   */
  async send(webhook: WebhookRequest): Promise<WebhookResponse> {
    const { retries, retryOn, readTimeoutMs, totalTimeoutMs } = overridesOf(webhook.url)
    const token = randomUUID()
    const endMs = this.#clock.now() + Math.min(webhook.timeoutMs, totalTimeoutMs)
    for (let left = retries; ; left--) {
      const leftMs = endMs - this.#clock.now()
      const attempt = await this.#attempt(
        { ...webhook, timeoutMs: Math.min(leftMs, readTimeoutMs) },
        token,
      )
      const isLast = left === 0 || this.#clock.now() >= endMs
      if (attempt.cause !== undefined && retryOn.has(attempt.cause) && !isLast) continue
      if ('fault' in attempt) throw attempt.fault
      return attempt.response
    }
  }

  /** One try, and why there may be another. */
  async #attempt(webhook: WebhookRequest, token: string): Promise<Attempt> {
    const deadline = new AbortController()
    const cancel = this.#clock.after(webhook.timeoutMs, () => {
      deadline.abort(new TwilioFault(11205, `${webhook.url} took too long`))
    })
    const signal = AbortSignal.any([deadline.signal, webhook.signal])
    try {
      const response = await this.#follow({ ...webhook, signal }, token)
      return { response, cause: causeOfStatus(response.status) }
    } catch (error) {
      webhook.signal.throwIfAborted()
      if (deadline.signal.aborted)
        return { fault: deadline.signal.reason as TwilioFault, cause: 'rt' }
      if (error instanceof TwilioFault) return { fault: error, cause: undefined }
      const detail = error instanceof Error ? error.message : String(error)
      const fault = new TwilioFault(11205, `${webhook.url}: ${detail}`, { cause: error })
      return { fault, cause: isUnconnected(error) ? 'ct' : undefined }
    } finally {
      cancel()
    }
  }

  /** The signature of a url without parameters, as on a stream's upgrade. */
  sign(url: string, params: Readonly<Record<string, string>> = {}): string {
    return getExpectedTwilioSignature(this.#authToken, url, params)
  }

  /** Where a public url is really dialled: `https` and `wss` of the public host end at the server. */
  dialled(url: URL): URL {
    if (url.host !== this.#publicHost) return url
    const there = new URL(this.#serverUrl())
    if (url.protocol === 'wss:' || url.protocol === 'ws:') {
      there.protocol = there.protocol === 'https:' ? 'wss:' : 'ws:'
    }
    there.pathname = url.pathname
    there.search = url.search
    return there
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #follow(webhook: WebhookRequest, token: string): Promise<WebhookResponse> {
    let { url, method, params } = webhook
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
      const { location, ...response } = await this.#ask({ ...webhook, url, method, params }, token)
      if (location === undefined) return response
      url = new URL(location, response.url).href
      method = 'GET'
      params = {}
    }
    throw new TwilioFault(11215, webhook.url)
  }

  async #ask(webhook: WebhookRequest, idempotencyToken: string) {
    // A fragment holds connection settings; it is neither sent nor signed.
    const [bare = ''] = webhook.url.split('#')
    const form = new URLSearchParams(webhook.params).toString()
    const isGet = webhook.method === 'GET'
    const url = isGet && form !== '' ? `${bare}${bare.includes('?') ? '&' : '?'}${form}` : bare
    const target = new URL(url)
    const options = {
      method: webhook.method,
      dispatcher: this.#agent,
      signal: webhook.signal,
      headers: {
        host: target.host,
        'user-agent': 'TwilioProxy/1.1',
        accept: '*/*',
        'x-home-region': 'us1',
        'i-twilio-idempotency-token': idempotencyToken,
        'x-twilio-signature': this.sign(url, isGet ? {} : webhook.params),
        ...(isGet ? {} : { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }),
      },
      ...(isGet ? {} : { body: form }),
    }
    const dialled = this.dialled(target)
    const response = await request(dialled, options)
    const body = await response.body.text()
    const { location, 'content-type': contentType } = response.headers
    const redirected = response.statusCode >= 300 && response.statusCode < 400
    return {
      url: bare,
      status: response.statusCode,
      contentType: String(contentType ?? ''),
      body,
      ...(redirected && typeof location === 'string' ? { location } : {}),
    }
  }
}

/** No connection could be made, so that the server cannot have done anything. */
function isUnconnected(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT'
}
