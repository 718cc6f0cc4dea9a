import {
  AUDIT_TYPES,
  type AuditEntry,
  type AuditPage,
  type AuditQuery,
  type AuditTrail,
} from '../calls/audit.ts'
import { StoreError } from '../errors.ts'
import { dateOf, optional, searchable, textOf } from './columns.ts'
import type { Sealing } from './sealing.ts'
import { query, type Row, type SqlEngine, type SqlValue, type Statement } from './sql-engine.ts'

const COLUMNS = 'id, at, type, key_name, phone_number, call_id, details, sealed'

/** Where a sealed number stands: it opens nowhere else. */
export const AUDITED = 'audit_phone_number'

export function noting(
  { id, at, type, key, phoneNumber, callId, details }: AuditEntry,
  sealing: Sealing,
): Statement {
  const sealed =
    phoneNumber === undefined ? undefined : sealing.list?.close(searchable(phoneNumber), AUDITED)
  return {
    sql: `INSERT INTO parley_audit (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    args: [
      id,
      at.getTime(),
      type,
      key ?? null,
      phoneNumber === undefined ? null : sealing.index(phoneNumber, 'phone_number'),
      callId ?? null,
      details === undefined ? null : JSON.stringify(details),
      sealed ?? null,
    ],
  }
}

/** What somebody may have to answer for. */
export class SqlAuditTrail implements AuditTrail {
  readonly #engine: SqlEngine
  readonly #sealing: Sealing

  constructor(engine: SqlEngine, sealing: Sealing) {
    this.#engine = engine
    this.#sealing = sealing
  }

  async add(entry: AuditEntry): Promise<void> {
    await this.#engine.run([noting(entry, this.#sealing)])
  }

  async list({ limit, type, before }: AuditQuery): Promise<AuditPage> {
    const conditions: string[] = []
    const args: SqlValue[] = []
    if (type !== undefined) {
      conditions.push('type = ?')
      args.push(type)
    }
    if (before !== undefined) {
      conditions.push('id < ?')
      args.push(before)
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const rows = await query(
      this.#engine,
      `SELECT ${COLUMNS} FROM parley_audit ${where} ORDER BY id DESC LIMIT ?`,
      [...args, limit + 1],
    )
    const entries = rows.slice(0, limit).map((row) => entryOf(row, this.#sealing))
    const last = entries.at(-1)
    return last && rows.length > limit ? { entries, nextBefore: last.id } : { entries }
  }
}

function entryOf(row: Row, { list }: Sealing): AuditEntry {
  const type = AUDIT_TYPES.find((each) => each === row['type'])
  if (!type) throw new StoreError('unknown type of audit entry', { code: 'refused' })
  const key = optional(row, 'key_name', textOf)
  const sealed = optional(row, 'sealed', textOf)
  const phoneNumber =
    sealed !== undefined && list
      ? list.open(sealed, AUDITED)
      : optional(row, 'phone_number', textOf)
  const callId = optional(row, 'call_id', textOf)
  const details = optional(row, 'details', textOf)
  return {
    id: textOf(row, 'id'),
    at: dateOf(row, 'at'),
    type,
    ...(key !== undefined && { key }),
    ...(phoneNumber !== undefined && { phoneNumber }),
    ...(callId !== undefined && { callId }),
    // The JSON is our own.
    ...(details !== undefined && { details: JSON.parse(details) as AuditEntry['details'] & {} }),
  }
}
