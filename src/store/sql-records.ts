import type { CallFilter, CallPage, CallQuery, UnfinishedCall } from '../calls/call-store.ts'
import type { CallRecord } from '../calls/record.ts'
import { overAt } from '../calls/retention.ts'
import { withEvents } from '../calls/told-record.ts'
import { optional, textOf } from './columns.ts'
import { recordFromJson, recordToJson } from './record-json.ts'
import type { Seal, Sealing } from './sealing.ts'
import type { SqlEvents } from './sql-events.ts'
import {
  placeholders,
  query,
  type Row,
  type SqlEngine,
  type SqlValue,
  type Statement,
} from './sql-engine.ts'

/**
 * Keeps a new record, or replaces it: unless the call is another process's, which has taken it over.
 *
 * @param process the number of this one; null where there is no other
 */
export function savingRecord(
  record: CallRecord,
  { seal, sealing, process }: { seal: Seal; sealing: Sealing; process: number | null },
): readonly Statement[] {
  const { callId, owner, status, spec, createdAt } = record
  const json = recordToJson(record)
  const details = seal.close(json.details, 'details')
  const said = seal.close(json.said, 'said')
  const over = overAt(record)?.getTime() ?? null
  const number = sealing.index(spec.phoneNumber, 'phone_number')
  const saving = {
    sql: `INSERT INTO parley_calls
      (call_id, status, phone_number, created_at, over_at, details, said, owner, process)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (call_id) DO UPDATE SET
      status = excluded.status, over_at = excluded.over_at,
      details = excluded.details, said = excluded.said, process = excluded.process
      WHERE parley_calls.process IS NULL OR excluded.process IS NULL
      OR parley_calls.process = excluded.process`,
    args: [
      callId,
      status,
      number,
      createdAt.getTime(),
      over,
      details,
      said,
      owner ?? null,
      process,
    ],
  }
  return [saving, ...metadataOf(record, sealing)]
}

/** Keeps the metadata of a call where it can be searched. */
export function metadataOf(
  { callId, spec }: CallRecord,
  sealing: Pick<Sealing, 'index'>,
): readonly Statement[] {
  const metadata = Object.entries(spec.metadata ?? {})
  if (metadata.length === 0) return []
  // A spec never changes.
  const keeping = {
    sql: `INSERT INTO parley_call_metadata (call_id, name, value)
      VALUES ${metadata.map(() => placeholders(3)).join(', ')}
      ON CONFLICT DO NOTHING`,
    args: metadata.flatMap(([name, value]) => [callId, ...indexed(name, value, sealing)]),
  }
  return [keeping]
}

function indexed(name: string, value: string, sealing: Pick<Sealing, 'index'>): string[] {
  return [sealing.index(name, 'name'), sealing.index(value, `value of ${name}`)]
}

/** Calls that are to change hands: those that were created earlier than that, of these processes, or of any. */
export type TakeOver = { readonly createdBefore: Date; readonly from?: readonly number[] }

/** Reads the records of calls. */
export class SqlRecords {
  readonly #engine: SqlEngine
  readonly #events: SqlEvents
  readonly #sealing: Sealing

  constructor(engine: SqlEngine, events: SqlEvents, sealing: Sealing) {
    this.#engine = engine
    this.#events = events
    this.#sealing = sealing
  }

