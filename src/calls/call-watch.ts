import type { Clock } from '../clock.ts'
import { SessionTimers } from '../pipeline/session-timers.ts'

/**
 * How long after its ring timeout a call may go without a word from the carrier. Generous, because calls are queued at the
 * carrier's rate of one a second; it only has to make sure that no call is kept for ever.
 */
const LOST_CALL_MS = 300_000
/** The carrier opens a stream within 100 ms of our answer, and has given up on it well before this. */
const STREAM_TIMEOUT_MS = 15_000
/** The report of why a stream could not be opened may come after the call has moved on from it. */
const STREAM_REPORT_MS = 2000
/** A key is shorter; a `w` is this long. */
const KEY_MS = 500
/** What became of a transfer is told next to the end of the call, in any order. */
const TRANSFER_REPORT_MS = 2000
/**
 * The carrier ends every call within four hours unless it is told otherwise, and ours within limits of their own, which are no
 * longer. Only a call of which the carrier forgets to tell the end is ever kept this long.
 */
const LONGEST_CALL_MS = 5 * 3_600_000
/** The conversation ends itself at its time limit, after saying so. */
const OVERTIME_MS = 60_000

/** What did not happen in time. */
export type Missed =
  | 'word_of_carrier' // how the call is, or how a talk with somebody else has ended
  | 'stream'
  | 'transfer_report' // the call is over, and what became of its transfer stays unknown
  | 'end' // the conversation did not keep its time limit

/**
 * Sees to it that what has to happen next to a call does happen: each of these names what is waited for, and replaces what it
 * makes pointless.
 */
export class CallWatch {
  readonly #clock: Clock
  readonly #maxDurationMs: number
  readonly #missed: (what: Missed) => void
  /** `next`: what the carrier has to do next. */
  readonly #timers: SessionTimers<'next' | 'end' | 'report'>
  #overtimeAt: number | undefined
  #isOver = false

  constructor(options: { clock: Clock; maxDurationMs: number; missed: (what: Missed) => void }) {
    this.#clock = options.clock
    this.#maxDurationMs = options.maxDurationMs
    this.#missed = options.missed
    this.#timers = new SessionTimers(options.clock)
  }

  /** The number is being dialled. */
  ringing(ringTimeoutS: number): void {
    this.#start('next', ringTimeoutS * 1000 + LOST_CALL_MS, 'word_of_carrier')
  }

  /** The carrier opens a stream, once it has pressed these keys. */
  streamDue(keys = ''): void {
    this.#start('next', STREAM_TIMEOUT_MS + keys.length * KEY_MS, 'stream')
  }

  /** The carrier has no stream, and may still say why. */
  streamGone(): void {
    this.#start('next', STREAM_REPORT_MS, 'stream')
  }

  lineAttached(): void {
    this.#timers.stop('next')
    if (this.#overtimeAt !== undefined) return
    this.#overtimeAt = this.#clock.now() + this.#maxDurationMs + OVERTIME_MS
    this.#watchTime(this.#overtimeAt)
  }

  /** The person is being handed over to somebody else: they talk for as long as the carrier lets them. */
  handedOver(): void {
    this.#timers.stop('end')
    this.#start('next', LONGEST_CALL_MS, 'word_of_carrier')
  }

  /** That came to nothing. Whatever it has cost, there is time to say so. */
  handedBack(): void {
    this.#timers.stop('next')
    this.#timers.stop('report')
    this.#watchTime(Math.max(this.#overtimeAt ?? 0, this.#clock.now() + OVERTIME_MS))
  }

  /** The call is over at the carrier, while the person was handed over. */
  transferReportDue(): void {
    this.#start('report', TRANSFER_REPORT_MS, 'transfer_report')
  }

  /** Nothing is waited for any more. */
  stop(): void {
    this.#isOver = true
    this.#timers.stopAll()
  }

  #watchTime(until: number): void {
    this.#start('end', until - this.#clock.now(), 'end')
  }

  #start(timer: 'next' | 'end' | 'report', ms: number, what: Missed): void {
    if (this.#isOver) return
    this.#timers.start(timer, ms, () => {
      this.#missed(what)
    })
  }
}
