import type { CallEvent } from '../calls/call-events.ts'
import type { EventQuery } from '../calls/call-store.ts'
import { numberOf, textOf } from './columns.ts'
import { eventFromRow, eventToRow } from './event-json.ts'
import type { Seal, Sealing } from './sealing.ts'
import { query, type Row, type SqlEngine, type Statement } from './sql-engine.ts'

const COLUMNS = 'call_id, seq, event_order, type, at, body'

/** What comes out of a call that is over is found by whoever is there. */
const OURS = 'AND (over_at IS NOT NULL OR process IS NULL OR process = ?)'

/**
 * Keeps an event of a call that is kept; what happens in one that was erased meanwhile leaves nothing behind, nor does what is said to
 * happen in one that another process carries.
 *
 * @param process the number of this one; null where there is no other
 */
export function keepingEvent(event: CallEvent, seal: Seal, process: number | null): Statement {
  const { callId, seq, order, type, at, body: json } = eventToRow(event)
  const body = seal.close(json, 'body')
  return {
    // PostgreSQL takes an argument of unknown type for text.
    sql: `INSERT INTO parley_events (${COLUMNS})
      SELECT call_id, CAST(? AS BIGINT), CAST(? AS BIGINT), ?, CAST(? AS BIGINT), ?
      FROM parley_calls WHERE call_id = ? ${process === null ? '' : OURS}
      ON CONFLICT (call_id, seq) DO NOTHING`,
    args: [seq, order, type, at, body, callId, ...(process === null ? [] : [process])],
  }
}

/** Reads the events of calls. */
export class SqlEvents {
  readonly #engine: SqlEngine
  readonly #sealing: Sealing

  constructor(engine: SqlEngine, sealing: Sealing) {
    this.#engine = engine
    this.#sealing = sealing
  }

  async of(
    callId: string,
    { after = 0, limit }: Partial<EventQuery> = {},
  ): Promise<readonly CallEvent[]> {
    const rows = await query(
      this.#engine,
      `SELECT ${COLUMNS} FROM parley_events WHERE call_id = ? AND seq > ? ORDER BY seq
      ${limit === undefined ? '' : 'LIMIT ?'}`,
      [callId, after, ...(limit === undefined ? [] : [limit])],
    )
    return this.#eventsOf(rows)
  }

  async all({ after, limit }: EventQuery): Promise<readonly CallEvent[]> {
    const rows = await query(
      this.#engine,
      `SELECT ${COLUMNS} FROM parley_events WHERE event_order > ?
      ORDER BY event_order, call_id, seq LIMIT ?`,
      [after ?? 0, limit],
    )
    return this.#eventsOf(rows)
  }

  async #eventsOf(rows: readonly Row[]): Promise<readonly CallEvent[]> {
    const seals = await this.#sealing.toRead(rows.map((row) => textOf(row, 'call_id')))
    return rows.map((row) => eventOf(row, seals(textOf(row, 'call_id'))))
  }
}

function eventOf(row: Row, seal: Seal): CallEvent {
  return eventFromRow({
    callId: textOf(row, 'call_id'),
    seq: numberOf(row, 'seq'),
    order: numberOf(row, 'event_order'),
    type: textOf(row, 'type'),
    at: numberOf(row, 'at'),
    body: seal.open(textOf(row, 'body'), 'body'),
  })
}
