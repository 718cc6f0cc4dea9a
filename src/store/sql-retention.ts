import type { RetentionDays, Swept } from '../calls/call-store.ts'
import { daysBefore, TRANSCRIPT_EVENTS } from '../calls/retention.ts'
import { textOf } from './columns.ts'
import type { Sealing } from './sealing.ts'
import { placeholders, query, type SqlEngine, type Statement } from './sql-engine.ts'

/** Calls in one transaction: their events make the most of it, and an embedded database works while nothing else does. */
const BATCH = 20

/** Every table that holds something of a call; the call itself is the last. */
const TABLES = [
  'parley_events',
  'parley_outcomes',
  'parley_deliveries',
  'parley_call_metadata',
  'parley_requests',
  'parley_keys',
  'parley_calls',
]

/** Forgets calls, or what was said in them. */
export class SqlRetention {
  readonly #engine: SqlEngine
  readonly #sealing: Sealing

  constructor(engine: SqlEngine, sealing: Sealing) {
    this.#engine = engine
    this.#sealing = sealing
  }

  async erase(callId: string): Promise<boolean> {
    const results = await this.#engine.run(erasing([callId]))
    this.#sealing.forget([callId])
    await this.#engine.scrub()
    return (results.at(-1)?.length ?? 0) > 0
  }

  async eraseNumber(phoneNumber: string): Promise<readonly string[]> {
    await this.#engine.run([
      {
        sql: 'UPDATE parley_audit SET phone_number = NULL, sealed = NULL WHERE phone_number = ?',
        args: [this.#sealing.index(phoneNumber, 'phone_number')],
      },
    ])
    return this.#inBatches(erasing, () =>
      this.#ids(
        'phone_number = ? AND over_at IS NOT NULL',
        this.#sealing.index(phoneNumber, 'phone_number'),
      ),
    )
  }

  async sweep({ now, days }: { now: Date; days: RetentionDays }): Promise<Swept> {
    const metadataEnd = daysBefore(now, days.metadata)?.getTime()
    const transcriptEnd = daysBefore(now, days.transcript)?.getTime()
    if (metadataEnd !== undefined) {
      await query(this.#engine, 'DELETE FROM parley_audit WHERE at <= ?', [metadataEnd])
    }
    const erased =
      metadataEnd === undefined
        ? []
        : await this.#inBatches(erasing, () => this.#ids('over_at <= ?', metadataEnd))
    const transcripts =
      transcriptEnd === undefined
        ? []
        : await this.#inBatches(erasingTranscripts, () =>
            this.#ids('over_at <= ? AND said IS NOT NULL', transcriptEnd),
          )
    return { transcripts, erased }
  }

  /** Until none is left that is to be forgotten. */
  async #inBatches(
    forgetting: (callIds: readonly string[]) => readonly Statement[],
    next: () => Promise<readonly string[]>,
  ): Promise<readonly string[]> {
    const forgotten: string[] = []
    for (;;) {
      const ids = await next()
      if (ids.length === 0) break
      await this.#engine.run(forgetting(ids))
      if (forgetting === erasing) this.#sealing.forget(ids)
      forgotten.push(...ids)
    }
    if (forgotten.length > 0) await this.#engine.scrub()
    return forgotten
  }

  async #ids(condition: string, value: string | number): Promise<readonly string[]> {
    const rows = await query(
      this.#engine,
      `SELECT call_id FROM parley_calls WHERE ${condition} ORDER BY call_id LIMIT ?`,
      [value, BATCH],
    )
    return rows.map((row) => textOf(row, 'call_id'))
  }
}

function erasing(callIds: readonly string[]): readonly Statement[] {
  const among = `call_id IN ${placeholders(callIds.length)}`
  return TABLES.map((table) => ({
    sql: `DELETE FROM ${table} WHERE ${among}${table === 'parley_calls' ? ' RETURNING call_id' : ''}`,
    args: callIds,
  }))
}

function erasingTranscripts(callIds: readonly string[]): readonly Statement[] {
  const among = `call_id IN ${placeholders(callIds.length)}`
  const types = Array.from(TRANSCRIPT_EVENTS)
  return [
    {
      sql: `DELETE FROM parley_events WHERE ${among} AND type IN ${placeholders(types.length)}`,
      args: [...callIds, ...types],
    },
    { sql: `DELETE FROM parley_outcomes WHERE ${among}`, args: callIds },
    // What a webhook has told; one that is still to be sent goes first.
    {
      sql: `DELETE FROM parley_deliveries WHERE ${among} AND state <> 'pending'`,
      args: callIds,
    },
    { sql: `UPDATE parley_calls SET said = NULL WHERE ${among}`, args: callIds },
  ]
}
