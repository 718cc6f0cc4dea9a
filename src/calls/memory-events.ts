import type { CallEvent } from './call-events.ts'
import { TRANSCRIPT_EVENTS } from './retention.ts'

/** Events of calls in memory. */
export class MemoryEvents {
  readonly #byCall = new Map<string, CallEvent[]>()

  /** One that is there already changes nothing. */
  add(event: CallEvent): void {
    const events = this.#byCall.get(event.callId)
    if (!events) this.#byCall.set(event.callId, [event])
    else if (!events.some(({ seq }) => seq === event.seq)) {
      events.push(event)
      events.sort((a, b) => a.seq - b.seq)
    }
  }

  /** Of one call, in order. */
  of(callId: string): readonly CallEvent[] {
    return [...(this.#byCall.get(callId) ?? [])]
  }

  /** Of all calls, by `order`. */
  all(after = -Infinity): readonly CallEvent[] {
    return Array.from(this.#byCall.values())
      .flat()
      .filter(({ order }) => order > after)
      .sort((a, b) => a.order - b.order)
  }

  delete(callId: string): void {
    this.#byCall.delete(callId)
  }

  /** Forgets those that tell of what was said in a call, or of what came out of it. */
  deleteTranscript(callId: string): void {
    const events = this.#byCall.get(callId)
    if (!events) return
    const left = events.filter(({ type }) => !TRANSCRIPT_EVENTS.has(type))
    this.#byCall.set(callId, left)
  }
}
