import type { Clock } from '../clock.ts'
import type { AnsweredBy } from '../pipeline/answering/answered-by.ts'
import type { SessionFailure } from '../pipeline/session-end.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { Turn } from '../pipeline/transcript.ts'
import type { CallStatus } from './call-status.ts'
import type { CallRecord, EndReason } from './record.ts'

/** Something that happened in a call. Times in it are milliseconds since the call was answered. */
export type CallHappening =
  /** The call exists: it is about to be dialled, or has come in. */
  | { readonly type: 'call.created'; readonly record: CallRecord }
  | { readonly type: 'call.status'; readonly status: CallStatus }
  | { readonly type: 'call.answered' }
  /** Who or what has answered, as far as is known now; it may change. */
  | { readonly type: 'call.answered_by'; readonly answeredBy: AnsweredBy }
  /** A turn is on record; a tool call twice, when it begins and with its result. */
  | { readonly type: 'turn'; readonly turn: Turn }
  /** The times of one turn of the agent, when it was heard or cut off. */
  | { readonly type: 'timings'; readonly timings: TurnTimings }
  /** The call is over, and the record closed. */
  | {
      readonly type: 'call.ended'
      readonly status: CallStatus
      readonly endReason: EndReason
      readonly failure?: SessionFailure
    }

/** What is shown while it happens, and not kept. */
export type PassingHappening =
  /** What the caller has said so far in their turn. */
  | { readonly type: 'caller.partial'; readonly text: string }
  /** What was heard so far of what the agent is saying. */
  | { readonly type: 'agent.heard'; readonly reply: number; readonly text: string }

export type CallEvent = CallHappening & {
  readonly callId: string
  /** 1, 2, 3, … within the call. */
  readonly seq: number
  readonly at: Date
}

export type PassingEvent = PassingHappening & {
  readonly callId: string
  readonly seq?: undefined
  readonly at: Date
}

export type CallEventListener = (event: CallEvent | PassingEvent) => void

/**
 * What happens in all calls of this process, for whoever keeps, shows, measures or delivers it. Listeners are called at once
 * and in order, in the middle of a live call: they must be quick, and must not throw (one that does is left out of nothing
 * but that event).
 */
export class CallEvents {
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #listeners = new Set<CallEventListener>()
  /** The number of the last event of each live call. */
  readonly #last = new Map<string, number>()

  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock
    this.#onError = onError
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: CallEventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  publish(callId: string, happening: CallHappening): void {
    const seq = (this.#last.get(callId) ?? 0) + 1
    if (happening.type === 'call.ended') this.#last.delete(callId)
    else this.#last.set(callId, seq)
    this.#tell({ ...happening, callId, seq, at: this.#clock.date() })
  }

  pass(callId: string, happening: PassingHappening): void {
    if (this.#listeners.size > 0) this.#tell({ ...happening, callId, at: this.#clock.date() })
  }

  #tell(event: CallEvent | PassingEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
