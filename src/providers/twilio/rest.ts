import type { Clock } from '../../clock.ts'
import { ProviderError, type ProviderErrorCode } from '../../errors.ts'
import type { DialRequest, Telephony, TransferRequest } from '../../pipeline/ports.ts'
import { addressOf, documentAddressOf } from './addresses.ts'
import { type TwilioAccount, TwilioRest } from './rest-client.ts'
import { callOver } from './rest-error.ts'
import * as twiml from './twiml.ts'

const CALL_SID = /^CA[0-9a-zA-Z]{1,64}$/

/** As many as Twilio takes where it sends digits; `w` waits for half a second. */
const KEYS = /^[0-9*#w]{1,32}$/
const E164 = /^\+[1-9]\d{6,14}$/

/** Places calls, and does things with them, by Twilio's REST API. */
export class TwilioTelephony implements Telephony {
  readonly #account: TwilioAccount
  readonly #rest: TwilioRest

  constructor(account: TwilioAccount, clock: Clock) {
    this.#account = account
    this.#rest = new TwilioRest(account, clock)
  }

  async dial(request: DialRequest, { signal }: { signal?: AbortSignal }) {
    signal?.throwIfAborted()
    const { publicHost, phoneNumber, fallbackUrl } = this.#account
    const { sid } = await this.#rest.ask((client) =>
      client.calls.create({
        to: request.to,
        from: phoneNumber,
        url: documentAddressOf(publicHost, 'voice', request.callId),
        fallbackUrl: fallbackUrl ?? addressOf(publicHost, 'fallback', request.callId),
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
      await this.#rest.ask((client) => client.calls(callSid).update(update))
    } catch (error) {
      throw callOver(error) ?? error
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
