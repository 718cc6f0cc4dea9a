import type { CallFilter, CallPage, CallQuery, UnfinishedCall } from '../calls/call-store.ts'
import type { CallRecord } from '../calls/record.ts'
import { overAt } from '../calls/retention.ts'
import { withEvents } from '../calls/told-record.ts'
import { optional, searchable, textOf } from './columns.ts'
import { recordFromJson, recordToJson } from './record-json.ts'
import type { SqlEvents } from './sql-events.ts'
import {
  placeholders,
  query,
  type Row,
  type SqlEngine,
  type SqlValue,
  type Statement,
} from './sql-engine.ts'

/** Keeps a new record, or replaces it. */
export function savingRecord(record: CallRecord): readonly Statement[] {
  const { callId, owner, status, spec, createdAt } = record
  const { details, said } = recordToJson(record)
  const over = overAt(record)?.getTime() ?? null
  const number = searchable(spec.phoneNumber)
  const saving = {
    sql: `INSERT INTO parley_calls
      (call_id, status, phone_number, created_at, over_at, details, said, owner)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (call_id) DO UPDATE SET
      status = excluded.status, over_at = excluded.over_at,
      details = excluded.details, said = excluded.said`,
    args: [callId, status, number, createdAt.getTime(), over, details, said, owner ?? null],
  }
  const metadata = Object.entries(spec.metadata ?? {})
  if (metadata.length === 0) return [saving]
  // A spec never changes.
  const keeping = {
    sql: `INSERT INTO parley_call_metadata (call_id, name, value)
      VALUES ${metadata.map(() => placeholders(3)).join(', ')}
      ON CONFLICT DO NOTHING`,
    args: metadata.flatMap(([name, value]) => [callId, searchable(name), searchable(value)]),
  }
  return [saving, keeping]
}

/** Reads the records of calls. */
export class SqlRecords {
  readonly #engine: SqlEngine
  readonly #events: SqlEvents

  constructor(engine: SqlEngine, events: SqlEvents) {
    this.#engine = engine
    this.#events = events
  }

  async get(callId: string): Promise<CallRecord | undefined> {
    const [row] = await query(
      this.#engine,
      'SELECT details, said, over_at FROM parley_calls WHERE call_id = ?',
      [callId],
    )
    if (!row) return undefined
    const record = recordOf(row)
    return row['over_at'] === null ? withEvents(record, await this.#events.of(callId)) : record
  }

  async list({ limit, before, ...filter }: CallQuery): Promise<CallPage> {
    const { conditions, args } = conditionsOf(filter)
    if (before !== undefined) {
      // Ids sort by age.
      conditions.push('c.call_id < ?')
      args.push(before)
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const rows = await query(
      this.#engine,
      `SELECT c.details, c.said FROM parley_calls c ${where} ORDER BY c.call_id DESC LIMIT ?`,
      [...args, limit + 1],
    )
    const records = rows.slice(0, limit).map(recordOf)
    const last = records.at(-1)
    return last && rows.length > limit ? { records, nextBefore: last.callId } : { records }
  }

  /** Every call with that number; oldest first. */
  async withNumber(phoneNumber: string): Promise<readonly CallRecord[]> {
    const rows = await query(
      this.#engine,
      'SELECT details, said FROM parley_calls WHERE phone_number = ? ORDER BY call_id',
      [searchable(phoneNumber)],
    )
    return rows.map(recordOf)
  }

  async unfinished(request: {
    createdBefore: Date
    limit: number
  }): Promise<readonly UnfinishedCall[]> {
    const rows = await query(
      this.#engine,
      `SELECT details, said FROM parley_calls WHERE over_at IS NULL AND created_at < ?
      ORDER BY call_id LIMIT ?`,
      [request.createdBefore.getTime(), request.limit],
    )
    const calls: UnfinishedCall[] = []
    for (const row of rows) {
      const record = recordOf(row)
      const events = await this.#events.of(record.callId)
      const last = events.at(-1)
      calls.push({
        record: withEvents(record, events),
        ...(last && { lastEvent: { seq: last.seq, at: last.at } }),
      })
    }
    return calls
  }
}

export function recordOf(row: Row): CallRecord {
  return recordFromJson({
    details: textOf(row, 'details'),
    said: optional(row, 'said', textOf) ?? null,
  })
}

function conditionsOf({ owner, status, phoneNumber, from, to, metadata }: CallFilter): {
  conditions: string[]
  args: SqlValue[]
} {
  const conditions: string[] = []
  const args: SqlValue[] = []
  const need = (condition: string, ...values: readonly SqlValue[]) => {
    conditions.push(condition)
    args.push(...values)
  }
  if (owner !== undefined) need('c.owner = ?', owner)
  if (status !== undefined) need('c.status = ?', status)
  if (phoneNumber !== undefined) need('c.phone_number = ?', searchable(phoneNumber))
  if (from !== undefined) need('c.created_at >= ?', from.getTime())
  if (to !== undefined) need('c.created_at < ?', to.getTime())
  for (const [name, value] of Object.entries(metadata ?? {})) {
    need(
      `EXISTS (SELECT 1 FROM parley_call_metadata m
        WHERE m.call_id = c.call_id AND m.name = ? AND m.value = ?)`,
      searchable(name),
      searchable(value),
    )
  }
  return { conditions, args }
}
