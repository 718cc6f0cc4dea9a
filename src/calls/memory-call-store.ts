import { type Clock, systemClock } from '../clock.ts'
import { MemoryAuditTrail } from './audit.ts'
import type { CallEvent } from './call-events.ts'
import { isTerminal } from './call-status.ts'
import type {
  CallFilter,
  CallPage,
  CallQuery,
  CallStore,
  EventQuery,
  KeptCall,
  NumberExport,
  RetentionDays,
  Swept,
  UnfinishedCall,
} from './call-store.ts'
import { MemoryDoNotCallList } from './do-not-call.ts'
import { MemoryIdempotentRequests } from './idempotency.ts'
import { MemoryDeliveries } from './memory-deliveries.ts'
import { MemoryEvents } from './memory-events.ts'
import type { CallOutcome } from './outcome/outcome.ts'
import type { PendingOutcome } from './outcome/outcome-jobs.ts'
import type { CallRecord } from './record.ts'
import { daysBefore, overAt, withoutTranscript } from './retention.ts'
import { withEvents } from './told-record.ts'
import type { Delivery } from './webhooks/delivery.ts'

/** Everything in memory. Beyond `maxRecords` the oldest calls that are over are forgotten; live ones never are. */
export class MemoryCallStore implements CallStore {
  readonly doNotCall: MemoryDoNotCallList
  readonly audit = new MemoryAuditTrail()
  readonly requests = new MemoryIdempotentRequests()
  readonly #maxRecords: number
  /** In the order of creation, because a record that is replaced keeps its place. */
  readonly #records = new Map<string, CallRecord>()
  readonly #events = new MemoryEvents()
  readonly #outcomes = new Map<string, CallOutcome>()
  readonly #deliveries = new MemoryDeliveries()
  /** Calls whose transcript is forgotten. */
  readonly #withoutTranscript = new Set<string>()

  constructor({
    maxRecords = 10_000,
    clock = systemClock,
  }: { maxRecords?: number; clock?: Clock } = {}) {
    this.#maxRecords = maxRecords
    this.doNotCall = new MemoryDoNotCallList(clock)
  }

