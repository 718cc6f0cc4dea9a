import type twilio from 'twilio'
import { CallStatus as WireStatus } from './messages.ts'
import { createTwilioClient, type TwilioAccount } from './rest.ts'
import { callOver, toProviderError } from './rest-error.ts'
import { STATUS } from './status.ts'
import * as twiml from './twiml.ts'

/** Calls with one number that are looked at; they come newest first. */
const MOST_CALLS = 20

/** A call as Twilio has it on its books. */
type BookedCall = {
  readonly callSid: string
  readonly status: (typeof STATUS)[WireStatus]
  readonly createdAt?: Date | undefined
  readonly endedAt?: Date | undefined
}

type Listed = {
  readonly sid: string
  readonly status: string
  readonly direction: string
  readonly dateCreated: Date
  readonly endTime: Date
}

/** What Twilio knows of calls, by its REST API (protocols/twilio.md §4.1 and §4.2). */
export class TwilioCallBook {
  readonly #account: TwilioAccount
  readonly #client: twilio.Twilio

  constructor(account: TwilioAccount) {
    this.#account = account
    this.#client = createTwilioClient(account)
  }

  /** Undefined: there is no such call. */
  async look(callSid: string): Promise<BookedCall | undefined> {
    try {
      return bookedCall(await this.#client.calls(callSid).fetch())
    } catch (error) {
      const failure = toProviderError(error)
      if (callOver(failure)) return undefined
      throw failure
    }
  }

  /** The latest calls from our number to that one, newest first. */
  async dialled(to: string): Promise<readonly BookedCall[]> {
    const { phoneNumber: from } = this.#account
    try {
      const calls = await this.#client.calls.list({ to, from, limit: MOST_CALLS })
      // A number that somebody was handed over to was dialled by the call before.
      return calls.filter(({ direction }) => direction === 'outbound-api').map(bookedCall)
    } catch (error) {
      throw toProviderError(error)
    }
  }

  /** Takes a call out of whatever it is doing, and connects it with us. Code `call_over` when it does not go on. */
  async reconnect(callSid: string, token: string): Promise<void> {
    const document = twiml.connectStream(this.#account.publicHost, token)
    try {
      await this.#client.calls(callSid).update({ twiml: document })
    } catch (error) {
      const failure = toProviderError(error)
      throw callOver(failure) ?? failure
    }
  }
}

function bookedCall({ sid, status, dateCreated, endTime }: Listed): BookedCall {
  const known = WireStatus.safeParse(status)
  // A word that is not known yet is none that ends a call.
  const as = known.success ? STATUS[known.data] : 'in_progress'
  return { callSid: sid, status: as, createdAt: valid(dateCreated), endedAt: valid(endTime) }
}

/** The client makes a date out of everything, also out of nothing. */
function valid(date: Date | null | undefined): Date | undefined {
  return date && !Number.isNaN(date.getTime()) ? date : undefined
}
