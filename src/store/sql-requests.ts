import type {
  IdempotentRequest,
  IdempotentRequests,
  KeptAnswer,
  KnownRequest,
} from '../calls/idempotency.ts'
import { dateOf, numberOf, optional, searchable, textOf } from './columns.ts'
import { SEALED, type Sealing } from './sealing.ts'
import { type Row, type SqlEngine } from './sql-engine.ts'

/** Where a sealed answer stands: it opens nowhere else. */
export const ANSWER = 'request_answer'

type Name = Pick<IdempotentRequest, 'owner' | 'key'>

/** Requests that are carried out once, in a database that several processes may share. */
export class SqlIdempotentRequests implements IdempotentRequests {
  readonly #engine: SqlEngine
  readonly #sealing: Sealing

  constructor(engine: SqlEngine, sealing: Sealing) {
    this.#engine = engine
    this.#sealing = sealing
  }

  async reserve(request: IdempotentRequest, since: Date): Promise<KnownRequest | undefined> {
    const { fingerprint, callId, at } = request
    const name = nameOf(request)
    const [, taken, known] = await this.#engine.run([
      { sql: 'DELETE FROM parley_requests WHERE at <= ?', args: [since.getTime()] },
      {
        sql: `INSERT INTO parley_requests (owner, request_key, fingerprint, call_id, at)
          VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING call_id`,
        args: [...name, fingerprint, callId, at.getTime()],
      },
      {
        sql: `SELECT fingerprint, call_id, at, status, answer FROM parley_requests
          WHERE owner = ? AND request_key = ?`,
        args: name,
      },
    ])
    if (taken && taken.length > 0) return undefined
    const row = known?.[0]
    return row && knownOf(row, this.#sealing)
  }

  async complete(request: Name, { status, body }: KeptAnswer): Promise<void> {
    await this.#engine.run([
      {
        sql: `UPDATE parley_requests SET status = ?, answer = ? WHERE owner = ? AND request_key = ?`,
        args: [status, this.#sealing.list?.close(body, ANSWER) ?? body, ...nameOf(request)],
      },
    ])
  }

  async release(request: Name): Promise<void> {
    await this.#engine.run([
      {
        sql: 'DELETE FROM parley_requests WHERE owner = ? AND request_key = ?',
        args: nameOf(request),
      },
    ])
  }
}

function nameOf({ owner, key }: Name): readonly [string, string] {
  return [searchable(owner), searchable(key)]
}

function knownOf(row: Row, { list }: Sealing): KnownRequest {
  const status = optional(row, 'status', numberOf)
  const kept = optional(row, 'answer', textOf)
  const body = kept?.startsWith(SEALED) ? list?.open(kept, ANSWER) : kept
  return {
    fingerprint: textOf(row, 'fingerprint'),
    callId: textOf(row, 'call_id'),
    at: dateOf(row, 'at'),
    ...(status !== undefined && body !== undefined && { answer: { status, body } }),
  }
}
