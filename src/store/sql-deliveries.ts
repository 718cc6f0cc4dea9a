import {
  type Delivery,
  DELIVERY_STATES,
  type DeliveryStore,
  WEBHOOK_TYPES,
} from '../calls/webhooks/delivery.ts'
import { StoreError } from '../errors.ts'
import { dateOf, numberOf, optional, textOf } from './columns.ts'
import type { Seal, Sealing } from './sealing.ts'
import { query, type Row, type SqlEngine, type SqlValue, type Statement } from './sql-engine.ts'

const COLUMNS = `id, call_id, type, url, payload, created_at, state, attempts,
  next_attempt_at, last_attempt_at, last_status, last_error`

/** Keeps a delivery of a call that is kept. */
export function addingDelivery(delivery: Delivery, seal: Seal): Statement {
  const { id, callId, type, createdAt } = delivery
  const url = seal.close(delivery.url, 'url')
  const payload = seal.close(delivery.payload, 'payload')
  return {
    sql: `INSERT INTO parley_deliveries (${COLUMNS}, position)
      SELECT ?, call_id, ?, ?, ?, CAST(? AS BIGINT), ?, CAST(? AS BIGINT), CAST(? AS BIGINT),
        CAST(? AS BIGINT), CAST(? AS BIGINT), ?,
        (SELECT COALESCE(MAX(position), 0) + 1 FROM parley_deliveries)
      FROM parley_calls WHERE call_id = ?
      ON CONFLICT (id) DO NOTHING`,
    args: [id, type, url, payload, createdAt.getTime(), ...progressOf(delivery), callId],
  }
}

/** The webhook deliveries of calls. */
export class SqlDeliveries implements DeliveryStore {
  readonly #engine: SqlEngine
  readonly #sealing: Sealing

  constructor(engine: SqlEngine, sealing: Sealing) {
    this.#engine = engine
    this.#sealing = sealing
  }

  async addDelivery(delivery: Delivery): Promise<void> {
    const seals = await this.#sealing.toWrite([delivery.callId])
    await this.#engine.run([addingDelivery(delivery, seals(delivery.callId))])
  }

  async delivery(id: string): Promise<Delivery | undefined> {
    const [row] = await query(
      this.#engine,
      `SELECT ${COLUMNS} FROM parley_deliveries WHERE id = ?`,
      [id],
    )
    return row && (await this.#deliveriesOf([row]))[0]
  }

  async deliveriesOf(callId: string): Promise<readonly Delivery[]> {
    const rows = await query(
      this.#engine,
      `SELECT ${COLUMNS} FROM parley_deliveries WHERE call_id = ? ORDER BY position`,
      [callId],
    )
    return this.#deliveriesOf(rows)
  }

  async claimDueDeliveries(request: {
    now: Date
    leaseUntil: Date
    limit: number
  }): Promise<readonly Delivery[]> {
    const now = request.now.getTime()
    const due = `SELECT id FROM parley_deliveries WHERE state = 'pending' AND next_attempt_at <= ?
      ORDER BY next_attempt_at, position LIMIT ? ${this.#engine.dialect.skipLocked}`
    const [inOrder = [], claimed = []] = await this.#engine.run([
      { sql: due, args: [now, request.limit] },
      {
        // Inside of IN PostgreSQL might carry it out more than once, and take more than `limit`.
        sql: `WITH due AS MATERIALIZED (${due})
          UPDATE parley_deliveries SET next_attempt_at = ?
          WHERE id IN (SELECT id FROM due) RETURNING ${COLUMNS}`,
        args: [now, request.limit, request.leaseUntil.getTime()],
      },
    ])
    const places = new Map(inOrder.map((row, place) => [textOf(row, 'id'), place]))
    const placeOf = ({ id }: Delivery) => places.get(id) ?? Infinity
    const deliveries = await this.#deliveriesOf(claimed)
    return deliveries.toSorted((a, b) => placeOf(a) - placeOf(b))
  }

  async updateDelivery(delivery: Delivery): Promise<void> {
    await query(
      this.#engine,
      `UPDATE parley_deliveries SET state = ?, attempts = ?, next_attempt_at = ?,
      last_attempt_at = ?, last_status = ?, last_error = ? WHERE id = ?`,
      [...progressOf(delivery), delivery.id],
    )
  }

  async nextDeliveryDue(): Promise<Date | undefined> {
    const [row] = await query(
      this.#engine,
      `SELECT MIN(next_attempt_at) AS due FROM parley_deliveries WHERE state = 'pending'`,
    )
    return row && optional(row, 'due', dateOf)
  }

  async #deliveriesOf(rows: readonly Row[]): Promise<readonly Delivery[]> {
    const seals = await this.#sealing.toRead(rows.map((row) => textOf(row, 'call_id')))
    return rows.map((row) => deliveryOf(row, seals(textOf(row, 'call_id'))))
  }
}

/** What changes in a delivery, in the order of the columns. */
function progressOf(delivery: Delivery): SqlValue[] {
  return [
    delivery.state,
    delivery.attempts,
    delivery.nextAttemptAt?.getTime() ?? null,
    delivery.lastAttemptAt?.getTime() ?? null,
    delivery.lastStatus ?? null,
    delivery.lastError ?? null,
  ]
}

function deliveryOf(row: Row, seal: Seal): Delivery {
  const nextAttemptAt = optional(row, 'next_attempt_at', dateOf)
  const lastAttemptAt = optional(row, 'last_attempt_at', dateOf)
  const lastStatus = optional(row, 'last_status', numberOf)
  const lastError = optional(row, 'last_error', textOf)
  return {
    id: textOf(row, 'id'),
    callId: textOf(row, 'call_id'),
    type: oneOf(WEBHOOK_TYPES, textOf(row, 'type')),
    url: seal.open(textOf(row, 'url'), 'url'),
    payload: seal.open(textOf(row, 'payload'), 'payload'),
    createdAt: dateOf(row, 'created_at'),
    state: oneOf(DELIVERY_STATES, textOf(row, 'state')),
    attempts: numberOf(row, 'attempts'),
    ...(nextAttemptAt && { nextAttemptAt }),
    ...(lastAttemptAt && { lastAttemptAt }),
    ...(lastStatus !== undefined && { lastStatus }),
    ...(lastError !== undefined && { lastError }),
  }
}

function oneOf<Name extends string>(names: readonly Name[], text: string): Name {
  const name = names.find((each) => each === text)
  if (name !== undefined) return name
  throw new StoreError(`unknown kind of delivery: ${text}`, { code: 'refused' })
}
