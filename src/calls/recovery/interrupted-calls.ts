import type { CallStore, UnfinishedCall } from '../call-store.ts'
import type { CallRecord } from '../record.ts'

/** No process has carried more calls than this at once. */
const MOST = 10_000

/** Calls that an earlier process has carried, and was killed in the middle of; each until somebody deals with it. */
export class InterruptedCalls {
  readonly #calls: Map<string, UnfinishedCall>

  constructor(calls: readonly UnfinishedCall[] = []) {
    this.#calls = new Map(calls.map((call) => [call.record.callId, call]))
  }

  /**
   * Those that the store has. `createdBefore`: calls that were created later are somebody else's. For a process that is alone on its
   * database that is its start; beside others it must be longer ago than the longest call.
   */
  static async load(
    store: Pick<CallStore, 'unfinished'>,
    { createdBefore }: { createdBefore: Date },
  ): Promise<InterruptedCalls> {
    return new InterruptedCalls(await store.unfinished({ createdBefore, limit: MOST }))
  }

  add(calls: readonly UnfinishedCall[]): void {
    for (const call of calls) this.#calls.set(call.record.callId, call)
  }

  get all(): readonly UnfinishedCall[] {
    return Array.from(this.#calls.values())
  }

  get records(): readonly CallRecord[] {
    return this.all.map(({ record }) => record)
  }

  has(callId: string): boolean {
    return this.#calls.has(callId)
  }

  /** By the carrier's id, or by ours when the carrier's had not become known yet. */
  find(callSid: string, callId?: string): UnfinishedCall | undefined {
    if (callId === undefined) return this.all.find(({ record }) => record.callSid === callSid)
    const call = this.#calls.get(callId)
    return (call?.record.callSid ?? callSid) === callSid ? call : undefined
  }

  /** Whoever takes a call deals with it. */
  take(callId: string): UnfinishedCall | undefined {
    const call = this.#calls.get(callId)
    this.#calls.delete(callId)
    return call
  }
}
