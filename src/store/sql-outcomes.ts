import { CallOutcome } from '../calls/outcome/outcome.ts'
import type { PendingOutcome } from '../calls/outcome/outcome-jobs.ts'
import { numberOf, textOf } from './columns.ts'
import type { Seal, Sealing } from './sealing.ts'
import { query, type SqlEngine, type Statement } from './sql-engine.ts'
import type { SqlRecords } from './sql-records.ts'

/** Keeps the outcome of a call that is kept, or replaces it. */
export function keepingOutcome(callId: string, outcome: CallOutcome, seal: Seal): Statement {
  return {
    sql: `INSERT INTO parley_outcomes (call_id, body)
      SELECT call_id, ? FROM parley_calls WHERE call_id = ?
      ON CONFLICT (call_id) DO UPDATE SET body = excluded.body`,
    args: [seal.close(JSON.stringify(outcome), 'body'), callId],
  }
}

/** What came out of calls. */
export class SqlOutcomes {
  readonly #engine: SqlEngine
  readonly #records: SqlRecords
  readonly #sealing: Sealing

  constructor(engine: SqlEngine, records: SqlRecords, sealing: Sealing) {
    this.#engine = engine
    this.#records = records
    this.#sealing = sealing
  }

  async of(callId: string): Promise<CallOutcome | undefined> {
    const [row] = await query(this.#engine, 'SELECT body FROM parley_outcomes WHERE call_id = ?', [
      callId,
    ])
    if (!row) return undefined
    const seals = await this.#sealing.toRead([callId])
    return CallOutcome.parse(JSON.parse(seals(callId).open(textOf(row, 'body'), 'body')))
  }

  async pending(request: { endedAfter: Date; limit: number }): Promise<readonly PendingOutcome[]> {
    const rows = await query(
      this.#engine,
      // One whose transcript is forgotten has nothing left to be found out.
      `SELECT c.call_id, c.details, c.said,
        (SELECT COALESCE(MAX(e.seq), 0) FROM parley_events e WHERE e.call_id = c.call_id) AS last_seq
      FROM parley_calls c
      WHERE c.over_at > ? AND c.said IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM parley_outcomes o WHERE o.call_id = c.call_id)
      ORDER BY c.over_at, c.call_id LIMIT ?`,
      [request.endedAfter.getTime(), request.limit],
    )
    const records = await this.#records.recordsOf(rows)
    const lastSeqs = new Map(rows.map((row) => [row['call_id'], numberOf(row, 'last_seq')]))
    return records.map((record) => ({ record, lastSeq: lastSeqs.get(record.callId) ?? 0 }))
  }
}
