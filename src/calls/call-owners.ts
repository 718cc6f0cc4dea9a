import type { CallEvent, PassingEvent } from './call-events.ts'
import type { CallRecord } from './record.ts'

/** Calls whose owner is remembered: more than go on at once, so that hardly any is looked up twice. */
const MAX_KNOWN = 1000

/** Whose call an event is of. */
export class CallOwners {
  readonly #get: (callId: string) => Promise<CallRecord>
  readonly #known = new Map<string, string | undefined>()

  /** @param get rejects when there is no such call */
  constructor(get: (callId: string) => Promise<CallRecord>) {
    this.#get = get
  }

  /** False also for a call that there is not, any more. */
  async isOf(owner: string, event: CallEvent | PassingEvent): Promise<boolean> {
    const { callId } = event
    if (event.type === 'call.created') this.#learn(callId, event.record.owner)
    if (this.#known.has(callId)) return this.#known.get(callId) === owner
    try {
      this.#learn(callId, (await this.#get(callId)).owner)
    } catch {
      // Nobody's: it is not shown, and asked for again with its next event.
      return false
    }
    return this.#known.get(callId) === owner
  }

  #learn(callId: string, owner: string | undefined): void {
    this.#known.set(callId, owner)
    const [oldest] = this.#known.keys()
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest)
  }
}
