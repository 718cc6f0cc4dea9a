import { isTerminal } from './call-status.ts'
import type { CallRecord } from './record.ts'

export type CallPage = {
  readonly records: readonly CallRecord[]
  /** Id to ask the next page with; absent on the last one. */
  readonly nextBefore?: string
}

/** Where records are kept. Never awaited while a call is being carried. */
export interface CallStore {
  /** Keeps a new record, or replaces the one with the same id. */
  save(record: CallRecord): Promise<void>
  get(callId: string): Promise<CallRecord | undefined>
  /** Newest first; `before`: only calls that are older than this one. */
  list(query: { limit: number; before?: string }): Promise<CallPage>
}

/** Records in memory. Beyond `maxRecords` the oldest calls that are over are forgotten; live ones never are. */
export class MemoryCallStore implements CallStore {
  readonly #maxRecords: number
  /** In the order of creation, because a record that is replaced keeps its place. */
  readonly #records = new Map<string, CallRecord>()

  constructor({ maxRecords = 10_000 }: { maxRecords?: number } = {}) {
    this.#maxRecords = maxRecords
  }

  save(record: CallRecord): Promise<void> {
    this.#records.set(record.callId, record)
    if (this.#records.size > this.#maxRecords) this.#forgetOldest()
    return Promise.resolve()
  }

  get(callId: string): Promise<CallRecord | undefined> {
    return Promise.resolve(this.#records.get(callId))
  }

  list({ limit, before }: { limit: number; before?: string }): Promise<CallPage> {
    const newestFirst = Array.from(this.#records.values()).reverse()
    const start =
      before === undefined ? 0 : newestFirst.findIndex(({ callId }) => callId === before) + 1
    // A cursor that points to a forgotten record has nothing older behind it.
    const isLost = before !== undefined && start === 0
    const records = isLost ? [] : newestFirst.slice(start, start + limit)
    const last = records.at(-1)
    const hasMore = start + limit < newestFirst.length && !isLost
    return Promise.resolve(last && hasMore ? { records, nextBefore: last.callId } : { records })
  }

  #forgetOldest(): void {
    for (const [callId, { status }] of this.#records) {
      if (!isTerminal(status)) continue
      this.#records.delete(callId)
      return
    }
  }
}
