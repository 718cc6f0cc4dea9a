import type { Keyring } from '../keyring.ts'
import { optional, textOf } from './columns.ts'
import { AUDITED } from './sql-audit.ts'
import { listing } from './sql-do-not-call.ts'
import { placeholders, query, type Row, type SqlEngine, type Statement } from './sql-engine.ts'
import { metadataOf, recordOf } from './sql-records.ts'
import { ANSWER } from './sql-requests.ts'
import { SEALED, type Sealing, type Seal, unwrapped, wrappedText } from './sealing.ts'

/** Calls, keys or numbers in one transaction. */
const BATCH = 50

/**
 * Wraps every key with the newest one of the ring, so that older ones may leave it, and seals what was kept before there was a
 * key. To be done before anything else is read or written.
 *
 * @returns how many keys were wrapped anew, and how many calls, numbers and answers were sealed
 * @throws {MissingKeyError} when something was sealed with a key that is not in the ring
 */
export async function sealExisting(
  engine: SqlEngine,
  { sealing, keyring }: { sealing: Sealing; keyring: Keyring },
): Promise<{ rewrapped: number; sealed: number }> {
  const rewrapped = await inBatches(() => rewrap(engine, keyring))
  const calls = await inBatches(() => sealCalls(engine, sealing))
  const numbers = await inBatches(() => sealNumbers(engine, sealing))
  const audited = await inBatches(() => sealAudit(engine, sealing))
  const answers = await inBatches(() => sealAnswers(engine, sealing))
  const sealed = calls + numbers + audited + answers
  if (sealed > 0) await engine.scrub()
  return { rewrapped, sealed }
}

/** Whether something in the database is sealed. */
export async function isSealed(engine: SqlEngine): Promise<boolean> {
  return (await query(engine, 'SELECT call_id FROM parley_keys LIMIT 1')).length > 0
}

async function sealAudit(engine: SqlEngine, sealing: Sealing): Promise<number> {
  const rows = await query(
    engine,
    'SELECT id, phone_number FROM parley_audit WHERE phone_number IS NOT NULL AND sealed IS NULL LIMIT ?',
    [BATCH],
  )
  const changes = rows.map((row): Statement => {
    const number = textOf(row, 'phone_number')
    return {
      sql: 'UPDATE parley_audit SET phone_number = ?, sealed = ? WHERE id = ?',
      args: [
        sealing.index(number, 'phone_number'),
        sealing.list?.close(number, AUDITED) ?? null,
        textOf(row, 'id'),
      ],
    }
  })
  if (changes.length > 0) await engine.run(changes)
  return changes.length
}

async function sealAnswers(engine: SqlEngine, sealing: Sealing): Promise<number> {
  const { list } = sealing
  if (!list) return 0
  const rows = await query(
    engine,
    'SELECT owner, request_key, answer FROM parley_requests WHERE answer NOT LIKE ? LIMIT ?',
    [`${SEALED}%`, BATCH],
  )
  const changes = rows.map((row): Statement => ({
    sql: 'UPDATE parley_requests SET answer = ? WHERE owner = ? AND request_key = ?',
    args: [
      list.close(textOf(row, 'answer'), ANSWER),
      textOf(row, 'owner'),
      textOf(row, 'request_key'),
    ],
  }))
  if (changes.length > 0) await engine.run(changes)
  return changes.length
}

async function inBatches(step: () => Promise<number>): Promise<number> {
  let done = 0
  for (;;) {
    const count = await step()
    if (count === 0) return done
    done += count
  }
}

async function rewrap(engine: SqlEngine, keyring: Keyring): Promise<number> {
  const rows = await query(
    engine,
    'SELECT call_id, wrapped FROM parley_keys WHERE wrapped NOT LIKE ? ORDER BY call_id LIMIT ?',
    [`${keyring.currentId}.%`, BATCH],
  )
  const changes = rows.map((row): Statement => {
    const id = textOf(row, 'call_id')
    const key = unwrapped(keyring, id, textOf(row, 'wrapped'))
    return {
      sql: 'UPDATE parley_keys SET wrapped = ? WHERE call_id = ?',
      args: [wrappedText(keyring, id, key), id],
    }
  })
  if (changes.length > 0) await engine.run(changes)
  return changes.length
}

async function sealCalls(engine: SqlEngine, sealing: Sealing): Promise<number> {
  const calls = await query(
    engine,
    `SELECT call_id, details, said FROM parley_calls WHERE details NOT LIKE ? LIMIT ?`,
    [`${SEALED}%`, BATCH],
  )
  if (calls.length === 0) return 0
  const ids = calls.map((row) => textOf(row, 'call_id'))
  const seals = await sealing.toWrite(ids)
  const changes = calls.flatMap((row) => sealingRecord(row, seals(textOf(row, 'call_id')), sealing))
  for (const { table, key, columns } of PARTS) {
    const rows = await query(
      engine,
      `SELECT call_id, ${key}, ${columns.join(', ')} FROM ${table}
      WHERE call_id IN ${placeholders(ids.length)}`,
      ids,
    )
    for (const row of rows) {
      const callId = textOf(row, 'call_id')
      const rest = columns.map((column) => closed(seals(callId), row, column))
      changes.push({
        sql: `UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')}
          WHERE call_id = ? AND ${key} = ?`,
        args: [...rest, callId, row[key] as string | number],
      })
    }
  }
  await engine.run(changes)
  return calls.length
}

/** What else is kept of a call: what tells its rows apart, and what is sealed of them. */
const PARTS = [
  { table: 'parley_events', key: 'seq', columns: ['body'] },
  { table: 'parley_outcomes', key: 'call_id', columns: ['body'] },
  { table: 'parley_deliveries', key: 'id', columns: ['url', 'payload'] },
] as const

function sealingRecord(row: Row, seal: Seal, sealing: Sealing): Statement[] {
  const record = recordOf(row, seal)
  const { callId, spec } = record
  return [
    {
      sql: 'UPDATE parley_calls SET phone_number = ?, details = ?, said = ? WHERE call_id = ?',
      args: [
        sealing.index(spec.phoneNumber, 'phone_number'),
        closed(seal, row, 'details'),
        closed(seal, row, 'said'),
        callId,
      ],
    },
    { sql: 'DELETE FROM parley_call_metadata WHERE call_id = ?', args: [callId] },
    ...metadataOf(record, sealing),
  ]
}

function closed(seal: Seal, row: Row, column: string): string | null {
  const text = optional(row, column, textOf)
  return text === undefined || text.startsWith(SEALED) ? (text ?? null) : seal.close(text, column)
}

async function sealNumbers(engine: SqlEngine, sealing: Sealing): Promise<number> {
  const rows = await query(
    engine,
    'SELECT phone_number, added_at, call_id FROM parley_do_not_call WHERE sealed IS NULL LIMIT ?',
    [BATCH],
  )
  const changes = rows.flatMap((row): Statement[] => {
    const phoneNumber = textOf(row, 'phone_number')
    const callId = optional(row, 'call_id', textOf)
    const addedAt = new Date(Number(row['added_at']))
    const entry = { phoneNumber, addedAt, ...(callId !== undefined && { callId }) }
    return [
      { sql: 'DELETE FROM parley_do_not_call WHERE phone_number = ?', args: [phoneNumber] },
      listing(entry, sealing),
    ]
  })
  if (changes.length > 0) await engine.run(changes)
  return rows.length
}
