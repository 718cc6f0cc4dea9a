import twilio from 'twilio'
import type { Clock } from '../../clock.ts'
import { ProviderError, type ProviderErrorCode } from '../../errors.ts'
import type { CarrierCall, DialRequest, Telephony, TransferRequest } from '../../pipeline/ports.ts'
import { addressOf } from './addresses.ts'
import { callOver, toProviderError } from './rest-error.ts'
import * as twiml from './twiml.ts'

/** The SDK's own 30 s is too long for someone who waits for an answer to `POST /call`. */
const REQUEST_TIMEOUT_MS = 10_000
/** Calls to one number that are not over; a person is rung by few at a time. */
const MOST_CALLS = 20
const CALL_SID = /^CA[0-9a-zA-Z]{1,64}$/
const NOT_OVER: ReadonlySet<string> = new Set(['queued', 'ringing', 'in-progress'])

/** As many as Twilio takes where it sends digits; `w` waits for half a second. */
const KEYS = /^[0-9*#w]{1,32}$/
const E164 = /^\+[1-9]\d{6,14}$/

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

/** Places calls, and does things with them, by Twilio's REST API. */
export class TwilioTelephony implements Telephony {
  readonly #account: TwilioAccount
  readonly #clock: Clock
  readonly #client: twilio.Twilio

  constructor(account: TwilioAccount, clock: Clock) {
    this.#account = account
    this.#clock = clock
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
        fallbackUrl: addressOf(publicHost, 'fallback', request.callId),
        statusCallback: addressOf(publicHost, 'status', request.callId),
        statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
        timeout: request.ringTimeoutS,
        timeLimit: request.maxDurationS,
        ...(request.detectMachine && {
          // While the call goes on: otherwise whoever answers hears nothing until Twilio has made up its mind.
          machineDetection: 'Enable',
          asyncAmd: 'true',
          asyncAmdStatusCallback: addressOf(publicHost, 'amd', request.callId),
        }),
        ...(request.record && {
          record: true,
          // The person on the left, as in our own recordings.
          recordingChannels: 'dual',
          recordingStatusCallback: addressOf(publicHost, 'recording-status', request.callId),
          recordingStatusCallbackEvent: ['completed', 'absent'],
        }),
      }),
    )
    // Whatever made up this answer may have made the call all the same.
    if (!CALL_SID.test(sid)) throw twilioError('protocol', 'the answer names no call')
    if (signal?.aborted) {
      // The request could not be called back: the phone must not go on ringing.
      await this.hangUp(sid)
      signal.throwIfAborted()
    }
    return { callSid: sid }
  }

  async callsTo(to: string): Promise<readonly CarrierCall[]> {
    const from = this.#account.phoneNumber
    const calls = await this.#ask(() => this.#client.calls.list({ to, from, limit: MOST_CALLS }))
    return calls
      .filter(({ status, direction }) => NOT_OVER.has(status) && direction === 'outbound-api')
      .map(({ sid, dateCreated }) => ({ callSid: sid, createdAt: dateCreated }))
  }

  async hangUp(callSid: string): Promise<void> {
    await this.#end(callSid, { status: 'completed' })
  }

  async sayAndHangUp(callSid: string, text: string, language: string): Promise<void> {
    await this.#end(callSid, { twiml: twiml.sayAndHangUp(text, language) })
  }

  async pressKeys(callSid: string, keys: string, token: string): Promise<void> {
    if (!KEYS.test(keys)) throw refused('these are not keys that can be pressed')
    const { publicHost } = this.#account
    await this.#update(callSid, { twiml: twiml.pressKeys(publicHost, keys, token) })
  }

  async transfer(callSid: string, { to, ringTimeoutS }: TransferRequest): Promise<void> {
    if (!E164.test(to)) throw refused('the number to transfer to is not E.164')
    const { publicHost, phoneNumber: callerId } = this.#account
    await this.#update(callSid, { twiml: twiml.dial(publicHost, { to, ringTimeoutS, callerId }) })
  }

  /** A call that is over cannot be ended, and need not be. */
  async #end(callSid: string, update: Update): Promise<void> {
    try {
      await this.#update(callSid, update)
    } catch (error) {
      if (error instanceof ProviderError && error.code === 'call_over') return
      throw error
    }
  }

  /** Takes a call out of whatever it is doing: a stream that is open is stopped. */
  async #update(callSid: string, update: Update): Promise<void> {
    try {
      await this.#ask(() => this.#client.calls(callSid).update(update))
    } catch (error) {
      throw callOver(error) ?? error
    }
  }

  /** Nobody waits longer than the timeout, on whatever clock time passes; what comes of the request then is not heard of. */
  async #ask<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    const late = Promise.withResolvers<never>()
    const cancel = this.#clock.after(REQUEST_TIMEOUT_MS, () => {
      late.reject(twilioError('timeout', `no answer within ${REQUEST_TIMEOUT_MS} ms`))
    })
    try {
      return await Promise.race([request(), late.promise])
    } catch (error) {
      throw error instanceof ProviderError ? error : toProviderError(error)
    } finally {
      cancel()
    }
  }
}

type Update = { status: 'completed' } | { twiml: string }

function refused(message: string): ProviderError {
  return twilioError('rejected', message)
}

function twilioError(code: ProviderErrorCode, message: string): ProviderError {
  return new ProviderError(message, { provider: 'twilio', code })
}
