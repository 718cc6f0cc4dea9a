import type { Cancel, Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import type { CallEvents } from '../call-events.ts'
import { isTerminal } from '../call-status.ts'
import type { CallStore, UnfinishedCall } from '../call-store.ts'
import type { CloudCalls } from '../cloud/cloud-calls.ts'
import type { CallRecord } from '../record.ts'
import type { BookedCall, CarrierBook } from './carrier-book.ts'
import { type CarrierEnd, closeInterrupted } from './close-interrupted.ts'
import { CLOCK_SKEW_MS, findDialled } from './find-dialled.ts'
import type { InterruptedCalls } from './interrupted-calls.ts'

/** Pauses before what could not be settled is looked at again; the last one for ever. */
const PAUSES_MS = [1000, 2000, 5000, 15_000, 30_000]
/**
 * A call that the carrier may or may not have been asked for is on its books by then, or has told of itself: our request takes
 * 15 s at most.
 */
const INTENT_MS = 60_000
/** Calls with one number that are looked at to tell theirs from ours. */
const MOST_CALLS = 50

export type CallRecoveryParts = {
  readonly interrupted: InterruptedCalls
  readonly carrier: CarrierBook
  readonly calls: {
    /** Goes on with a call, and fetches its line. */
    resume(booked: BookedCall & { readonly callId: string }): Promise<void>
    /** A call that something else will dial is waited for again; false: its time is over. */
    expectAgain(record: CallRecord): boolean
    /** What is due when a call is over. */
    over(record: CallRecord): Promise<void>
    /** Follows calls that a service carries by itself. */
    readonly cloud: Pick<CloudCalls, 'resume'> | undefined
  }
  readonly store: Pick<CallStore, 'save' | 'list'>
  readonly events: Pick<CallEvents, 'publish'>
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Deals with the calls that an earlier process was killed in the middle of: the carrier is asked how each of them is. Whoever is
 * still on the line is talked to again; what is over is put on record. Nobody is ever dialled again. A webhook of the carrier may
 * be quicker; then the call is being dealt with already.
 */
export class CallRecovery {
  readonly #parts: CallRecoveryParts
  #pass: Promise<void> = Promise.resolve()
  #cancel: Cancel | undefined
  #isClosed = false

  constructor(parts: CallRecoveryParts) {
    this.#parts = parts
  }

  /**
   * Calls that were registered wait for whoever dials them, as before; those that a service carries go on there. To be done before
   * the server listens.
   */
  async restore(): Promise<void> {
    const { interrupted, calls } = this.#parts
    for (const call of interrupted.all) {
      const { callId, status, spec } = call.record
      const isCloud = spec.backend === 'atoms'
      if (!isCloud && status !== 'registered') continue
      interrupted.take(callId)
      if (status === 'registered') {
        if (!calls.expectAgain(call.record)) await this.#close(call, {})
      } else if (!calls.cloud?.resume(call)) {
        // Whether the service has begun with it is not known.
        await this.#close(call, { status: 'failed' })
      }
    }
  }

  /** From now on, until every one of them is settled. */
  start(): void {
    const { interrupted, log } = this.#parts
    const count = interrupted.all.length
    if (count === 0) return
    log.warn({ calls: count }, 'an earlier process has left calls open')
    this.#next(0)
  }

  /** Deals with the calls of another process as well, which is gone. */
  async takeUp(calls: readonly UnfinishedCall[]): Promise<void> {
    const { interrupted, log } = this.#parts
    log.warn({ calls: calls.length }, 'another process is gone and has left calls open')
    interrupted.add(calls)
    await this.restore()
    await this.#pass
    this.#cancel?.()
    if (!this.#isClosed) this.#next(0)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel?.()
    await this.#pass
  }

  #next(round: number): void {
    this.#pass = this.#settleAll().then(() => {
      if (this.#isClosed || this.#parts.interrupted.all.length === 0) return
      const pauseMs = PAUSES_MS[Math.min(round, PAUSES_MS.length - 1)] ?? 0
      this.#cancel = this.#parts.clock.after(pauseMs, () => {
        this.#next(round + 1)
      })
    })
  }

  async #settleAll(): Promise<void> {
    await Promise.all(this.#parts.interrupted.all.map((call) => this.#settle(call)))
  }

  async #settle(call: UnfinishedCall): Promise<void> {
    const { interrupted, calls, clock, log } = this.#parts
    const { callId, createdAt } = call.record
    try {
      const booked = await this.#booked(call.record)
      // Meanwhile the carrier may have told of it.
      if (!interrupted.has(callId)) return
      if (booked && !isTerminal(booked.status)) {
        await calls.resume({ ...booked, callId })
        return
      }
      const isUnknown = call.record.callSid === undefined && !booked
      if (isUnknown && clock.date().getTime() - createdAt.getTime() < INTENT_MS) return
      interrupted.take(callId)
      await this.#close(call, booked ?? {})
    } catch (error) {
      log.error({ err: error, callId }, 'interrupted call was not settled')
    }
  }

  async #close(call: UnfinishedCall, end: CarrierEnd): Promise<void> {
    const { calls, log } = this.#parts
    const closed = await closeInterrupted(call, end, this.#parts)
    const { callId, callSid, status, failure } = closed
    log.warn({ callId, callSid, status, code: failure?.code }, 'interrupted call was closed')
    await calls.over(closed)
  }

  async #booked(record: CallRecord): Promise<BookedCall | undefined> {
    const { carrier } = this.#parts
    return record.callSid === undefined ? this.#find(record) : carrier.look(record.callSid)
  }

  /** The process died between asking for a call and learning its id. */
  async #find({ callId, createdAt, spec }: CallRecord): Promise<BookedCall | undefined> {
    const { carrier, store } = this.#parts
    const { phoneNumber: to } = spec
    const from = new Date(createdAt.getTime() - CLOCK_SKEW_MS)
    const { records } = await store.list({ phoneNumber: to, from, limit: MOST_CALLS })
    const others = new Set(
      records.flatMap((each) => (each.callId === callId ? [] : [each.callSid])),
    )
    return findDialled({ to, askedAt: createdAt }, carrier, (callSid) => others.has(callSid))
  }
}
