import { CallError, type Provider } from '../errors.ts'
import type { Line, LineListener, TransferOutcome } from '../pipeline/ports.ts'
import type { SessionFailure } from '../pipeline/session-end.ts'
import type { Answer, AnsweredCall } from './answered-call.ts'
import { newCallId } from './call-id.ts'
import { callOff } from './call-off.ts'
import { planOf } from './call-settings.ts'
import type { CallStatus } from './call-status.ts'
import type { CallEvent, PassingEvent } from './call-events.ts'
import type { CallPage, CallQuery } from './call-store.ts'
import { CloudCalls } from './cloud/cloud-calls.ts'
import type { CloudCall } from './cloud/cloud-call.ts'
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
import { type CallRecord, type EndReason, newRecord, talkedS } from './record.ts'
import type { Orderer, PhoneCallsParts } from './phone-calls-parts.ts'
import { RegisteredCalls } from './registered-calls.ts'
import type { CallSpec } from './spec.ts'
import { vendorDown } from './circuits/vendor-down.ts'
import { StreamTokens } from './stream-tokens.ts'
import { VendorHealth, type VendorState } from './vendor-health.ts'

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
  #isDraining = false

  constructor(parts: PhoneCallsParts) {
    this.#parts = { ...parts, telephony: guardedTelephony(parts.telephony, parts.guard) }
    const { settings, clock } = parts
    this.#vendors = new VendorHealth(settings.vendors)
    this.doNotCall = parts.doNotCall
    this.#optOuts = new OptOuts(parts)
    const { cloud: backend } = parts
    const closed = (record: CallRecord) => this.#closed(record)
    this.cloud = backend && new CloudCalls({ ...parts, backend, closed })
    this.#orders = new OrderCheck({ ...parts, hasCloud: backend !== undefined })
    this.#lostDials = new LostDials(parts)
    this.#tokens = new StreamTokens({ clock, ttlMs: settings.streamTokenTtlS * 1000 })
    this.#registered = new RegisteredCalls({
      clock,
      ttlMs: settings.registeredCallTtlS * 1000,
      onExpired: (record) => {
        this.#callOff(record, 'expired')
      },
    })
  }

  get load(): { readonly active: number; readonly max: number; readonly draining: boolean } {
    const active = this.#live.size + (this.cloud?.size ?? 0)
    return { active, max: this.#parts.settings.maxCalls, draining: this.#isDraining }
  }

  /** How the vendors have done in the calls so far. */
  get vendors(): ReadonlyMap<Provider, VendorState> {
    return this.#vendors.states
  }

  /**
   * Rings a number, and prepares the conversation meanwhile.
   *
   * @throws {CallError} `invalid_request`, `at_capacity`, `draining`, `vendor_down`, `dial_refused`, `dial_failed`, or what the
   * guard says
   */
  async place(spec: CallSpec, orderer: Orderer = {}): Promise<CallRecord> {
    const permit = await this.#orders.permit(spec, { owner: orderer.owner, isRegistered: false })
    this.#takeRoom(permit)
    const record = this.#newRecord('outbound', 'queued', spec, orderer)
    this.#permits.set(record.callId, permit)
    // Whoever carries the call: everything that may forbid it has been asked by here.
    if (spec.backend === 'atoms' && this.cloud) return this.cloud.place(record)
    const call = this.#open(record)
    const { ringTimeoutS, detectMachine, carrierRecords } = this.#parts.settings
    const { maxDurationS } = planOf(call.record, this.#parts.settings)
    // Before dialling: the opening should be ready when the phone is answered.
    call.start()
    try {
      const request = {
        callId: call.callId,
        to: spec.phoneNumber,
        maxDurationS: maxDurationS + CARRIER_OVERTIME_S,
        ringTimeoutS,
        ...(detectMachine && { detectMachine }),
        ...(carrierRecords && spec.record && { record: true }),
      }
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
   * @throws {CallError} `invalid_request`, `at_capacity`, `draining`, `vendor_down`, or what the guard says
   */
  async register(
    spec: CallSpec,
    orderer: Orderer = {},
  ): Promise<{ record: CallRecord; expiresAt: Date }> {
    const permit = await this.#orders.permit(spec, { owner: orderer.owner, isRegistered: true })
    this.#takeRoom(permit)
    if (this.#registered.size >= MAX_REGISTERED) {
      permit.cancel()
      throw new CallError('too many registered calls', { code: 'at_capacity' })
    }
    const record = this.#newRecord('outbound', 'registered', spec, orderer)
    await this.#parts.store.save(record)
    return { record, expiresAt: this.#registered.add(record) }
  }

  /** Retries of the carrier get a token as well. */
  answered(request: AnsweredCall): Answer {
    const call = this.#live.find(request.callSid, request.callId) ?? this.#accept(request)
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
    return this.#live.find(callSid)?.streamEnded(status) ? this.#tokens.mint(callSid) : undefined
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
    const goesOn = this.#live.find(callSid)?.transferEnded(outcome, status)
    return goesOn ? this.#tokens.mint(callSid) : undefined
  }

  /** @throws {CallError} `call_not_found` or `call_not_live` */
  async hangUp(callId: string): Promise<CallRecord> {
    const registered = this.#registered.take(callId)
    if (registered) return this.#callOff(registered, 'requested')
    const live = this.#going(callId)
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
    return [...this.#registered.records, ...this.#live.records, ...(this.cloud?.records ?? [])]
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
    this.#isDraining = true
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

  /** Whether there is room, right before it is taken. A dial that finds none has not been one. */
  #takeRoom(permit: DialPermit): void {
    try {
      this.#admit()
    } catch (error) {
      permit.cancel()
      throw error
    }
  }

  #admit(): void {
    const refused = this.#refusal()
    if (!refused) return
    this.#parts.meters?.dialBlocked(refused.code)
    throw refused
  }

  #refusal(): CallError | undefined {
    if (this.#isDraining) return new CallError('the server is shutting down', { code: 'draining' })
    const outage = this.#parts.circuits?.outage
    if (outage) return vendorDown(outage)
    const { active, max } = this.load
    if (active < max) return undefined
    return new CallError(`${max} calls are going on already`, { code: 'at_capacity' })
  }

  /** A call that was not live yet: registered, or from a stranger. */
  #accept({ callId, callSid, from, direction }: AnsweredCall): LiveCall | 'busy' | 'unwanted' {
    const { active, max, draining } = this.load
    if (active >= max || draining) return 'busy'
    const record = callId === undefined ? this.#inboundRecord(from) : this.#registered.take(callId)
    if (!record || (callId === undefined && direction !== 'inbound')) return 'unwanted'
    const { owner, spec } = record
    const dial = { phoneNumber: spec.phoneNumber, owner }
    const { guard } = this.#parts
    if (callId !== undefined) this.#permits.set(record.callId, guard.limits.resume(dial))
    const call = this.#open({ ...record, direction, status: 'ringing' })
    call.bind(callSid)
    call.start()
    return call
  }

  #inboundRecord(from: string): CallRecord | undefined {
    const { inbound } = this.#parts.settings
    return inbound && this.#newRecord('inbound', 'ringing', { ...inbound, phoneNumber: from })
  }

  #newRecord(
    direction: CallRecord['direction'],
    status: CallStatus,
    spec: CallSpec,
    { owner, callId }: Orderer = {},
  ): CallRecord {
    const createdAt = this.#parts.clock.date()
    const { vendors } = this.#parts.settings
    return newRecord({
      callId: callId ?? newCallId(createdAt),
      direction,
      status,
      spec,
      createdAt,
      ...(owner !== undefined && { owner }),
      ...(vendors && { vendors }),
    })
  }

  #open(record: CallRecord): LiveCall {
    const { settings, createSession, telephony, store, events, clock } = this.#parts
    const log = this.#parts.log.child({ callId: record.callId })
    const plan = planOf(record, settings)
    const call = new LiveCall({
      record,
      converse: (control) => createSession(plan, log, control),
      telephony,
      tokens: this.#tokens,
      store,
      events,
      clock,
      log,
      language: plan.brief.language,
      maxDurationS: plan.maxDurationS,
      transferRingTimeoutS: settings.transferRingTimeoutS,
      tapLine: this.#parts.tapLine,
    })
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
