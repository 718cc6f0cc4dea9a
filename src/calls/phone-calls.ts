import { CallError, type Provider } from '../errors.ts'
import type { Line, LineListener, TransferOutcome } from '../pipeline/ports.ts'
import type { SessionFailure } from '../pipeline/session-end.ts'
import { Admission, type ClosedReason } from './admission.ts'
import type { Answer, AnsweredCall, Refusal } from './answered-call.ts'
import { callOff } from './call-off.ts'
import { CallOpener, type Orderer } from './call-opener.ts'
import type { CallStatus } from './call-status.ts'
import type { CallEvent, PassingEvent } from './call-events.ts'
import type { CallPage, CallQuery, UnfinishedCall } from './call-store.ts'
import type { CloudCall } from './cloud/cloud-call.ts'
import { CloudCalls } from './cloud/cloud-calls.ts'
import { dialErrorOf } from './dial-error.ts'
import { mayRing } from './dialling.ts'
import type { DialPermit } from './dialling/dial-limits.ts'
import { guardedTelephony } from './dialling/guarded-telephony.ts'
import { OptOuts } from './dialling/opt-outs.ts'
import { OrderCheck } from './dialling/order-check.ts'
import type { DoNotCallList } from './do-not-call.ts'
import { LiveCall } from './live-call.ts'
import { LiveCalls } from './live-calls.ts'
import { LostDials } from './lost-dials.ts'
import type { PhoneCallsParts } from './phone-calls-parts.ts'
import { type CallRecord, type EndReason, talkedS } from './record.ts'
import type { BookedCall } from './recovery/carrier-book.ts'
import { isKnownElsewhere } from './recovery/open-elsewhere.ts'
import { InterruptedCalls } from './recovery/interrupted-calls.ts'
import { RegisteredCalls } from './registered-calls.ts'
import type { CallSpec } from './spec.ts'
import { StreamTokens } from './stream-tokens.ts'
import { VendorHealth, type VendorState } from './vendor-health.ts'

/** Specs are small, but whoever holds an API key must not fill the memory with them. */
const MAX_REGISTERED = 10_000

/** All calls of this process: places them, answers them, ends them, and knows what became of them. */
export class PhoneCalls {
  readonly doNotCall: DoNotCallList
  readonly #optOuts: OptOuts
  readonly #orders: OrderCheck
  /** What the calls that go on are counted by. */
  readonly #permits = new Map<string, DialPermit>()
  /** Calls that a service carries by itself. */
  readonly cloud: CloudCalls | undefined
  readonly #parts: PhoneCallsParts
  readonly #live = new LiveCalls()
  readonly #registered: RegisteredCalls
  readonly #tokens: StreamTokens
  readonly #lostDials: LostDials
  readonly #vendors: VendorHealth
  readonly #admission: Admission
  readonly #opener: CallOpener
  readonly #interrupted: InterruptedCalls

