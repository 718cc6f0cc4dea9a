import { ProviderError } from '../errors.ts'
import { openTransfer } from '../pipeline/call-past.ts'
import type {
  CallControl,
  DialRequest,
  Line,
  LineListener,
  TransferOutcome,
} from '../pipeline/ports.ts'
import { failureOf, type SessionEnd, type SessionFailure } from '../pipeline/session-end.ts'
import { Absence } from './absence.ts'
import { callEndOf, lastWordsOf } from './call-end.ts'
import { CallLines, NO_STREAM, STREAM_LOST } from './call-lines.ts'
import { type CallStatus, isTerminal } from './call-status.ts'
import { CallWatch, type Missed } from './call-watch.ts'
import { CarrierSide } from './carrier-side.ts'
import { dialOnce } from './dialling.ts'
import type { Conversation } from './conversation.ts'
import { KeptRecord } from './kept-record.ts'
import type { LiveCallParts } from './live-call-parts.ts'
import type { CallRecord } from './record.ts'
import type { CarrierBook } from './recovery/carrier-book.ts'

/**
 * A call from the moment it is placed or comes in until both of its sides are over: the conversation and the carrier's
 * connection. Whichever ends first ends the other, with one exception: a person who was handed over to somebody else may
 * talk with them for as long as the carrier lets them. Keeps the record.
 *
 * A line that goes away is not the end of the call: the conversation decides what it means.
 */
export class LiveCall implements CallControl {
  readonly over: Promise<void>
  readonly #parts: LiveCallParts
  readonly #conversation: Conversation
  readonly #carrier: CarrierSide
  readonly #lines: CallLines
  readonly #watch: CallWatch
  readonly #kept: KeptRecord
  #dialled: Promise<unknown> = Promise.resolve()
  /** Nobody has listened yet, because there was nobody to listen to. */
  #isDeaf = false
  readonly #absence = new Absence()
  #isEnding = false
  #isLetGo = false
  #failure: SessionFailure | undefined

