import twilio from 'twilio'
import { ProviderError } from '../../errors.ts'
import type { DialRequest, Telephony } from '../../pipeline/ports.ts'
import { addressOf } from './addresses.ts'
import { toProviderError } from './rest-error.ts'
import { sayAndHangUp } from './twiml.ts'

/** The SDK's own 30 s is too long for someone who waits for an answer to `POST /call`. */
const REQUEST_TIMEOUT_MS = 15_000

/** "Call is not in-progress", "not found": a call that is over cannot be ended, and need not be. */
const ALREADY_OVER: ReadonlySet<string | undefined> = new Set(['21220', '20404'])

export type TwilioAccount = {
  readonly accountSid: string
  readonly authToken: string
  /** The number that calls are made from. */
  readonly phoneNumber: string
  /** Host under which Twilio reaches this server. */
  readonly publicHost: string
  /** `https://api.twilio.com`, or what stands in for it. */
  readonly baseUrl: string
}

/** Places and ends calls by Twilio's REST API. */
export class TwilioTelephony implements Telephony {
  readonly #account: TwilioAccount
  readonly #client: twilio.Twilio

  constructor(account: TwilioAccount) {
    this.#account = account
    this.#client = twilio(account.accountSid, account.authToken, {
      // A second POST after a lost answer would ring the person twice, so nothing is retried here.
      autoRetry: false,
      timeout: REQUEST_TIMEOUT_MS,
      // Empty, so that TWILIO_EDGE and TWILIO_REGION of the environment cannot rewrite the base URL.
      edge: '',
      region: '',
    })
    this.#client.api.baseUrl = account.baseUrl.replace(/\/$/, '')
  }

  async dial(request: DialRequest, { signal }: { signal?: AbortSignal }) {
    signal?.throwIfAborted()
    const { publicHost, phoneNumber } = this.#account
    const { sid } = await this.#ask(() =>
      this.#client.calls.create({
        to: request.to,
        from: phoneNumber,
        url: addressOf(publicHost, 'voice', request.callId),
        statusCallback: addressOf(publicHost, 'status', request.callId),
        statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
        timeout: request.ringTimeoutS,
        timeLimit: request.maxDurationS,
      }),
    )
    if (signal?.aborted) {
      // The request could not be called back: the phone must not go on ringing.
      await this.hangUp(sid)
      signal.throwIfAborted()
    }
    return { callSid: sid }
  }

  async hangUp(callSid: string): Promise<void> {
    await this.#end(callSid, { status: 'completed' })
  }

  async sayAndHangUp(callSid: string, text: string, language: string): Promise<void> {
    await this.#end(callSid, { twiml: sayAndHangUp(text, language) })
  }

  async #end(callSid: string, update: { status: 'completed' } | { twiml: string }): Promise<void> {
    try {
      await this.#ask(() => this.#client.calls(callSid).update(update))
    } catch (error) {
      if (error instanceof ProviderError && ALREADY_OVER.has(error.vendorCode)) return
      throw error
    }
  }

  async #ask<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await request()
    } catch (error) {
      throw toProviderError(error)
    }
  }
}
