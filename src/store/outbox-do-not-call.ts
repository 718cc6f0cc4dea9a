import type { DoNotCallEntry, DoNotCallList, DoNotCallPage } from '../calls/do-not-call.ts'
import type { Clock } from '../clock.ts'

export type OutboxDoNotCallParts = {
  readonly list: DoNotCallList
  readonly clock: Clock
  /** Takes an entry to be written behind. */
  readonly push: (entry: DoNotCallEntry) => void
  /** The entries that wait to be written. */
  readonly waiting: () => readonly DoNotCallEntry[]
  /** Resolves when nothing waits any more; rejects when that does not come about. */
  readonly settled: () => Promise<void>
}

/**
 * A list on which whoever asks not to be called in a call is at once, even while the database is away. What a user of the API
 * enters or removes is written before the answer.
 */
export class OutboxDoNotCallList implements DoNotCallList {
  readonly #parts: OutboxDoNotCallParts

  constructor(parts: OutboxDoNotCallParts) {
    this.#parts = parts
  }

  async has(phoneNumber: string): Promise<boolean> {
    return this.#waitingFor(phoneNumber) !== undefined || this.#parts.list.has(phoneNumber)
  }

  async add(phoneNumber: string, source: { readonly callId?: string }): Promise<DoNotCallEntry> {
    const { list, clock, push, settled } = this.#parts
    if (source.callId === undefined) {
      await settled()
      return list.add(phoneNumber, source)
    }
    const waiting = this.#waitingFor(phoneNumber)
    if (waiting) return waiting
    const entry = { phoneNumber, addedAt: clock.date(), callId: source.callId }
    push(entry)
    return entry
  }

  async remove(phoneNumber: string): Promise<boolean> {
    await this.#parts.settled()
    return this.#parts.list.remove(phoneNumber)
  }

  async list(query: { limit: number; after?: string }): Promise<DoNotCallPage> {
    await this.#parts.settled()
    return this.#parts.list.list(query)
  }

  #waitingFor(phoneNumber: string): DoNotCallEntry | undefined {
    return this.#parts.waiting().find((entry) => entry.phoneNumber === phoneNumber)
  }
}
