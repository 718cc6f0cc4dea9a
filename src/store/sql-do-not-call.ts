import type { DoNotCallEntry, DoNotCallList, DoNotCallPage } from '../calls/do-not-call.ts'
import type { Clock } from '../clock.ts'
import { StoreError } from '../errors.ts'
import { dateOf, optional, searchable, textOf } from './columns.ts'
import type { Sealing } from './sealing.ts'
import { query, type Row, type SqlEngine, type Statement } from './sql-engine.ts'

const COLUMNS = 'phone_number, added_at, call_id, sealed'

/** Puts a number on the list; one that is there stays as it was entered first. */
export function listing(
  { phoneNumber, addedAt, callId }: DoNotCallEntry,
  sealing: Sealing,
): Statement {
  const sealed = sealing.list?.close(searchable(phoneNumber), 'phone_number') ?? null
  return {
    sql: `INSERT INTO parley_do_not_call (${COLUMNS}) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    args: [sealing.index(phoneNumber, 'phone_number'), addedAt.getTime(), callId ?? null, sealed],
  }
}

/** The people who do not want to be called again. */
export class SqlDoNotCallList implements DoNotCallList {
  readonly #engine: SqlEngine
  readonly #clock: Clock
  readonly #sealing: Sealing

  constructor(engine: SqlEngine, clock: Clock, sealing: Sealing) {
    this.#engine = engine
    this.#clock = clock
    this.#sealing = sealing
  }

  async has(phoneNumber: string): Promise<boolean> {
    return (await this.entry(phoneNumber)) !== undefined
  }

  async entry(phoneNumber: string): Promise<DoNotCallEntry | undefined> {
    const [row] = await query(this.#engine, SELECTING, [this.#key(phoneNumber)])
    return row && this.#entryOf(row)
  }

  async add(
    phoneNumber: string,
    { callId }: { readonly callId?: string },
  ): Promise<DoNotCallEntry> {
    const addedAt = this.#clock.date()
    const entry = { phoneNumber, addedAt, ...(callId !== undefined && { callId }) }
    const results = await this.#engine.run([
      listing(entry, this.#sealing),
      { sql: SELECTING, args: [this.#key(phoneNumber)] },
    ])
    const row = results.at(-1)?.[0]
    if (row) return this.#entryOf(row)
    throw new StoreError('number was not put on the do-not-call list', { code: 'unavailable' })
  }

  async remove(phoneNumber: string): Promise<boolean> {
    const rows = await query(
      this.#engine,
      'DELETE FROM parley_do_not_call WHERE phone_number = ? RETURNING phone_number',
      [this.#key(phoneNumber)],
    )
    return rows.length > 0
  }

  /** Sealed numbers come in the order of their hashes. */
  async list({ limit, after }: { limit: number; after?: string }): Promise<DoNotCallPage> {
    const rows = await query(
      this.#engine,
      `SELECT ${COLUMNS} FROM parley_do_not_call WHERE phone_number > ?
      ORDER BY phone_number LIMIT ?`,
      [after === undefined ? '' : this.#key(after), limit + 1],
    )
    const entries = rows.slice(0, limit).map((row) => this.#entryOf(row))
    const last = entries.at(-1)
    return last && rows.length > limit ? { entries, nextAfter: last.phoneNumber } : { entries }
  }

  #key(phoneNumber: string): string {
    return this.#sealing.index(phoneNumber, 'phone_number')
  }

  #entryOf(row: Row): DoNotCallEntry {
    const sealed = optional(row, 'sealed', textOf)
    const callId = optional(row, 'call_id', textOf)
    return {
      phoneNumber:
        sealed === undefined || !this.#sealing.list
          ? textOf(row, 'phone_number')
          : this.#sealing.list.open(sealed, 'phone_number'),
      addedAt: dateOf(row, 'added_at'),
      ...(callId !== undefined && { callId }),
    }
  }
}

const SELECTING = `SELECT ${COLUMNS} FROM parley_do_not_call WHERE phone_number = ?`
