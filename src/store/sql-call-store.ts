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
import { noting, SqlAuditTrail } from './sql-audit.ts'
import { addingDelivery, SqlDeliveries } from './sql-deliveries.ts'
import { listing, SqlDoNotCallList } from './sql-do-not-call.ts'
import type { SqlEngine, Statement } from './sql-engine.ts'
import { keepingEvent, SqlEvents } from './sql-events.ts'
import { keepingOutcome, SqlOutcomes } from './sql-outcomes.ts'
import { savingRecord, SqlRecords } from './sql-records.ts'
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

  constructor(engine: SqlEngine, { clock }: { clock: Clock }) {
    this.#engine = engine
    this.doNotCall = new SqlDoNotCallList(engine, clock)
    this.audit = new SqlAuditTrail(engine)
    this.requests = new SqlIdempotentRequests(engine)
    this.#events = new SqlEvents(engine)
    this.#records = new SqlRecords(engine, this.#events)
    this.#outcomes = new SqlOutcomes(engine)
    this.#deliveries = new SqlDeliveries(engine)
    this.#retention = new SqlRetention(engine)
  }

  async write(writes: readonly Write[]): Promise<void> {
    if (writes.length > 0) await this.#engine.run(writes.flatMap(statementsOf))
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

function statementsOf(write: Write): readonly Statement[] {
  switch (write.kind) {
    case 'record':
      return savingRecord(write.record)
    case 'event':
      return [keepingEvent(write.event)]
    case 'outcome':
      return [keepingOutcome(write.callId, write.outcome)]
    case 'delivery':
      return [addingDelivery(write.delivery)]
    case 'do_not_call':
      return [listing(write.entry)]
    case 'audit':
      return [noting(write.entry)]
    default:
      return write satisfies never
  }
}
