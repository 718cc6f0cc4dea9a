import type { Clock } from '../../clock.ts'
import { CallStatus as WireStatus } from './messages.ts'
import { type TwilioAccount, TwilioRest } from './rest-client.ts'
import { callOver } from './rest-error.ts'
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
  readonly #rest: TwilioRest

  constructor(account: TwilioAccount, clock: Clock) {
    this.#account = account
    this.#rest = new TwilioRest(account, clock)
  }

  /** Undefined: there is no such call. */
  async look(callSid: string): Promise<BookedCall | undefined> {
    try {
      return bookedCall(await this.#rest.ask((client) => client.calls(callSid).fetch()))
    } catch (error) {
      if (callOver(error)) return undefined
      throw error
    }
  }

  /** The latest calls from our number to that one, newest first. */
  async dialled(to: string): Promise<readonly BookedCall[]> {
    const { phoneNumber: from } = this.#account
    const calls = await this.#rest.ask((client) =>
      client.calls.list({ to, from, limit: MOST_CALLS }),
    )
    // A number that somebody was handed over to was dialled by the call before.
    return calls.filter(({ direction }) => direction === 'outbound-api').map(bookedCall)
  }

  /** Takes a call out of whatever it is doing, and connects it with us. Code `call_over` when it does not go on. */
  async reconnect(callSid: string, token: string): Promise<void> {
    const document = twiml.connectStream(this.#account.publicHost, token)
    try {
      await this.#rest.ask((client) => client.calls(callSid).update({ twiml: document }))
    } catch (error) {
      throw callOver(error) ?? error
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
