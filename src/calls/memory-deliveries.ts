import type { Delivery } from './webhooks/delivery.ts'

/** Webhook deliveries in memory. */
export class MemoryDeliveries {
  /** In the order in which they were added. */
  readonly #deliveries = new Map<string, Delivery>()

  /** One whose id is there already changes nothing. */
  add(delivery: Delivery): void {
    if (!this.#deliveries.has(delivery.id)) this.#deliveries.set(delivery.id, delivery)
  }

  get(id: string): Delivery | undefined {
    return this.#deliveries.get(id)
  }

  of(callId: string): readonly Delivery[] {
    return Array.from(this.#deliveries.values()).filter((delivery) => delivery.callId === callId)
  }

  claimDue({
    now,
    leaseUntil,
    limit,
  }: {
    now: Date
    leaseUntil: Date
    limit: number
  }): readonly Delivery[] {
    const due = this.#pending().filter(({ at }) => at <= now.getTime())
    // The sort is stable, and the map in the order of adding.
    const claimed = due.sort((a, b) => a.at - b.at).slice(0, limit)
    return claimed.map(({ delivery }) => {
      const leased = { ...delivery, nextAttemptAt: leaseUntil }
      this.#deliveries.set(delivery.id, leased)
      return leased
    })
  }

  update(delivery: Delivery): void {
    if (this.#deliveries.has(delivery.id)) this.#deliveries.set(delivery.id, delivery)
  }

  nextDue(): Date | undefined {
    const times = this.#pending().map(({ at }) => at)
    return times.length === 0 ? undefined : new Date(Math.min(...times))
  }

  /** Forgets those of a call; `exceptPending`: only those that will not be sent any more. */
  delete(callId: string, { exceptPending = false } = {}): void {
    for (const { id, state } of this.of(callId)) {
      if (!exceptPending || state !== 'pending') this.#deliveries.delete(id)
    }
  }

  #pending(): { delivery: Delivery; at: number }[] {
    return Array.from(this.#deliveries.values()).flatMap((delivery) => {
      const { state, nextAttemptAt } = delivery
      return state === 'pending' && nextAttemptAt ? { delivery, at: nextAttemptAt.getTime() } : []
    })
  }
}
