import twilio from 'twilio'
import type { Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import { toProviderError } from './rest-error.ts'

/** The SDK's own 30 s is too long for someone who waits for an answer to `POST /call`. */
const REQUEST_TIMEOUT_MS = 10_000

export type TwilioAccount = {
  readonly accountSid: string
  readonly authToken: string
  /** The number that calls are made from. */
  readonly phoneNumber: string
  /** Host under which Twilio reaches this server. */
  readonly publicHost: string
  /** `https://api.twilio.com`, or what stands in for it. */
  readonly baseUrl: string
  /** Where Twilio finds what to do with a call while this server cannot be reached; without it this server is asked once more. */
  readonly fallbackUrl?: string | undefined
}

/** Twilio's REST API, by Twilio's own client. Errors are `ProviderError`s. */
export class TwilioRest {
  readonly #client: twilio.Twilio
  readonly #clock: Clock

  constructor(account: Pick<TwilioAccount, 'accountSid' | 'authToken' | 'baseUrl'>, clock: Clock) {
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

  /** Nobody waits longer than the timeout, on whatever clock time passes; what comes of the request then is not heard of. */
  async ask<Answer>(request: (client: twilio.Twilio) => Promise<Answer>): Promise<Answer> {
    const late = Promise.withResolvers<never>()
    const cancel = this.#clock.after(REQUEST_TIMEOUT_MS, () => {
      const message = `no answer within ${REQUEST_TIMEOUT_MS} ms`
      late.reject(new ProviderError(message, { provider: 'twilio', code: 'timeout' }))
    })
    try {
      return await Promise.race([request(this.#client), late.promise])
    } catch (error) {
      throw error instanceof ProviderError ? error : toProviderError(error)
    } finally {
      cancel()
    }
  }
}
