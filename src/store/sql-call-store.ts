import type { CallEvent } from '../calls/call-events.ts'
import type {
  CallPage,
  CallQuery,
  CallStore,
  EventQuery,
  KeptCall,
  NumberExport,
  RetentionDays,
  Swept,
  UnfinishedCall,
} from '../calls/call-store.ts'
import type { CallOutcome } from '../calls/outcome/outcome.ts'
import type { PendingOutcome } from '../calls/outcome/outcome-jobs.ts'
import type { CallRecord } from '../calls/record.ts'
import { withEvents } from '../calls/told-record.ts'
import type { Delivery } from '../calls/webhooks/delivery.ts'
import type { Clock } from '../clock.ts'
import { ask } from './migrate.ts'
import { type Sealing, type Seals, unsealed } from './sealing.ts'
import { noting, SqlAuditTrail } from './sql-audit.ts'
import { addingDelivery, SqlDeliveries } from './sql-deliveries.ts'
import { listing, SqlDoNotCallList } from './sql-do-not-call.ts'
import type { SqlEngine, Statement } from './sql-engine.ts'
import { keepingEvent, SqlEvents } from './sql-events.ts'
import { keepingOutcome, SqlOutcomes } from './sql-outcomes.ts'
import { savingRecord, SqlRecords, type TakeOver } from './sql-records.ts'
import { SqlIdempotentRequests } from './sql-requests.ts'
import { SqlRetention } from './sql-retention.ts'
import type { BatchWriter, Write } from './write.ts'

/** Calls in an SQL database that has the latest schema (`migrate`). */
export class SqlCallStore implements CallStore, BatchWriter {
  readonly doNotCall: SqlDoNotCallList
  readonly audit: SqlAuditTrail
  readonly requests: SqlIdempotentRequests
  readonly #engine: SqlEngine
  readonly #events: SqlEvents
  readonly #records: SqlRecords
  readonly #outcomes: SqlOutcomes
  readonly #deliveries: SqlDeliveries
  readonly #retention: SqlRetention
  readonly #sealing: Sealing
  #process: number | null = null

  constructor(
    engine: SqlEngine,
    { clock, sealing = unsealed }: { clock: Clock; sealing?: Sealing },
  ) {
    this.#engine = engine
    this.#sealing = sealing
    this.doNotCall = new SqlDoNotCallList(engine, clock, sealing)
    this.#events = new SqlEvents(engine, sealing)
    this.#records = new SqlRecords(engine, this.#events, sealing)
    this.#outcomes = new SqlOutcomes(engine, this.#records, sealing)
    this.#deliveries = new SqlDeliveries(engine, sealing)
    this.#retention = new SqlRetention(engine, sealing)
    this.audit = new SqlAuditTrail(engine, sealing)
    this.requests = new SqlIdempotentRequests(engine, sealing)
  }

