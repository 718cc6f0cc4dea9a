import { CallError, type Provider } from '../errors.ts'
import type { Meters } from '../metrics/meters.ts'
import type { Line, LineListener, TransferOutcome } from '../pipeline/ports.ts'
import type { SessionFailure } from '../pipeline/session-end.ts'
import { Admission, type ClosedReason, type MachineReason } from './admission.ts'
import type { Answer, AnsweredCall, Refusal } from './answered-call.ts'
import { CallOpener, type CallOpenerParts } from './call-opener.ts'
import { planOf } from './call-settings.ts'
import type { CallStatus } from './call-status.ts'
import type { CallEvent, PassingEvent } from './call-events.ts'
import type { CallPage, CallQuery, UnfinishedCall } from './call-store.ts'
import { dialErrorOf } from './dial-error.ts'
import { type DoNotCallList, isPhoneNumber, MemoryDoNotCallList } from './do-not-call.ts'
import { LiveCall } from './live-call.ts'
import { LiveCalls } from './live-calls.ts'
import type { CallRecord, EndReason } from './record.ts'
import type { QuietCall } from './recovery/call-reaper.ts'
import type { BookedCall, CarrierBook } from './recovery/carrier-book.ts'
import { InterruptedCalls } from './recovery/interrupted-calls.ts'
import { RegisteredCalls } from './registered-calls.ts'
import type { CallSpec } from './spec.ts'
import { checkSpec } from './spec-check.ts'
import { StreamTokens } from './stream-tokens.ts'
import { VendorHealth, type VendorState } from './vendor-health.ts'

export type PhoneCallsParts = CallOpenerParts & {
  /** Without one, those who do not want to be called are remembered as long as the process lives. */
  readonly doNotCall?: DoNotCallList
  readonly meters?: Pick<Meters, 'dialBlocked'>
  /** What the machine says against one more call. */
  readonly machine?: () => readonly MachineReason[]
  /** Resolves when what has been stored so far cannot be lost any more; rejects with a `StoreError` when that takes too long. */
  readonly written?: () => Promise<void>
  /** What an earlier process was killed in the middle of. */
  readonly interrupted?: InterruptedCalls
  /** Without it, calls of an earlier process come back only by the carrier's webhooks. */
  readonly book?: Pick<CarrierBook, 'reconnect'>
}

export type { Answer, AnsweredCall } from './answered-call.ts'

/** Specs are small, but whoever holds an API key must not fill the memory with them. */
const MAX_REGISTERED = 10_000

/**
 * The carrier ends a call this long after the conversation should have, whatever has become of us: later than our own last
 * resort.
 */
const CARRIER_OVERTIME_S = 90

/** All calls of this process: places them, answers them, ends them, and knows what became of them. */
export class PhoneCalls {
  readonly doNotCall: DoNotCallList
  readonly #parts: PhoneCallsParts
  readonly #live = new LiveCalls()
  readonly #registered: RegisteredCalls
  readonly #tokens: StreamTokens
  readonly #vendors = new VendorHealth()
  readonly #admission: Admission
  readonly #opener: CallOpener
  readonly #interrupted: InterruptedCalls