  constructor(parts: LiveCallParts) {
    this.#parts = parts
    const hadOne = parts.resumed !== undefined && parts.record.answeredAt !== undefined
    this.#lines = new CallLines(parts.clock, { hadOne })
    this.#carrier = new CarrierSide(parts)
    this.#watch = new CallWatch({
      clock: parts.clock,
      maxDurationMs: parts.maxDurationS * 1000,
      missed: (what) => {
        this.#missed(what)
      },
    })
    this.#conversation = parts.converse(this)
    this.#kept = new KeptRecord({ ...parts, conversation: this.#conversation })
    this.over = this.#closeWhenEnded()
  }

  get callId(): string {
    return this.#kept.stored.callId
  }

  get callSid(): string | undefined {
    return this.#kept.stored.callSid
  }

  /** The record as of now. */
  get record(): CallRecord {
    return this.#kept.now
  }

  /** How long the carrier has not been heard of; undefined while there is a line. */
  get quietMs(): number | undefined {
    return this.#lines.quietMs
  }

  /** Begins to prepare the conversation. */
  start(): void {
    this.#conversation.start()
    const { resumed } = this.#parts
    if (resumed) this.#takeUp(resumed)
  }

  /** The carrier's webhook, or its answer to us, brings the line back. */
  #takeUp({ past, ringTimeoutS }: NonNullable<LiveCallParts['resumed']>): void {
    this.#kept.log.warn({ turns: past.turns.length }, 'call goes on after a restart')
    if (!this.#kept.stored.answeredAt) {
      this.#watch.ringing(ringTimeoutS)
      return
    }
    this.#carrier.reported('in_progress')
    if (openTransfer(past)) {
      this.#handOver()
      this.#isDeaf = true
      return
    }
    this.#conversation.answered()
    this.#watch.streamDue()
  }

  /**
   * Connects the call with us again, whatever the carrier is doing with it: nothing when a line has come by itself, or the
   * person talks with somebody else. Never throws: a call that cannot be reached ends for want of a line.
   */
  async fetchLine(carrier: Pick<CarrierBook, 'reconnect'>): Promise<void> {
    const { callSid } = this
    if (callSid === undefined || this.#absence.isTransfer || !this.answered()) return
    try {
      if (!this.#lines.isOpen) await carrier.reconnect(callSid, this.#parts.tokens.mint(callSid))
    } catch (error) {
      this.#kept.log.warn({ err: error }, 'line was not fetched')
      if (error instanceof ProviderError && error.code === 'call_over') this.reported('completed')
    }
  }

  /** The server is about to stop: the person is told. */
  wrapUp(): void {
    this.#conversation.wrapUp()
  }

  /**
   * Rings the number. The opening is prepared meanwhile.
   *
   * @param isOther whether a call of the carrier is another one of ours
   * @throws {ProviderError} when the carrier does not; the call is over by then, and on record as failed
   */
  async dial(request: DialRequest, isOther: (callSid: string) => boolean): Promise<string> {
    this.#watch.ringing(request.ringTimeoutS)
    const reported = () => this.callSid
    const { log } = this.#kept
    const dialling = dialOnce(request, { ...this.#parts, log, reported, isOther })
    this.#dialled = dialling.catch(() => undefined)
    try {
      const callSid = await dialling
      this.bind(callSid)
      return callSid
    } catch (error) {
      this.fail(failureOf(error))
      await this.over
      throw error
    }
  }

  /** Waits for what has to be done before anybody is rung; when it fails, the call is over, and nobody is. */
  async unless(done: Promise<void> | undefined): Promise<void> {
    try {
      await done
    } catch (error) {
      this.fail(failureOf(error))
      await this.over
      throw error
    }
  }

  /** The carrier's id of this call has become known. False: it is another one than was known before. */
  bind(callSid: string): boolean {
    if (this.callSid === undefined) this.#kept.bind(callSid)
    return this.callSid === callSid
  }

  /**
   * Somebody picked up; the carrier is about to open the stream. May be told more than once.
   *
   * @returns false when the call is over
   */
  answered(): boolean {
    if (this.#isEnding) return false
    if (this.#kept.stored.answeredAt) return true
    this.#kept.change({ answeredAt: this.#kept.date() })
    this.reported('in_progress')
    this.#conversation.answered()
    this.#watch.streamDue()
    this.#kept.log.info('call answered')
    return true
  }

  /** Undefined: the call is over, or the person talks with somebody else; the line would be nobody's. */
  attach(line: Line): LineListener | undefined {
    if (this.#isEnding || this.#absence.isTransfer) return undefined
    this.#absence.over()
    this.#watch.lineAttached()
    const tapped = this.#parts.tapLine?.(this.callId, line) ?? line
    return this.#lines.attached(() => this.#conversation.attach(tapped))
  }

  async pressKeys(keys: string): Promise<void> {
    const { telephony, tokens } = this.#parts
    const callSid = this.#connected()
    const lines = this.#lines.count
    const press = () => telephony.pressKeys(callSid, keys, tokens.mint(callSid))
    await this.#absence.leave('keys', press)
    // The keys may have been pressed, and the new line attached, before the carrier's answer was here.
    if (this.#lines.count === lines) this.#watch.streamDue(keys)
  }

  /** From now on nothing of ours ends the call by itself, until the person is back. */
  async transfer(to: string): Promise<void> {
    const { telephony, tokens, transferRingTimeoutS: ringTimeoutS } = this.#parts
    const callSid = this.#connected()
    tokens.revoke(callSid)
    this.#handOver()
    try {
      await this.#absence.leave('transfer', () => telephony.transfer(callSid, { to, ringTimeoutS }))
    } catch (error) {
      this.#handedBack()
      throw error
    }
  }

  /** The carrier says how far the call is; such reports come in any order, and more than once. */
  reported(status: CallStatus, failure?: SessionFailure): void {
    this.#lines.heard()
    this.#carrier.reported(status)
    if (failure) this.fail(failure)
    if (!isTerminal(status)) this.#kept.reached(status)
    else if (this.#absence.isTransfer) this.#watch.transferReportDue()
    else this.end('caller_hung_up')
  }

  /** What the carrier's machine detection says. */
  carrierHeard(answeredBy: string): void {
    if (!this.#isEnding) this.#conversation.carrierHeard(answeredBy)
  }

  /** Why the carrier has no stream. */
  streamFailed(failure: SessionFailure): void {
    if (this.#lines.count === 0) this.fail(failure)
    else this.#lines.failure = failure
  }

  /**
   * The carrier is done with a stream, and asks what to do with the call.
   *
   * @returns whether it is to open another one
   */
  streamEnded(status: CallStatus): boolean {
    this.reported(status)
    if (isTerminal(status) || this.#isEnding) return false
    if (this.#lines.count === 0) {
      this.#watch.streamGone()
      return false
    }
    const lostStreams = this.#lines.lost()
    this.#kept.log.warn({ lostStreams, away: this.#absence.cause }, 'media stream lost')
    if (lostStreams === undefined) {
      this.fail(this.#lines.failure ?? STREAM_LOST)
      return false
    }
    // The conversation knows that it has no line; and what was asked of the carrier since takes the place of our answer.
    this.#lines.gone()
    if (this.#absence.cause) return true
    this.#conversation.lineLost()
    return this.#wantsLine()
  }

  /**
   * The carrier says what became of a transfer, and asks what to do with the call. A person who has hung up is not told that
   * nobody could be reached.
   *
   * @returns whether it is to open another stream
   */
  transferEnded(outcome: TransferOutcome, status: CallStatus): boolean {
    this.#lines.heard()
    this.#carrier.reported(status)
    if (this.#absence.isTransfer) {
      this.#absence.over()
      this.#kept.log.info({ outcome }, 'transfer ended')
      if (outcome === 'completed') {
        this.#absence.endTalk('over')
        this.#conversation.transferEnded(outcome)
      } else {
        this.#handedBack()
        // Its ears were not opened while somebody else was talked with.
        if (this.#isDeaf) this.#conversation.answered()
        this.#isDeaf = false
        if (!this.#carrier.isOver) this.#conversation.transferEnded(outcome)
      }
    }
    return this.#wantsLine()
  }

  /** The first one to blame is the one on record. */
  fail(failure: SessionFailure): void {
    this.#failure ??= failure
    this.end('caller_hung_up')
  }

  end(reason: 'requested' | 'caller_hung_up'): void {
    this.#absence.endTalk(reason === 'requested' ? 'cut_off' : 'over')
    this.#conversation.end(reason)
  }

  /** Another process has taken the call over: nothing more is done with it here, and nothing told of it. */
  letGo(): void {
    this.#isLetGo = true
    this.end('caller_hung_up')
  }

  /** @throws {ProviderError} `call_over` */
  #connected(): string {
    if (this.callSid !== undefined && !this.#isEnding) return this.callSid
    throw new ProviderError('the call is over', { provider: 'twilio', code: 'call_over' })
  }

  #handOver(): void {
    this.#absence.handOver()
    this.#watch.handedOver()
  }

  #handedBack(): void {
    this.#absence.handedBack()
    this.#watch.handedBack()
    // The end of the call was not taken for its end as long as it might have been that of a talk with somebody else.
    if (this.#carrier.isOver) this.end('caller_hung_up')
  }

  #wantsLine(): boolean {
    if (this.#isEnding || !this.#conversation.expectsLine) return false
    this.#watch.streamDue()
    return true
  }

  #missed(what: Missed): void {
    switch (what) {
      case 'word_of_carrier':
        this.#kept.log.warn('no word from the carrier, call given up')
        this.end('caller_hung_up')
        return
      case 'stream':
        this.fail(this.#lines.failure ?? NO_STREAM)
        return
      case 'transfer_report':
        this.end('caller_hung_up')
        return
      case 'end':
        this.#kept.log.error('conversation did not keep its time limit')
        this.end('requested')
        return
      default:
        what satisfies never
    }
  }

  async #closeWhenEnded(): Promise<void> {
    const end = await this.#conversation.ended
    let endedAt = this.#kept.date()
    this.#isEnding = true
    // While the carrier is being asked to dial there is nothing to hang up yet.
    await this.#dialled
    let isCarrierDone = false
    if (end.reason === 'transferred' && this.#absence.talk) {
      await this.#cleanUp()
      isCarrierDone = (await this.#absence.talk) === 'over'
      endedAt = this.#kept.date()
    }
    this.#watch.stop()
    // Whoever has it now must not find the person gone.
    const isOurs = !this.#isLetGo && (await this.#parts.isOurs?.(this.callId)) !== false
    if (isOurs && !isCarrierDone) await this.#endCarrierSide(end)
    await this.#cleanUp()
    if (!isOurs) {
      this.#kept.letGo()
      return
    }
    const carrier = this.#carrier
    const wasAnswered = this.#kept.stored.answeredAt !== undefined || carrier.wasAnswered
    this.#kept.close(callEndOf({ end, failure: this.#failure, carrier, wasAnswered, endedAt }))
  }

  async #endCarrierSide(end: SessionEnd): Promise<void> {
    if (this.callSid === undefined) return
    const lastWords = this.#lines.count > 0 ? lastWordsOf(end, this.#parts.language) : undefined
    await this.#carrier.end(this.callSid, lastWords, this.#kept.log)
  }

  /** May be done twice. */
  async #cleanUp(): Promise<void> {
    try {
      await this.#conversation.cleanup()
    } catch (error) {
      this.#kept.log.error({ err: error }, 'cleanup of a call failed')
    }
  }
}