  async write(writes: readonly Write[]): Promise<void> {
    if (writes.length === 0) return
    const seals = await this.#sealing.toWrite(writes.flatMap(callIdOf))
    const ours = { seals, sealing: this.#sealing, process: this.#process }
    const statements = writes.flatMap((write) => statementsOf(write, ours))
    await this.#engine.run(statements)
  }

  save(record: CallRecord): Promise<void> {
    return this.write([{ kind: 'record', record }])
  }

  get(callId: string): Promise<CallRecord | undefined> {
    return this.#records.get(callId)
  }

  list(query: CallQuery): Promise<CallPage> {
    return this.#records.list(query)
  }

  appendEvent(event: CallEvent): Promise<void> {
    return this.write([{ kind: 'event', event }])
  }

  events(callId: string, query?: Partial<EventQuery>): Promise<readonly CallEvent[]> {
    return this.#events.of(callId, query)
  }

  allEvents(query: EventQuery): Promise<readonly CallEvent[]> {
    return this.#events.all(query)
  }

  saveOutcome(callId: string, outcome: CallOutcome): Promise<void> {
    return this.write([{ kind: 'outcome', callId, outcome }])
  }

  outcome(callId: string): Promise<CallOutcome | undefined> {
    return this.#outcomes.of(callId)
  }

  pendingOutcomes(query: { endedAfter: Date; limit: number }): Promise<readonly PendingOutcome[]> {
    return this.#outcomes.pending(query)
  }

  addDelivery(delivery: Delivery): Promise<void> {
    return this.#deliveries.addDelivery(delivery)
  }

  delivery(id: string): Promise<Delivery | undefined> {
    return this.#deliveries.delivery(id)
  }

  deliveriesOf(callId: string): Promise<readonly Delivery[]> {
    return this.#deliveries.deliveriesOf(callId)
  }

  claimDueDeliveries(query: {
    now: Date
    leaseUntil: Date
    limit: number
  }): Promise<readonly Delivery[]> {
    return this.#deliveries.claimDueDeliveries(query)
  }

  updateDelivery(delivery: Delivery): Promise<void> {
    return this.#deliveries.updateDelivery(delivery)
  }

  nextDeliveryDue(): Promise<Date | undefined> {
    return this.#deliveries.nextDeliveryDue()
  }

  unfinished(query: { createdBefore: Date; limit: number }): Promise<readonly UnfinishedCall[]> {
    return this.#records.unfinished(query)
  }

  /**
   * From now on what is saved is this process's, and nobody else's who says so too. To be said only by a process that others on the same
   * database can see (`Presence`).
   */
  shareAs(process: number): void {
    this.#process = process
  }

  /** Makes calls that are not over this process's own, whose they were before; of two processes that want one, one gets it. */
  takeOver(wanted: TakeOver): Promise<readonly UnfinishedCall[]> {
    if (this.#process === null) throw new Error('a process without a number shares no store')
    return this.#records.takeOver({ ...wanted, by: this.#process })
  }

  /** Those of this process's calls that another one has taken over. */
  async lost(callIds: readonly string[]): Promise<readonly string[]> {
    return this.#process === null ? [] : this.#records.ofOthers(callIds, this.#process)
  }

  erase(callId: string): Promise<boolean> {
    return this.#retention.erase(callId)
  }

  eraseNumber(phoneNumber: string): Promise<readonly string[]> {
    return this.#retention.eraseNumber(phoneNumber)
  }

  async exportNumber(phoneNumber: string): Promise<NumberExport> {
    const doNotCall = await this.doNotCall.entry(phoneNumber)
    const calls: KeptCall[] = []
    for (const record of await this.#records.withNumber(phoneNumber)) {
      calls.push(await this.#kept(record))
    }
    return { phoneNumber, ...(doNotCall && { doNotCall }), calls }
  }

  async #kept(record: CallRecord): Promise<KeptCall> {
    const { callId } = record
    const events = await this.events(callId)
    const outcome = await this.outcome(callId)
    const deliveries = await this.deliveriesOf(callId)
    return { record: withEvents(record, events), events, ...(outcome && { outcome }), deliveries }
  }

  sweep(query: { now: Date; days: RetentionDays }): Promise<Swept> {
    return this.#retention.sweep(query)
  }

  ping(): Promise<void> {
    return ask(this.#engine)
  }

  close(): Promise<void> {
    return this.#engine.close()
  }
}

/** None: what is written belongs to no call. */
function callIdOf(write: Write): string | [] {
  switch (write.kind) {
    case 'record':
      return write.record.callId
    case 'event':
      return write.event.callId
    case 'outcome':
      return write.callId
    case 'delivery':
      return write.delivery.callId
    case 'do_not_call':
    case 'audit':
      return []
    default:
      return write satisfies never
  }
}

function statementsOf(
  write: Write,
  { seals, sealing, process }: { seals: Seals; sealing: Sealing; process: number | null },
): readonly Statement[] {
  switch (write.kind) {
    case 'record':
      return savingRecord(write.record, { seal: seals(write.record.callId), sealing, process })
    case 'event':
      return [keepingEvent(write.event, seals(write.event.callId), process)]
    case 'outcome':
      return [keepingOutcome(write.callId, write.outcome, seals(write.callId))]
    case 'delivery':
      return [addingDelivery(write.delivery, seals(write.delivery.callId))]
    case 'do_not_call':
      return [listing(write.entry, sealing)]
    case 'audit':
      return [noting(write.entry, sealing)]
    default:
      return write satisfies never
  }
}
