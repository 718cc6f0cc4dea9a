import type { DoNotCallEntry, DoNotCallList, DoNotCallPage } from '../calls/do-not-call.ts'
import type { Clock } from '../clock.ts'
import { StoreError } from '../errors.ts'
import { dateOf, optional, searchable, textOf } from './columns.ts'
import { query, type Row, type SqlEngine, type Statement } from './sql-engine.ts'

const COLUMNS = 'phone_number, added_at, call_id'

/** Puts a number on the list; one that is there stays as it was entered first. */
export function listing({ phoneNumber, addedAt, callId }: DoNotCallEntry): Statement {
  return {
    sql: `INSERT INTO parley_do_not_call (${COLUMNS}) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
    args: [searchable(phoneNumber), addedAt.getTime(), callId ?? null],
  }
}

/** The people who do not want to be called again. */
export class SqlDoNotCallList implements DoNotCallList {
  readonly #engine: SqlEngine
  readonly #clock: Clock

  constructor(engine: SqlEngine, clock: Clock) {
    this.#engine = engine
    this.#clock = clock
  }

  async has(phoneNumber: string): Promise<boolean> {
    return (await this.entry(phoneNumber)) !== undefined
  }

  async entry(phoneNumber: string): Promise<DoNotCallEntry | undefined> {
    const [row] = await query(this.#engine, SELECTING, [searchable(phoneNumber)])
    return row && entryOf(row)
  }

  async add(
    phoneNumber: string,
    { callId }: { readonly callId?: string },
  ): Promise<DoNotCallEntry> {
    const addedAt = this.#clock.date()
    const entry = { phoneNumber, addedAt, ...(callId !== undefined && { callId }) }
    const results = await this.#engine.run([
      listing(entry),
      { sql: SELECTING, args: [searchable(phoneNumber)] },
    ])
    const row = results.at(-1)?.[0]
    if (row) return entryOf(row)
    throw new StoreError('number was not put on the do-not-call list', { code: 'unavailable' })
  }

  async remove(phoneNumber: string): Promise<boolean> {
    const rows = await query(
      this.#engine,
      'DELETE FROM parley_do_not_call WHERE phone_number = ? RETURNING phone_number',
      [searchable(phoneNumber)],
    )
    return rows.length > 0
  }

  async list({ limit, after = '' }: { limit: number; after?: string }): Promise<DoNotCallPage> {
    const rows = await query(
      this.#engine,
      `SELECT ${COLUMNS} FROM parley_do_not_call WHERE phone_number > ?
      ORDER BY phone_number LIMIT ?`,
      [searchable(after), limit + 1],
    )
    const entries = rows.slice(0, limit).map(entryOf)
    const last = entries.at(-1)
    return last && rows.length > limit ? { entries, nextAfter: last.phoneNumber } : { entries }
  }
}

const SELECTING = `SELECT ${COLUMNS} FROM parley_do_not_call WHERE phone_number = ?`

function entryOf(row: Row): DoNotCallEntry {
  const callId = optional(row, 'call_id', textOf)
  return {
    phoneNumber: textOf(row, 'phone_number'),
    addedAt: dateOf(row, 'added_at'),
    ...(callId !== undefined && { callId }),
  }
}