  constructor(parts: PhoneCallsParts) {
    this.#parts = { ...parts, telephony: guardedTelephony(parts.telephony, parts.guard) }
    const { settings, clock, cloud: backend } = parts
    this.#vendors = new VendorHealth(settings.vendors)
    this.doNotCall = parts.doNotCall
    this.#optOuts = new OptOuts(parts)
    const closed = (record: CallRecord) => this.#closed(record)
    this.cloud = backend && new CloudCalls({ ...parts, backend, closed })
    this.#lostDials = new LostDials(parts)
    this.#tokens = new StreamTokens({ clock, ttlMs: settings.streamTokenTtlS * 1000 })
    this.#opener = new CallOpener(this.#parts, this.#tokens)
    this.#interrupted = parts.interrupted ?? new InterruptedCalls()
    this.#admission = new Admission({
      maxCalls: settings.maxCalls,
      active: () => this.load.active,
      machine: parts.machine,
      outage: () => parts.circuits?.outage,
      onRefused: (code) => parts.meters?.dialBlocked(code),
    })
    const { guard, urlProblem } = parts
    const hasCloud = backend !== undefined
    this.#orders = new OrderCheck({ settings, hasCloud, urlProblem, guard, room: this.#admission })
    this.#registered = new RegisteredCalls({
      clock,
      ttlMs: settings.registeredCallTtlS * 1000,
      onExpired: (record) => void this.#callOff(record, 'expired'),
    })
  }

  get load(): { readonly active: number; readonly max: number; readonly draining: boolean } {
    const active = this.#live.size + (this.cloud?.size ?? 0)
    const { isDraining: draining } = this.#admission
    return { active, max: this.#parts.settings.maxCalls, draining }
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
   * @throws {CallError} `invalid_request`, `at_capacity`, `draining`, `vendor_down`, `overloaded`, `low_memory`, `dial_refused`,
   * `dial_failed`, or what the guard says
   * @throws {StoreError} when the call could not be put on record: nobody is rung then
   */
  async place(spec: CallSpec, orderer: Orderer = {}): Promise<CallRecord> {
    const permit = await this.#orders.permit(spec, { owner: orderer.owner, isRegistered: false })
    this.#orders.takeRoom(permit)
    const record = this.#opener.newRecord('outbound', 'queued', spec, orderer)
    this.#permits.set(record.callId, permit)
    // Whoever carries the call: everything that may forbid it has been asked by here.
    if (spec.backend === 'atoms' && this.cloud) return this.cloud.place(record)
    const call = this.#goLive(this.#opener.open(record))
    // Before dialling: the opening should be ready when the phone is answered.
    call.start()
    // Should this process die now, the next one must know that somebody may have been rung.
    await call.unless(this.#parts.written?.())
    try {
      const request = this.#opener.dialRequest(call.record)
      await call.dial(request, (callSid) => this.#live.find(callSid) !== undefined)
    } catch (error) {
      if (mayRing(error)) this.#lostDials.add(call.callId)
      throw dialErrorOf(error, call.callId)
    }
    return call.record
  }

  /**
   * Keeps the spec of a call that something else will dial.
   *
   * @throws {CallError} `invalid_request`, `at_capacity`, `draining`, `vendor_down`, `overloaded`, `low_memory`, or what the guard
   * says
   * @throws {StoreError}
   */
  async register(
    spec: CallSpec,
    orderer: Orderer = {},
  ): Promise<{ record: CallRecord; expiresAt: Date }> {
    const permit = await this.#orders.permit(spec, { owner: orderer.owner, isRegistered: true })
    this.#orders.takeRoom(permit)
    if (this.#registered.size >= MAX_REGISTERED) {
      permit.cancel()
      throw new CallError('too many registered calls', { code: 'at_capacity' })
    }
    const record = this.#opener.newRecord('outbound', 'registered', spec, orderer)
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

  /**
   * Whether a call goes on in another process, or will be taken over from there in a moment: the carrier is to ask again then, and
   * nothing is to be done with the call here.
   */
  async isElsewhere(call: Omit<AnsweredCall, 'from' | 'direction'>): Promise<boolean> {
    const { callSid, callId } = call
    const known = this.#live.find(callSid, callId) ?? this.#interrupted.find(callSid, callId)
    return !known && !this.#registered.has(callId ?? '') && isKnownElsewhere(call, this.#parts)
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
    const { callId, callSid, status, failure } = report
    this.#live.find(callSid, callId)?.reported(status, failure)
    this.#lostDials.reported(callId, callSid, status)
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
    const live = this.#going(callId) ?? this.#resume(this.#interrupted.take(callId))
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
    const record = this.#going(callId)?.record ?? (await this.#parts.store.get(callId))
    if (record) return record
    throw new CallError('no such call', { code: 'call_not_found', details: { call_id: callId } })
  }

  /** Those that go on as they are now; the others as they are on record. */
  async list(query: CallQuery): Promise<CallPage> {
    const page = await this.#parts.store.list(query)
    const records = page.records.map((record) => this.#going(record.callId)?.record ?? record)
    return { ...page, records }
  }

  /** The calls that are registered, or go on. */
  get open(): Iterable<CallRecord> {
    const going = [...this.#live.records, ...(this.cloud?.records ?? [])]
    return [...this.#registered.records, ...this.#interrupted.records, ...going]
  }

  /** Something happened in a call: the vendors that have done their part are known by it. */
  heed(event: CallEvent | PassingEvent): void {
    if (!this.cloud?.get(event.callId)) this.#vendors.heed(event)
    const call = event.type === 'call.opted_out' ? this.#live.get(event.callId) : undefined
    if (call) this.#optOuts.said(call.record)
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
  get live(): Iterable<LiveCall> {
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
    // Should the phone ring after all, nobody is there who would talk.
    if (record.callSid === undefined && record.status === 'failed')
      this.#lostDials.add(record.callId)
    await this.#optOuts.callOver(record)
  }

  /** Resolves when no call is left. */
  async idle(): Promise<void> {
    await this.#live.idle()
  }

  /** Ends every call and waits until all of them are over. Calls in the cloud go on there. */
  async endAll(): Promise<void> {
    this.drain()
    for (const record of this.#registered.takeAll()) this.#callOff(record, 'requested')
    this.#live.end()
    await this.idle()
    this.cloud?.release()
  }

  #going(callId: string): LiveCall | CloudCall | undefined {
    return this.#live.get(callId) ?? this.cloud?.get(callId)
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
    this.#count(interrupted.record)
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
    if (callId !== undefined) this.#count(record)
    const call = this.#goLive(this.#opener.open({ ...record, direction, status: 'ringing' }))
    call.bind(callSid)
    call.start()
    return call
  }

  /** A call of ours goes on that nobody has just asked for. */
  #count({ callId, direction, owner, spec: { phoneNumber } }: CallRecord): void {
    if (direction === 'inbound') return
    this.#permits.set(callId, this.#parts.guard.limits.resume({ phoneNumber, owner }))
  }

  #goLive(call: LiveCall): LiveCall {
    this.#live.add(call, async () => {
      if (call.callSid !== undefined) this.#tokens.revoke(call.callSid)
      await this.#closed(call.record)
    })
    return call
  }

  async #closed(record: CallRecord): Promise<void> {
    this.#permits.get(record.callId)?.over(talkedS(record))
    this.#permits.delete(record.callId)
    this.#vendors.note(record)
    await this.#optOuts.callOver(record)
  }

  #callOff(record: CallRecord, endReason: EndReason): CallRecord {
    return callOff(record, endReason, this.#parts)
  }
}
