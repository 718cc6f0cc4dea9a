import { CallOutcome } from '../calls/outcome/outcome.ts'
import type { PendingOutcome } from '../calls/outcome/outcome-jobs.ts'
import { numberOf, textOf } from './columns.ts'
import { query, type SqlEngine, type Statement } from './sql-engine.ts'
import { recordOf } from './sql-records.ts'

/** Keeps the outcome of a call that is kept, or replaces it. */
export function keepingOutcome(callId: string, outcome: CallOutcome): Statement {
  return {
    sql: `INSERT INTO parley_outcomes (call_id, body)
      SELECT call_id, ? FROM parley_calls WHERE call_id = ?
      ON CONFLICT (call_id) DO UPDATE SET body = excluded.body`,
    args: [JSON.stringify(outcome), callId],
  }
}

/** What came out of calls. */
export class SqlOutcomes {
  readonly #engine: SqlEngine

  constructor(engine: SqlEngine) {
    this.#engine = engine
  }

  async of(callId: string): Promise<CallOutcome | undefined> {
    const [row] = await query(this.#engine, 'SELECT body FROM parley_outcomes WHERE call_id = ?', [
      callId,
    ])
    return row && CallOutcome.parse(JSON.parse(textOf(row, 'body')))
  }

  async pending(request: { endedAfter: Date; limit: number }): Promise<readonly PendingOutcome[]> {
    const rows = await query(
      this.#engine,
      // One whose transcript is forgotten has nothing left to be found out.
      `SELECT c.details, c.said,
        (SELECT COALESCE(MAX(e.seq), 0) FROM parley_events e WHERE e.call_id = c.call_id) AS last_seq
      FROM parley_calls c
      WHERE c.over_at > ? AND c.said IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM parley_outcomes o WHERE o.call_id = c.call_id)
      ORDER BY c.over_at, c.call_id LIMIT ?`,
      [request.endedAfter.getTime(), request.limit],
    )
    return rows.map((row) => ({ record: recordOf(row), lastSeq: numberOf(row, 'last_seq') }))
  }
}