  async get(callId: string): Promise<CallRecord | undefined> {
    const [row] = await query(
      this.#engine,
      'SELECT call_id, details, said, over_at FROM parley_calls WHERE call_id = ?',
      [callId],
    )
    if (!row) return undefined
    const [record] = await this.recordsOf([row])
    if (!record || row['over_at'] !== null) return record
    return withEvents(record, await this.#events.of(callId))
  }

  async list({ limit, before, ...filter }: CallQuery): Promise<CallPage> {
    const { conditions, args } = conditionsOf(filter, this.#sealing)
    if (before !== undefined) {
      // Ids sort by age.
      conditions.push('c.call_id < ?')
      args.push(before)
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const rows = await query(
      this.#engine,
      `SELECT c.call_id, c.details, c.said FROM parley_calls c ${where}
      ORDER BY c.call_id DESC LIMIT ?`,
      [...args, limit + 1],
    )
    const records = await this.recordsOf(rows.slice(0, limit))
    const last = records.at(-1)
    return last && rows.length > limit ? { records, nextBefore: last.callId } : { records }
  }

  /** Every call with that number; oldest first. */
  async withNumber(phoneNumber: string): Promise<readonly CallRecord[]> {
    const rows = await query(
      this.#engine,
      'SELECT call_id, details, said FROM parley_calls WHERE phone_number = ? ORDER BY call_id',
      [this.#sealing.index(phoneNumber, 'phone_number')],
    )
    return this.recordsOf(rows)
  }

  async unfinished(request: {
    createdBefore: Date
    limit: number
  }): Promise<readonly UnfinishedCall[]> {
    const rows = await query(
      this.#engine,
      `SELECT call_id, details, said FROM parley_calls WHERE over_at IS NULL AND created_at < ?
      ORDER BY call_id LIMIT ?`,
      [request.createdBefore.getTime(), request.limit],
    )
    return this.#unfinishedOf(rows)
  }

  /** Makes calls that are not over those of the process `by`; of two who want one, one gets it. */
  async takeOver({ createdBefore, from, by }: TakeOver & { by: number }) {
    const theirs = from === undefined ? '' : `AND process IN ${placeholders(from.length)}`
    const rows = await query(
      this.#engine,
      `UPDATE parley_calls SET process = ? WHERE over_at IS NULL AND created_at < ? ${theirs}
      RETURNING call_id, details, said`,
      [by, createdBefore.getTime(), ...(from ?? [])],
    )
    return this.#unfinishedOf(rows)
  }

  /** Those of the calls that are another process's than `process`. */
  async ofOthers(callIds: readonly string[], process: number): Promise<readonly string[]> {
    if (callIds.length === 0) return []
    const rows = await query(
      this.#engine,
      `SELECT call_id FROM parley_calls
      WHERE process <> ? AND call_id IN ${placeholders(callIds.length)}`,
      [process, ...callIds],
    )
    return rows.map((row) => textOf(row, 'call_id'))
  }

  async #unfinishedOf(rows: readonly Row[]): Promise<readonly UnfinishedCall[]> {
    const calls: UnfinishedCall[] = []
    for (const record of await this.recordsOf(rows)) {
      const events = await this.#events.of(record.callId)
      const last = events.at(-1)
      calls.push({
        record: withEvents(record, events),
        ...(last && { lastEvent: { seq: last.seq, at: last.at } }),
      })
    }
    return calls
  }

  /** Of rows with `call_id`, `details` and `said`. */
  async recordsOf(rows: readonly Row[]): Promise<readonly CallRecord[]> {
    const seals = await this.#sealing.toRead(rows.map((row) => textOf(row, 'call_id')))
    return rows.map((row) => recordOf(row, seals(textOf(row, 'call_id'))))
  }
}

export function recordOf(row: Row, seal: Seal): CallRecord {
  const said = optional(row, 'said', textOf)
  return recordFromJson({
    details: seal.open(textOf(row, 'details'), 'details'),
    said: said === undefined ? null : seal.open(said, 'said'),
  })
}

function conditionsOf(
  { owner, status, phoneNumber, from, to, metadata }: CallFilter,
  sealing: Sealing,
): {
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
  if (phoneNumber !== undefined) {
    need('c.phone_number = ?', sealing.index(phoneNumber, 'phone_number'))
  }
  if (from !== undefined) need('c.created_at >= ?', from.getTime())
  if (to !== undefined) need('c.created_at < ?', to.getTime())
  for (const [name, value] of Object.entries(metadata ?? {})) {
    need(
      `EXISTS (SELECT 1 FROM parley_call_metadata m
        WHERE m.call_id = c.call_id AND m.name = ? AND m.value = ?)`,
      ...indexed(name, value, sealing),
    )
  }
  return { conditions, args }
}