  constructor(parts: PhoneCallsParts) {
    this.#parts = parts
    const { settings, clock } = parts
    this.doNotCall = parts.doNotCall ?? new MemoryDoNotCallList(clock)
    this.#tokens = new StreamTokens({ clock, ttlMs: settings.streamTokenTtlS * 1000 })
    this.#opener = new CallOpener(parts, this.#tokens)
    this.#interrupted = parts.interrupted ?? new InterruptedCalls()
    this.#admission = new Admission({
      maxCalls: settings.maxCalls,
      active: () => this.#live.size,
      machine: parts.machine,
      onRefused: (code) => parts.meters?.dialBlocked(code),
    })
    this.#registered = new RegisteredCalls({
      clock,
      ttlMs: settings.registeredCallTtlS * 1000,
      onExpired: (record) => {
        this.#callOff(record, 'expired')
      },
    })
  }

  get load(): { readonly active: number; readonly max: number; readonly draining: boolean } {
    return {
      active: this.#live.size,
      max: this.#parts.settings.maxCalls,
      draining: this.#admission.isDraining,
    }
  }

  /** Of calls whose spec does not say another; BCP 47. */
  get language(): string {
    return this.#parts.settings.language
  }

  /** Why no new calls are taken; empty: they are. */
  get closedFor(): readonly ClosedReason[] {
    return this.#admission.reasons
  }

  /** How the vendors have done in the calls so far. */
  get vendors(): ReadonlyMap<Provider, VendorState> {
    return this.#vendors.states
  }

  /**
   * Rings a number, and prepares the conversation meanwhile.
   *
   * @throws {CallError} `invalid_request`, `do_not_call`, `at_capacity`, `draining`, `dial_refused` or `dial_failed`
   */
  async place(spec: CallSpec): Promise<CallRecord> {
    await this.#check(spec)
    this.#admission.check()
    const record = this.#opener.newRecord('outbound', 'queued', spec)
    const call = this.#goLive(this.#opener.open(record))
    const { ringTimeoutS, detectMachine, carrierRecords } = this.#parts.settings
    const { maxDurationS } = planOf(call.record, this.#parts.settings)
    // Before dialling: the opening should be ready when the phone is answered.
    call.start()
    // Should this process die now, the next one must know that somebody may have been rung.
    await call.unless(this.#parts.written?.())
    try {
      await call.dial({
        callId: call.callId,
        to: spec.phoneNumber,
        maxDurationS: maxDurationS + CARRIER_OVERTIME_S,
        ringTimeoutS,
        ...(detectMachine && { detectMachine }),
        ...(carrierRecords && spec.record && { record: true }),
      })
    } catch (error) {
      throw dialErrorOf(error, call.callId)
    }
    return call.record
  }

  /**
   * Keeps the spec of a call that something else will dial.
   *
   * @throws {CallError} `invalid_request`, `do_not_call`, `at_capacity` or `draining`
   */
  async register(spec: CallSpec): Promise<{ record: CallRecord; expiresAt: Date }> {
    await this.#check(spec)
    this.#admission.check()
    if (this.#registered.size >= MAX_REGISTERED) {
      throw new CallError('too many registered calls', { code: 'at_capacity' })
    }
    const record = this.#opener.newRecord('outbound', 'registered', spec)
    await this.#parts.store.save(record)
    return { record, expiresAt: this.#registered.add(record) }
  }

  /** Retries of the carrier get a token as well. */
  answered(request: AnsweredCall): Answer {
    const { callSid, callId } = request
    const call = this.#find(callSid, callId) ?? this.#accept(request)
    if (!(call instanceof LiveCall)) return { refused: call }
    if (!call.answered()) return { refused: 'unwanted' }
    return { token: this.#tokens.mint(request.callSid) }
  }

  /** A stream claims to be of a call. Undefined: it is not, and must be closed. */
  attachStream(
    claim: { readonly callSid: string; readonly token: string },
    line: Line,
  ): LineListener | undefined {
    if (!this.#tokens.take(claim.token, claim.callSid)) return undefined
    return this.#live.find(claim.callSid)?.attach(line)
  }

  /** The carrier reports how far a call is; in any order, and more than once. */
  statusChanged(report: {
    readonly callId?: string
    readonly callSid: string
    readonly status: CallStatus
    readonly failure?: SessionFailure
  }): void {
    this.#live.find(report.callSid, report.callId)?.reported(report.status, report.failure)
  }

  /** What the carrier's machine detection says, in the carrier's own words. */
  carrierHeard(report: {
    readonly callId?: string
    readonly callSid: string
    readonly answeredBy: string
  }): void {
    this.#live.find(report.callSid, report.callId)?.carrierHeard(report.answeredBy)
  }

  /** Why the carrier has no stream for a call. */
  streamFailed(callSid: string, failure: SessionFailure): void {
    this.#live.find(callSid)?.streamFailed(failure)
  }

  /**
   * The carrier is done with a call's stream, and asks what comes next.
   *
   * @returns the token of another stream; undefined: the call is to end
   */
  streamEnded({ callSid, status }: { callSid: string; status: CallStatus }): string | undefined {
    return this.#find(callSid)?.streamEnded(status) ? this.#tokens.mint(callSid) : undefined
  }

  /**
   * The carrier says what became of a transfer, and asks what comes next.
   *
   * @returns the token of another stream; undefined: the call is to end
   */
  transferEnded(report: {
    readonly callSid: string
    readonly status: CallStatus
    readonly outcome: TransferOutcome
  }): string | undefined {
    const { callSid, status, outcome } = report
    const goesOn = this.#find(callSid)?.transferEnded(outcome, status)
    return goesOn ? this.#tokens.mint(callSid) : undefined
  }

  /** @throws {CallError} `call_not_found` or `call_not_live` */
  async hangUp(callId: string): Promise<CallRecord> {
    const registered = this.#registered.take(callId)
    if (registered) return this.#callOff(registered, 'requested')
    const live = this.#live.get(callId) ?? this.#resume(this.#interrupted.take(callId))
    if (live) {
      live.end('requested')
      return live.record
    }
    const { status } = await this.get(callId)
    throw new CallError(`the call is over: ${status}`, {
      code: 'call_not_live',
      details: { call_id: callId, status },
    })
  }

  /** @throws {CallError} `call_not_found` */
  async get(callId: string): Promise<CallRecord> {
    const record = this.#live.get(callId)?.record ?? (await this.#parts.store.get(callId))
    if (record) return record
    throw new CallError('no such call', { code: 'call_not_found', details: { call_id: callId } })
  }

  /** Those that go on as they are now; the others as they are on record. */
  async list(query: CallQuery): Promise<CallPage> {
    const page = await this.#parts.store.list(query)
    const records = page.records.map((record) => this.#live.get(record.callId)?.record ?? record)
    return { ...page, records }
  }

  /** The calls that are registered, or go on. */
  get open(): Iterable<CallRecord> {
    return [...this.#registered.records, ...this.#interrupted.records, ...this.#live.records]
  }

  /** Something happened in a call: the vendors that have done their part are known by it. */
  heed(event: CallEvent | PassingEvent): void {
    this.#vendors.heed(event)
  }

  /** A vendor failed in a request, whether or not a call went on. */
  vendorFailed(vendor: Provider, code: string): void {
    this.#vendors.failed(vendor, code, this.#parts.clock.date())
  }

  /** From now on no new call is taken; those that there are go on. */
  drain(): void {
    this.#admission.drain()
  }

  /** The server is about to stop: everybody who is on the line is told. */
  wrapUp(): void {
    this.#live.wrapUp()
  }

  /** The live calls, for whoever looks after them. */
  get live(): Iterable<QuietCall> {
    return this.#live.all
  }

  /** Goes on with a call that an earlier process has left, as its carrier says it is now. */
  async resume({
    callId,
    callSid,
    status,
  }: BookedCall & { readonly callId: string }): Promise<void> {
    const call = this.#resume(this.#interrupted.take(callId))
    if (!call) return
    call.bind(callSid)
    call.reported(status)
    const { book } = this.#parts
    if (status === 'in_progress' && book) await call.fetchLine(book)
  }

  /** A call that an earlier process has registered is waited for again. @returns false when its time is over */
  expectAgain(record: CallRecord): boolean {
    return this.#registered.addAgain(record)
  }

  /** What is due when a call is over that was not live here. */
  async over(record: CallRecord): Promise<void> {
    await this.#heed(record)
  }

  /** Resolves when no call is left. */
  async idle(): Promise<void> {
    await this.#live.idle()
  }

  /** Ends every call and waits until all of them are over. */
  async endAll(): Promise<void> {
    this.drain()
    for (const record of this.#registered.takeAll()) this.#callOff(record, 'requested')
    this.#live.end()
    await this.idle()
  }

  async #check(spec: CallSpec): Promise<void> {
    const { toolSecretNames, signsWebhooks } = this.#parts.settings
    checkSpec(spec, toolSecretNames, { signsWebhooks })
    if (!(await this.doNotCall.has(spec.phoneNumber))) return
    throw this.#blocked(
      new CallError('the person at this number does not want to be called', {
        code: 'do_not_call',
        details: { phone_number: spec.phoneNumber },
      }),
    )
  }

  #blocked(error: CallError): CallError {
    this.#parts.meters?.dialBlocked(error.code)
    return error
  }

  /** A call that is live, or that an earlier process was killed in the middle of. */
  #find(callSid: string, callId?: string): LiveCall | undefined {
    const live = this.#live.find(callSid, callId)
    if (live) return live
    const interrupted = this.#interrupted.find(callSid, callId)
    if (!interrupted) return undefined
    const call = this.#resume(this.#interrupted.take(interrupted.record.callId))
    call?.bind(callSid)
    return call
  }

  #resume(interrupted: UnfinishedCall | undefined): LiveCall | undefined {
    if (!interrupted) return undefined
    const call = this.#goLive(this.#opener.takeUp(interrupted))
    call.start()
    return call
  }

  /** A call that was not live yet: registered, or from a stranger. */
  #accept({ callId, callSid, from, direction }: AnsweredCall): LiveCall | Refusal {
    const [reason] = this.#admission.reasons.filter((each) => each !== 'store_unavailable')
    if (reason !== undefined) return reason === 'draining' ? 'closing' : 'busy'
    const record =
      callId === undefined ? this.#opener.inboundRecord(from) : this.#registered.take(callId)
    if (!record || (callId === undefined && direction !== 'inbound')) return 'unwanted'
    const call = this.#goLive(this.#opener.open({ ...record, direction, status: 'ringing' }))
    call.bind(callSid)
    call.start()
    return call
  }

  #goLive(call: LiveCall): LiveCall {
    this.#live.add(call, async () => {
      this.#vendors.note(call.record)
      if (call.callSid !== undefined) this.#tokens.revoke(call.callSid)
      await this.#heed(call.record)
    })
    return call
  }

  /** Whoever said so in a call is not called again. */
  async #heed({ callId, optedOut, spec: { phoneNumber } }: CallRecord): Promise<void> {
    if (!optedOut || !isPhoneNumber(phoneNumber)) return
    try {
      await this.doNotCall.add(phoneNumber, { callId })
    } catch (error) {
      this.#parts.log.error({ err: error, callId }, 'number was not put on the do-not-call list')
    }
  }

  #callOff(record: CallRecord, endReason: EndReason): CallRecord {
    const canceled: CallRecord = {
      ...record,
      status: 'canceled',
      endReason,
      endedAt: this.#parts.clock.date(),
    }
    const { callId, status } = canceled
    this.#parts.events.publish(callId, { type: 'call.ended', status, endReason })
    this.#parts.store.save(canceled).catch((error: unknown) => {
      this.#parts.log.error({ err: error, callId: record.callId }, 'record was not stored')
    })
    return canceled
  }
}
