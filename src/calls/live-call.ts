import type { Cancel, Clock } from '../clock.ts'
import { ProviderError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { CallSession } from '../pipeline/call-session.ts'
import type { DialRequest, Line, LineListener, Telephony } from '../pipeline/ports.ts'
import { failureOf, type SessionEnd, type SessionFailure } from '../pipeline/session-end.ts'
import { stockPhrases } from '../pipeline/stock-phrases.ts'
import { type CallStatus, isTerminal, laterStatus } from './call-status.ts'
import type { CallStore } from './call-store.ts'
import type { CallRecord, EndReason } from './record.ts'

/** What a call needs of its conversation. */
export type Conversation = Pick<
  CallSession,
  'start' | 'answered' | 'attach' | 'end' | 'cleanup' | 'ended' | 'turns' | 'timings'
>

export type LiveCallParts = {
  readonly record: CallRecord
  readonly conversation: Conversation
  readonly telephony: Telephony
  readonly store: CallStore
  readonly clock: Clock
  readonly log: Logger
  readonly language: string
  readonly maxDurationS: number
}

/**
 * How long after its ring timeout a call may go without a word from the carrier. Generous, because calls are queued at the
 * carrier's rate of one a second; it only has to make sure that no call is kept for ever.
 */
const LOST_CALL_MS = 300_000
/** The carrier opens the stream within 100 ms of our answer, and has given up on it well before this. */
const STREAM_TIMEOUT_MS = 15_000
/** The report of why a stream could not be opened may come after the call has moved on from it. */
const STREAM_REPORT_MS = 2000
/** The conversation ends itself at its time limit, after saying so. */
const OVERTIME_MS = 60_000
/** Pauses before another attempt to end the carrier's side of a call. */
const HANG_UP_RETRIES_MS = [1000, 3000]

/**
 * A call from the moment it is placed or comes in until both of its sides are over: the conversation and the carrier's
 * connection. Whichever ends first ends the other. Keeps the record.
 */
export class LiveCall {
  readonly over: Promise<void>
  readonly #parts: LiveCallParts
  #record: CallRecord
  #log: Logger
  /** The latest that the carrier has reported, in the order of a call's life. */
  #carrier: CallStatus = 'queued'
  #dialled: Promise<unknown> = Promise.resolve()
  #isAttached = false
  #isEnding = false
  #failure: SessionFailure | undefined
  #stopWatching: Cancel = () => undefined

  constructor(parts: LiveCallParts) {
    this.#parts = parts
    this.#record = parts.record
    this.#log = parts.log
    this.over = this.#closeWhenEnded()
    this.#change({})
  }

  get callId(): string {
    return this.#record.callId
  }

  get callSid(): string | undefined {
    return this.#record.callSid
  }

  /** The record as of now. */
  get record(): CallRecord {
    if (isTerminal(this.#record.status)) return this.#record
    const { turns, timings } = this.#parts.conversation
    return { ...this.#record, turns, timings }
  }

  /** Begins to prepare the conversation. */
  start(): void {
    this.#parts.conversation.start()
  }

  /**
   * Rings the number. The opening is prepared meanwhile.
   *
   * @throws {ProviderError} when the carrier does not; the call is over by then, and on record as failed
   */
  async dial(request: DialRequest): Promise<string> {
    this.#watch(request.ringTimeoutS * 1000 + LOST_CALL_MS, () => {
      this.#log.warn('no word from the carrier, call given up')
      this.end('caller_hung_up')
    })
    const dialling = this.#parts.telephony.dial(request, {})
    this.#dialled = dialling.catch(() => undefined)
    try {
      const { callSid } = await dialling
      this.bind(callSid)
      return callSid
    } catch (error) {
      this.fail(failureOf(error))
      await this.over
      throw error
    }
  }

  /** The carrier's id of this call has become known. False: it is another one than was known before. */
  bind(callSid: string): boolean {
    if (this.#record.callSid === undefined) {
      this.#log = this.#log.child({ callSid })
      this.#change({ callSid })
    }
    return this.#record.callSid === callSid
  }

  /**
   * Somebody picked up; the carrier is about to open the stream. May be told more than once.
   *
   * @returns false when the call is over
   */
  answered(): boolean {
    if (this.#isEnding) return false
    if (this.#record.answeredAt) return true
    this.#change({ answeredAt: this.#parts.clock.date() })
    this.reported('in_progress')
    this.#parts.conversation.answered()
    this.#watchForStream(STREAM_TIMEOUT_MS)
    this.#log.info('call answered')
    return true
  }

  /** Undefined: the call is over, and the line would be nobody's. */
  attach(line: Line): LineListener | undefined {
    if (this.#isEnding) return undefined
    this.#isAttached = true
    this.#watch(this.#parts.maxDurationS * 1000 + OVERTIME_MS, () => {
      this.#log.error('conversation did not keep its time limit')
      this.end('requested')
    })
    return this.#parts.conversation.attach(line)
  }

  /** The carrier says how far the call is; such reports come in any order, and more than once. */
  reported(status: CallStatus, failure?: SessionFailure): void {
    this.#carrier = laterStatus(this.#carrier, status)
    if (failure) this.fail(failure)
    if (isTerminal(status)) this.end('caller_hung_up')
    else this.#change({ status: laterStatus(this.#record.status, status) })
  }

  /** The carrier is done with the stream, or says why there is none. */
  streamEnded(failure?: SessionFailure): void {
    // The end of an attached stream is noticed by its line.
    if (this.#isAttached) return
    if (failure) this.fail(failure)
    else this.#watchForStream(STREAM_REPORT_MS)
  }

  /** The first one to blame is the one on record. */
  fail(failure: SessionFailure): void {
    this.#failure ??= failure
    this.end('caller_hung_up')
  }

  end(reason: 'requested' | 'caller_hung_up'): void {
    this.#parts.conversation.end(reason)
  }

  #watchForStream(ms: number): void {
    this.#watch(ms, () => {
      this.fail({
        by: 'parley',
        code: 'no_stream',
        message: 'the carrier could not open the media stream',
      })
    })
  }

  #watch(ms: number, missed: () => void): void {
    this.#stopWatching()
    this.#stopWatching = this.#parts.clock.after(ms, missed)
  }

  async #closeWhenEnded(): Promise<void> {
    const { conversation, clock } = this.#parts
    const end = await conversation.ended
    const endedAt = clock.date()
    this.#isEnding = true
    // While the carrier is being asked to dial there is nothing to hang up yet.
    await this.#dialled
    this.#stopWatching()
    await this.#endCarrierSide(end)
    try {
      await conversation.cleanup()
    } catch (error) {
      this.#log.error({ err: error }, 'cleanup of a call failed')
    }
    this.#finish(end, endedAt)
  }

  #finish(end: SessionEnd, endedAt: Date): void {
    const failure = this.#failure ?? end.failure
    const { turns, timings } = this.#parts.conversation
    this.#change({
      status: failure ? 'failed' : this.#finalStatus(end),
      endReason: failure ? 'failed' : this.#endReason(end),
      endedAt,
      turns: [...turns],
      timings: timings.map((times) => ({ ...times })),
      ...(failure && { failure }),
    })
    const { status, endReason } = this.#record
    const summary = { status, reason: endReason, turns: turns.length }
    if (failure) this.#log.warn({ ...summary, by: failure.by, code: failure.code }, 'call failed')
    else this.#log.info(summary, 'call ended')
  }

  get #wasAnswered(): boolean {
    return (
      this.#record.answeredAt !== undefined ||
      this.#carrier === 'in_progress' ||
      this.#carrier === 'completed'
    )
  }

  #finalStatus(end: SessionEnd): CallStatus {
    if (isTerminal(this.#carrier)) return this.#carrier
    if (this.#wasAnswered) return 'completed'
    return end.reason === 'requested' ? 'canceled' : 'no_answer'
  }

  #endReason(end: SessionEnd): EndReason {
    return this.#wasAnswered || end.reason === 'requested' ? end.reason : 'not_answered'
  }

  /** The caller must not be left on a line where nobody is any more. */
  async #endCarrierSide(end: SessionEnd): Promise<void> {
    const { callSid } = this.#record
    if (callSid === undefined || isTerminal(this.#carrier)) return
    const { telephony, language } = this.#parts
    if (end.unsaid && this.#isAttached) {
      try {
        await telephony.sayAndHangUp(callSid, stockPhrases(language).apology, language)
        return
      } catch (error) {
        this.#log.warn({ err: error }, 'last words were not said')
      }
    }
    await this.#hangUp(callSid)
  }

  async #hangUp(callSid: string): Promise<void> {
    for (const pauseMs of [...HANG_UP_RETRIES_MS, undefined]) {
      try {
        await this.#parts.telephony.hangUp(callSid)
        return
      } catch (error) {
        const isWorthwhile = error instanceof ProviderError && error.retryable
        if (pauseMs === undefined || !isWorthwhile) {
          // The stream is closed next, which ends the call as well; its time limit at the carrier is the last resort.
          this.#log.error({ err: error }, 'carrier did not hang up')
          return
        }
        await this.#parts.clock.sleep(pauseMs)
      }
    }
  }

  #change(change: Partial<CallRecord>): void {
    this.#record = { ...this.#record, ...change }
    this.#parts.store.save(this.#record).catch((error: unknown) => {
      this.#log.error({ err: error }, 'record was not stored')
    })
  }
}
