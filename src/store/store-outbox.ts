import type { AuditTrail } from '../calls/audit.ts'
import type { CallEvent, CallEvents } from '../calls/call-events.ts'
import type {
  CallPage,
  CallQuery,
  CallStore,
  EventQuery,
  NumberExport,
  RetentionDays,
  Swept,
  UnfinishedCall,
} from '../calls/call-store.ts'
import type { DoNotCallList } from '../calls/do-not-call.ts'
import type { IdempotentRequests } from '../calls/idempotency.ts'
import { isTerminal } from '../calls/call-status.ts'
import type { CallOutcome } from '../calls/outcome/outcome.ts'
import type { PendingOutcome } from '../calls/outcome/outcome-jobs.ts'
import type { CallRecord } from '../calls/record.ts'
import { withEvents } from '../calls/told-record.ts'
import type { Delivery } from '../calls/webhooks/delivery.ts'
import type { Clock } from '../clock.ts'
import { StoreError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { OutboxDoNotCallList } from './outbox-do-not-call.ts'
import type { Depth } from './outbox-queue.ts'
import { type OutboxMeters, OutboxWriter } from './outbox-writer.ts'
import type { BatchWriter, Write } from './write.ts'

/** Records of some thousand calls, and their events for an hour or two. */
const MAX_BYTES = 64_000_000
/** Whoever reads waits so long for what was written just before; a database that works needs a few milliseconds. */
const SETTLE_MS = 250
/** Whoever asks for a call waits so long for its record, before anybody is rung. */
const WRITTEN_MS = 2000
/** At shutdown. */
const FLUSH_MS = 5000

export type StoreOutboxParts = {
  readonly store: CallStore & BatchWriter
  readonly clock: Clock
  readonly log: Logger
  readonly maxBytes?: number
  readonly meters?: OutboxMeters
}

/**
 * A store for live calls: what is kept goes through a queue in memory and is written behind, so keeping neither waits nor
 * fails, whatever becomes of the database. Reading sees what waits. Writing, in order, is the business of `OutboxWriter`.
 */
export class StoreOutbox implements CallStore {
  readonly doNotCall: DoNotCallList
  readonly audit: AuditTrail
  /** Not behind: a request is taken before it dials, or not at all. */
  readonly requests: IdempotentRequests
  readonly #store: CallStore & BatchWriter
  readonly #log: Logger
  readonly #writer: OutboxWriter

  constructor({ store, clock, log, maxBytes = MAX_BYTES, meters }: StoreOutboxParts) {
    this.#store = store
    this.#log = log
    this.#writer = new OutboxWriter({ target: store, clock, log, maxBytes, meters })
    this.requests = store.requests
    this.audit = {
      add: (entry) => {
        this.#writer.push({ kind: 'audit', entry })
        return Promise.resolve()
      },
      list: async (query) => {
        await this.#settled()
        return store.audit.list(query)
      },
    }
    this.doNotCall = new OutboxDoNotCallList({
      list: store.doNotCall,
      clock,
      push: (entry) => {
        this.#writer.push({ kind: 'do_not_call', entry })
      },
      waiting: () => this.#waiting('do_not_call').map(({ entry }) => entry),
      settled: () => this.#settledOrFail(),
    })
  }

  /** What waits to be written. */
  get depth(): Depth {
    return this.#writer.queue.depth
  }

  /** So much waits that events are dropped: no further call should be taken. */
  get isFull(): boolean {
    return this.#writer.queue.isFull
  }

  /** The database took nothing when it was asked last; what is to be kept waits. */
  get isFailing(): boolean {
    return this.#writer.isFailing
  }

  /**
   * Keeps every event from now on. To be subscribed before whoever reads events to show them, so that none is missing there.
   *
   * @returns a function that ends it
   */
  follow(events: CallEvents): () => void {
    return events.subscribe((event) => {
      if (event.seq !== undefined) this.#writer.push({ kind: 'event', event })
    })
  }

  /** Writes all that waits, for so long at most. Returns what is left. */
  flush(deadlineMs: number): Promise<Depth> {
    return this.#writer.flush(deadlineMs)
  }

  /** Resolves when all that was kept so far is in the database. @throws {StoreError} when that takes too long */
  async written(): Promise<void> {
    if (await this.#writer.settled(WRITTEN_MS)) return
    throw new StoreError('database cannot be written at the moment', { code: 'unavailable' })
  }

  save(record: CallRecord): Promise<void> {
    this.#writer.push({ kind: 'record', record })
    return Promise.resolve()
  }

  appendEvent(event: CallEvent): Promise<void> {
    this.#writer.push({ kind: 'event', event })
    return Promise.resolve()
  }

  saveOutcome(callId: string, outcome: CallOutcome): Promise<void> {
    this.#writer.push({ kind: 'outcome', callId, outcome })
    return Promise.resolve()
  }

  addDelivery(delivery: Delivery): Promise<void> {
    this.#writer.push({ kind: 'delivery', delivery })
    return Promise.resolve()
  }

  async get(callId: string): Promise<CallRecord | undefined> {
    await this.#settled()
    const record = this.#waitingRecords().get(callId)
    if (!record) return this.#store.get(callId)
    return isTerminal(record.status) ? record : withEvents(record, await this.events(callId))
  }

  async list(query: CallQuery): Promise<CallPage> {
    await this.#settled()
    const waiting = this.#waitingRecords()
    const page = await this.#store.list(query)
    const records = page.records.map((record) => waiting.get(record.callId) ?? record)
    return { ...page, records }
  }

  async events(callId: string, query: Partial<EventQuery> = {}): Promise<readonly CallEvent[]> {
    const { after = 0, limit } = query
    await this.#settled()
    // First: what is written meanwhile is in one of the two, or in both.
    const waiting = this.#waitingEvents().filter(
      (event) => event.callId === callId && event.seq > after,
    )
    const kept = await this.#store.events(callId, query)
    return merged(kept, waiting, (a, b) => a.seq - b.seq).slice(0, limit)
  }

  async allEvents(query: EventQuery): Promise<readonly CallEvent[]> {
    const { after = 0, limit } = query
    await this.#settled()
    const waiting = this.#waitingEvents().filter(({ order }) => order > after)
    const kept = await this.#store.allEvents(query)
    return merged(kept, waiting, (a, b) => a.order - b.order).slice(0, limit)
  }

  async outcome(callId: string): Promise<CallOutcome | undefined> {
    await this.#settled()
    const waiting = this.#waiting('outcome').findLast((write) => write.callId === callId)
    return waiting?.outcome ?? this.#store.outcome(callId)
  }

  async pendingOutcomes(query: {
    endedAfter: Date
    limit: number
  }): Promise<readonly PendingOutcome[]> {
    await this.#settled()
    const known = new Set(this.#waiting('outcome').map(({ callId }) => callId))
    const pending = await this.#store.pendingOutcomes(query)
    return pending.filter(({ record }) => !known.has(record.callId))
  }

  async delivery(id: string): Promise<Delivery | undefined> {
    await this.#settled()
    return this.#store.delivery(id)
  }

  async deliveriesOf(callId: string): Promise<readonly Delivery[]> {
    await this.#settled()
    return this.#store.deliveriesOf(callId)
  }

  async claimDueDeliveries(query: {
    now: Date
    leaseUntil: Date
    limit: number
  }): Promise<readonly Delivery[]> {
    await this.#settled()
    return this.#store.claimDueDeliveries(query)
  }

  /** Not behind: what has been delivered must not be claimed again. */
  async updateDelivery(delivery: Delivery): Promise<void> {
    await this.#settled()
    return this.#store.updateDelivery(delivery)
  }

  async nextDeliveryDue(): Promise<Date | undefined> {
    await this.#settled()
    return this.#store.nextDeliveryDue()
  }

  async unfinished(query: {
    createdBefore: Date
    limit: number
  }): Promise<readonly UnfinishedCall[]> {
    await this.#settled()
    return this.#store.unfinished(query)
  }

  /** @throws {StoreError} also when something still waits, because that would come back */
  async erase(callId: string): Promise<boolean> {
    await this.#settledOrFail()
    return this.#store.erase(callId)
  }

  /** @throws {StoreError} also when something still waits, because that would come back */
  async eraseNumber(phoneNumber: string): Promise<readonly string[]> {
    await this.#settledOrFail()
    return this.#store.eraseNumber(phoneNumber)
  }

  /** @throws {StoreError} also when something still waits, because that would be missing */
  async exportNumber(phoneNumber: string): Promise<NumberExport> {
    await this.#settledOrFail()
    return this.#store.exportNumber(phoneNumber)
  }

  async sweep(query: { now: Date; days: RetentionDays }): Promise<Swept> {
    await this.#settled()
    return this.#store.sweep(query)
  }

  ping(): Promise<void> {
    return this.#store.ping()
  }

  async close(): Promise<void> {
    const left = await this.#writer.flush(FLUSH_MS)
    await this.#writer.stop()
    if (left.writes > 0)
      this.#log.error(left, 'not all could be written before the end; it is lost')
    await this.#store.close()
  }

  /** Lets what waits be written first, as long as the database works; what waits longer is read from the queue. */
  async #settled(): Promise<void> {
    await this.#writer.settled(SETTLE_MS)
  }

  async #settledOrFail(): Promise<void> {
    if (await this.#writer.settled(FLUSH_MS)) return
    throw new StoreError('database cannot be written at the moment', { code: 'unavailable' })
  }

  #waiting<Kind extends Write['kind']>(kind: Kind): Extract<Write, { kind: Kind }>[] {
    const isOfKind = (write: Write): write is Extract<Write, { kind: Kind }> => write.kind === kind
    return this.#writer.queue.writes.filter(isOfKind)
  }

  #waitingEvents(): readonly CallEvent[] {
    return this.#waiting('event').map(({ event }) => event)
  }

  /** The newest record of each call that has one. */
  #waitingRecords(): ReadonlyMap<string, CallRecord> {
    return new Map(this.#waiting('record').map(({ record }) => [record.callId, record]))
  }
}

/** Each event once, in order. */
function merged(
  kept: readonly CallEvent[],
  waiting: readonly CallEvent[],
  compare: (a: CallEvent, b: CallEvent) => number,
): readonly CallEvent[] {
  if (waiting.length === 0) return kept
  const known = new Set(kept.map(({ callId, seq }) => `${callId} ${seq}`))
  const more = waiting.filter(({ callId, seq }) => !known.has(`${callId} ${seq}`))
  return [...kept, ...more].sort(compare)
}
