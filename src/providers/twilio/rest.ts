import twilio from 'twilio'
import { ProviderError } from '../../errors.ts'
import type { DialRequest, Telephony, TransferRequest } from '../../pipeline/ports.ts'
import { addressOf, documentAddressOf } from './addresses.ts'
import { callOver, toProviderError } from './rest-error.ts'
import * as twiml from './twiml.ts'

/** The SDK's own 30 s is too long for someone who waits for an answer to `POST /call`. */
const REQUEST_TIMEOUT_MS = 15_000

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
  /** Where Twilio finds what to do with a call while this server cannot be reached. */
  readonly fallbackUrl?: string | undefined
}

/** Twilio's own client, for an account. */
export function createTwilioClient(
  account: Pick<TwilioAccount, 'accountSid' | 'authToken' | 'baseUrl'>,
): twilio.Twilio {
  const client = twilio(account.accountSid, account.authToken, {
    // A second POST after a lost answer would ring the person twice, so nothing is retried here.
    autoRetry: false,
    timeout: REQUEST_TIMEOUT_MS,
    // Empty, so that TWILIO_EDGE and TWILIO_REGION of the environment cannot rewrite the base URL.
    edge: '',
    region: '',
  })
  client.api.baseUrl = account.baseUrl.replace(/\/$/, '')
  return client
}

/** Places calls, and does things with them, by Twilio's REST API. */
export class TwilioTelephony implements Telephony {
  readonly #account: TwilioAccount
  readonly #client: twilio.Twilio

  constructor(account: TwilioAccount) {
    this.#account = account
    this.#client = createTwilioClient(account)
  }

  async dial(request: DialRequest, { signal }: { signal?: AbortSignal }) {
    signal?.throwIfAborted()
    const { publicHost, phoneNumber, fallbackUrl } = this.#account
    const { sid } = await this.#ask(() =>
      this.#client.calls.create({
        to: request.to,
        from: phoneNumber,
        url: documentAddressOf(publicHost, 'voice', request.callId),
        ...(fallbackUrl !== undefined && { fallbackUrl }),
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

  async #ask<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await request()
    } catch (error) {
      throw toProviderError(error)
    }
  }
}

type Update = { status: 'completed' } | { twiml: string }

function refused(message: string): ProviderError {
  return new ProviderError(message, { provider: 'twilio', code: 'rejected' })
}
