import type { Clock } from '../clock.ts'
import type { AnsweredBy } from '../pipeline/answering/answered-by.ts'
import type { SessionFailure } from '../pipeline/session-end.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { Turn } from '../pipeline/transcript.ts'
import type { CallStatus } from './call-status.ts'
import type { CallOutcome } from './outcome/outcome.ts'
import type { CallRecord, EndReason } from './record.ts'

/** Something that happened in a call. Times in it are milliseconds since the call was answered. */
export type CallHappening =
  /** The call exists: it is about to be dialled, or has come in. */
  | { readonly type: 'call.created'; readonly record: CallRecord }
  | { readonly type: 'call.status'; readonly status: CallStatus }
  | { readonly type: 'call.answered' }
  /** The process that has carried the call died, and another one goes on with it, so long after the answer. */
  | {
      readonly type: 'call.resumed'
      readonly direction: 'inbound' | 'outbound'
      readonly elapsedMs: number
    }
  /** Who or what has answered, as far as is known now; it may change. */
  | { readonly type: 'call.answered_by'; readonly answeredBy: AnsweredBy }
  /** The person does not want to be called again. */
  | { readonly type: 'call.opted_out' }
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
  /** What came out of the call; the last that happens in it. */
  | { readonly type: 'call.outcome'; readonly outcome: CallOutcome }

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
  /**
   * Rises with every event of this server, of all calls, also over restarts: microseconds since 1970, or one more than the
   * last. A whole number below 2^53.
   */
  readonly order: number
  readonly at: Date
}

export type PassingEvent = PassingHappening & {
  readonly callId: string
  readonly seq?: undefined
  readonly at: Date
}

/** What came out of a call is known within a minute or so; even a busy server ends fewer calls than this meanwhile. */
const MAX_ENDED = 1000

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
  /** … and of those that are over: what came out of them is told later. */
  readonly #ended = new Map<string, number>()
  readonly #letGoListeners: ((callId: string) => void)[] = []
  #order = 0

  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock
    this.#onError = onError
  }

  /** @returns a function that ends the subscription */
  subscribe(listener: CallEventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Number of the last event of a call that goes on, or that has just ended. */
  lastSeq(callId: string): number | undefined {
    return this.#last.get(callId) ?? this.#ended.get(callId)
  }

  /** @param after number of the last event on record, for a call that an earlier process has carried */
  publish(callId: string, happening: CallHappening, after = 0): void {
    const known = this.lastSeq(callId) ?? after
    const seq = known + 1
    const isLive = this.#last.has(callId) || known === 0
    const goesOn = isLive && happening.type !== 'call.ended'
    if (goesOn) this.#last.set(callId, seq)
    else this.#end(callId, seq)
    const at = this.#clock.date()
    this.#order = Math.max(this.#order + 1, at.getTime() * 1000)
    this.#tell({ ...happening, callId, seq, order: this.#order, at })
  }

  #end(callId: string, seq: number): void {
    this.#last.delete(callId)
    this.#ended.set(callId, seq)
    const [oldest] = this.#ended.keys()
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest)
  }

  /** A call that an earlier process has carried goes on here. `lastSeq`: number of its last event on record. */
  takeUp(callId: string, lastSeq: number): void {
    this.#last.set(callId, lastSeq)
  }

  /** Another process tells what happens in a call from now on. */
  letGo(callId: string): void {
    this.#last.delete(callId)
    for (const listener of this.#letGoListeners) listener(callId)
  }

  /** `listener` is told of every call that is let go; it must not throw. */
  whenLetGo(listener: (callId: string) => void): void {
    this.#letGoListeners.push(listener)
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
