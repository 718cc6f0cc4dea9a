import { type Clock, steadyDates } from '../clock.ts'
import type { Logger } from '../log.ts'
import { type CallStatus, isTerminal, laterStatus } from './call-status.ts'
import type { CallPast } from '../pipeline/call-past.ts'
import type { CallEvents, CallHappening } from './call-events.ts'
import type { CallStore } from './call-store.ts'
import type { Conversation } from './conversation.ts'
import type { CallRecord } from './record.ts'

/** How a call ended, for its record. */
export type CallEnd = Required<Pick<CallRecord, 'status' | 'endReason' | 'endedAt'>> &
  Pick<CallRecord, 'failure'>

/** The record of one live call: every change is stored, and nobody waits for that. */
export class KeptRecord {
  /** What date it is, for this call. */
  readonly date: () => Date
  readonly #store: CallStore
  readonly #events: CallEvents
  readonly #conversation: Pick<Conversation, 'turns' | 'timings' | 'facts'>
  #log: Logger
  #record: CallRecord

  constructor(options: {
    record: CallRecord
    conversation: Pick<Conversation, 'turns' | 'timings' | 'facts'>
    store: CallStore
    events: CallEvents
    clock: Pick<Clock, 'now' | 'date'>
    log: Logger
    /** An earlier process has begun with it; without a past it is told nobody: nothing has happened to the call. */
    resumed?: { readonly past?: CallPast; readonly lastSeq: number } | undefined
  }) {
    this.date = steadyDates(options.clock)
    this.#record = options.record
    this.#conversation = options.conversation
    this.#store = options.store
    this.#events = options.events
    this.#log = options.log
    const { record, resumed } = options
    if (record.callSid !== undefined) this.#log = this.#log.child({ callSid: record.callSid })
    if (resumed) {
      this.#events.takeUp(record.callId, resumed.lastSeq)
      this.#tellResumed(resumed.past)
      return
    }
    this.change({})
    this.#tell({ type: 'call.created', record })
  }

  /** What is known for sure; of the conversation only once it is over. */
  get stored(): CallRecord {
    return this.#record
  }

  /** With the conversation as far as it is. */
  get now(): CallRecord {
    if (isTerminal(this.#record.status)) return this.#record
    const { turns, timings, facts } = this.#conversation
    return { ...this.#record, ...facts, turns, timings }
  }

  /** A log whose lines say which call it is. */
  get log(): Logger {
    return this.#log
  }

  /** The carrier's id has become known. */
  bind(callSid: string): void {
    this.#log = this.#log.child({ callSid })
    this.change({ callSid })
  }

  reached(status: CallStatus): void {
    this.change({ status: laterStatus(this.#record.status, status) })
  }

  change(change: Partial<CallRecord>): void {
    const before = this.#record
    this.#record = { ...before, ...change }
    const { status, answeredAt } = this.#record
    if (answeredAt !== before.answeredAt) this.#tell({ type: 'call.answered' })
    if (status !== before.status && !isTerminal(status)) this.#tell({ type: 'call.status', status })
    this.#store.save(this.#record).catch((error: unknown) => {
      this.#log.error({ err: error }, 'record was not stored')
    })
  }

  #tellResumed(past: CallPast | undefined): void {
    const { direction } = this.#record
    if (past) this.#tell({ type: 'call.resumed', direction, elapsedMs: past.elapsedMs })
  }

  #tell(happening: CallHappening): void {
    this.#events.publish(this.#record.callId, happening)
  }

  /** Another process has taken the call over, and closes the record. */
  letGo(): void {
    this.#events.letGo(this.#record.callId)
    this.#log.warn('another process has taken the call over, it is let go')
  }

  /** Closes the record with what the conversation has left behind. */
  close(end: CallEnd): void {
    const { turns, timings, facts } = this.#conversation
    this.change({
      ...facts,
      ...end,
      turns: [...turns],
      timings: timings.map((times) => ({ ...times })),
    })
    const { status, endReason: reason, answeredBy, failure } = this.#record
    this.#tell({
      type: 'call.ended',
      status,
      endReason: end.endReason,
      ...(failure && { failure }),
    })
    const summary = { status, reason, turns: turns.length, answeredBy }
    if (failure) this.#log.warn({ ...summary, by: failure.by, code: failure.code }, 'call failed')
    else this.#log.info(summary, 'call ended')
  }
}
