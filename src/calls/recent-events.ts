import type { CallEvent } from './call-events.ts'

/** So much is dropped at once when there are too many. */
const DROPPED_SHARE = 0.1

/**
 * The latest events of all calls, in memory: what is kept elsewhere is written behind, and whoever follows a call must not
 * miss what is not written yet. The oldest are dropped when there are more than `max`.
 */
export class RecentEvents {
  readonly #max: number
  /** In their order. */
  #events: CallEvent[] = []
  readonly #ofCall = new Map<string, CallEvent[]>()
  #since: number
  #droppedUpTo: number | undefined

  /** @param since no event that is added later has an `order` below or at this */
  constructor({ max, since }: { max: number; since: number }) {
    this.#max = max
    this.#since = since
  }

  /** Every event of this process whose `order` is above it is here. */
  get since(): number {
    return this.#since
  }

  /** `order` of the last event that was dropped; undefined while none was. */
  get droppedUpTo(): number | undefined {
    return this.#droppedUpTo
  }

  get newestOrder(): number {
    return this.#events.at(-1)?.order ?? this.#since
  }

  add(event: CallEvent): void {
    this.#events.push(event)
    const known = this.#ofCall.get(event.callId)
    if (known) known.push(event)
    else this.#ofCall.set(event.callId, [event])
    if (this.#events.length > this.#max) this.#dropOldest()
  }

  /** Of one call, those with a number above `after`. */
  ofCall(callId: string, after: number): readonly CallEvent[] {
    return this.#ofCall.get(callId)?.filter(({ seq }) => seq > after) ?? []
  }

  /** Of all calls, up to `limit` of those whose `order` is above `after`; undefined when some of them may not be here. */
  after(after: number, limit: number): readonly CallEvent[] | undefined {
    if (after < this.#since) return undefined
    const first = this.#events.findLastIndex(({ order }) => order <= after) + 1
    return this.#events.slice(first, first + limit)
  }

  /** The call is erased. */
  forget(callId: string): void {
    if (!this.#ofCall.delete(callId)) return
    this.#events = this.#events.filter((event) => event.callId !== callId)
  }

  #dropOldest(): void {
    const dropped = this.#events.splice(0, Math.ceil(this.#max * DROPPED_SHARE))
    for (const { callId, order } of dropped) {
      this.#since = this.#droppedUpTo = order
      const left = this.#ofCall.get(callId)
      left?.shift()
      if (left?.length === 0) this.#ofCall.delete(callId)
    }
  }
}