  save(record: CallRecord): Promise<void> {
    this.#records.set(record.callId, record)
    if (this.#records.size > this.#maxRecords) this.#forgetOldest()
    return Promise.resolve()
  }

  get(callId: string): Promise<CallRecord | undefined> {
    const record = this.#records.get(callId)
    return Promise.resolve(record && withEvents(record, this.#events.of(callId)))
  }

  list({ limit, before, ...filter }: CallQuery): Promise<CallPage> {
    const newestFirst = Array.from(this.#records.values()).reverse()
    const fitting = this.#olderThan(before, newestFirst).filter((record) => fits(record, filter))
    const records = fitting.slice(0, limit)
    const last = records.at(-1)
    const hasMore = last && fitting.length > limit
    return Promise.resolve(hasMore ? { records, nextBefore: last.callId } : { records })
  }

  #olderThan(before: string | undefined, newestFirst: CallRecord[]): CallRecord[] {
    if (before === undefined) return newestFirst
    const at = newestFirst.findIndex(({ callId }) => callId === before)
    // Ids sort by age: that tells what is older than a call that is forgotten.
    return at === -1
      ? newestFirst.filter(({ callId }) => callId < before)
      : newestFirst.slice(at + 1)
  }

  appendEvent(event: CallEvent): Promise<void> {
    if (this.#records.has(event.callId)) this.#events.add(event)
    return Promise.resolve()
  }

  events(callId: string, { after = 0, limit }: Partial<EventQuery> = {}) {
    const events = this.#events.of(callId).filter(({ seq }) => seq > after)
    return Promise.resolve(events.slice(0, limit))
  }

  allEvents({ after, limit }: EventQuery): Promise<readonly CallEvent[]> {
    return Promise.resolve(this.#events.all(after).slice(0, limit))
  }

  pendingOutcomes({ endedAfter, limit }: { endedAfter: Date; limit: number }) {
    const pending: { at: number; job: PendingOutcome }[] = []
    for (const record of this.#records.values()) {
      const at = overAt(record)
      if (!at || at <= endedAfter || this.#outcomes.has(record.callId)) continue
      if (this.#withoutTranscript.has(record.callId)) continue
      const lastSeq = this.#events.of(record.callId).at(-1)?.seq ?? 0
      pending.push({ at: at.getTime(), job: { record, lastSeq } })
    }
    pending.sort((a, b) => a.at - b.at)
    return Promise.resolve(pending.slice(0, limit).map(({ job }) => job))
  }

  saveOutcome(callId: string, outcome: CallOutcome): Promise<void> {
    if (this.#records.has(callId)) this.#outcomes.set(callId, outcome)
    return Promise.resolve()
  }

  outcome(callId: string): Promise<CallOutcome | undefined> {
    return Promise.resolve(this.#outcomes.get(callId))
  }

  addDelivery(delivery: Delivery): Promise<void> {
    if (this.#records.has(delivery.callId)) this.#deliveries.add(delivery)
    return Promise.resolve()
  }

  delivery(id: string): Promise<Delivery | undefined> {
    return Promise.resolve(this.#deliveries.get(id))
  }

  deliveriesOf(callId: string): Promise<readonly Delivery[]> {
    return Promise.resolve(this.#deliveries.of(callId))
  }

  claimDueDeliveries(query: { now: Date; leaseUntil: Date; limit: number }) {
    return Promise.resolve(this.#deliveries.claimDue(query))
  }

  updateDelivery(delivery: Delivery): Promise<void> {
    this.#deliveries.update(delivery)
    return Promise.resolve()
  }

  nextDeliveryDue(): Promise<Date | undefined> {
    return Promise.resolve(this.#deliveries.nextDue())
  }

  unfinished({ createdBefore, limit }: { createdBefore: Date; limit: number }) {
    const open = Array.from(this.#records.values()).filter(
      ({ status, createdAt }) => !isTerminal(status) && createdAt < createdBefore,
    )
    return Promise.resolve(open.slice(0, limit).map((record) => this.#unfinished(record)))
  }

  #unfinished(record: CallRecord): UnfinishedCall {
    const events = this.#events.of(record.callId)
    const last = events.at(-1)
    return {
      record: withEvents(record, events),
      ...(last && { lastEvent: { seq: last.seq, at: last.at } }),
    }
  }

  erase(callId: string): Promise<boolean> {
    const wasThere = this.#records.has(callId)
    this.#forget(callId)
    return Promise.resolve(wasThere)
  }

  eraseNumber(phoneNumber: string): Promise<readonly string[]> {
    const over = this.#callsWith(phoneNumber).filter(({ status }) => isTerminal(status))
    const ids = over.map(({ callId }) => callId)
    for (const callId of ids) this.#forget(callId)
    this.audit.forgetNumber(phoneNumber)
    return Promise.resolve(ids)
  }

  exportNumber(phoneNumber: string): Promise<NumberExport> {
    const { entries } = this.doNotCall.list({ limit: Number.MAX_SAFE_INTEGER })
    const doNotCall = entries.find((entry) => entry.phoneNumber === phoneNumber)
    const calls = this.#callsWith(phoneNumber).map((record): KeptCall => {
      const { callId } = record
      const events = this.#events.of(callId)
      const outcome = this.#outcomes.get(callId)
      const deliveries = this.#deliveries.of(callId)
      return { record: withEvents(record, events), events, ...(outcome && { outcome }), deliveries }
    })
    return Promise.resolve({ phoneNumber, ...(doNotCall && { doNotCall }), calls })
  }

  #callsWith(phoneNumber: string): CallRecord[] {
    return Array.from(this.#records.values()).filter(({ spec }) => spec.phoneNumber === phoneNumber)
  }

  sweep({ now, days }: { now: Date; days: RetentionDays }): Promise<Swept> {
    const metadataEnd = daysBefore(now, days.metadata)
    const erased = this.#overBefore(metadataEnd)
    if (metadataEnd) this.audit.forgetBefore(metadataEnd)
    for (const callId of erased) this.#forget(callId)
    const transcripts = this.#overBefore(daysBefore(now, days.transcript)).filter(
      (callId) => !this.#withoutTranscript.has(callId),
    )
    for (const callId of transcripts) this.#forgetTranscript(callId)
    return Promise.resolve({ transcripts, erased })
  }

  #overBefore(cutoff: Date | undefined): string[] {
    if (!cutoff) return []
    return Array.from(this.#records.values()).flatMap((record) => {
      const at = overAt(record)
      return at && at <= cutoff ? record.callId : []
    })
  }

  ping(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #forgetOldest(): void {
    for (const [callId, { status }] of this.#records) {
      if (!isTerminal(status)) continue
      this.#forget(callId)
      return
    }
  }

  #forget(callId: string): void {
    this.#records.delete(callId)
    this.#events.delete(callId)
    this.#outcomes.delete(callId)
    this.#deliveries.delete(callId)
    this.requests.forgetCall(callId)
    this.#withoutTranscript.delete(callId)
  }

  #forgetTranscript(callId: string): void {
    const record = this.#records.get(callId)
    if (record) this.#records.set(callId, withoutTranscript(record))
    this.#events.deleteTranscript(callId)
    this.#outcomes.delete(callId)
    this.#deliveries.delete(callId, { exceptPending: true })
    this.#withoutTranscript.add(callId)
  }
}

function fits(
  record: CallRecord,
  { owner, status, phoneNumber, from, to, metadata }: CallFilter,
): boolean {
  const { spec, createdAt } = record
  return (
    (owner === undefined || record.owner === owner) &&
    (status === undefined || record.status === status) &&
    (phoneNumber === undefined || spec.phoneNumber === phoneNumber) &&
    (from === undefined || createdAt >= from) &&
    (to === undefined || createdAt < to) &&
    Object.entries(metadata ?? {}).every(([key, value]) => spec.metadata?.[key] === value)
  )
}
