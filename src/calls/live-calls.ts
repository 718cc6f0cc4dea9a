import type { LiveCall } from './live-call.ts'
import type { CallRecord } from './record.ts'

/** The calls that are not over yet. */
export class LiveCalls {
  readonly #calls = new Map<string, LiveCall>()
  /** What is still to be done for calls that are over. */
  readonly #closing = new Set<Promise<void>>()

  get size(): number {
    return this.#calls.size
  }

  /** `closed` is run once the call is over and no longer live; it must not throw. */
  add(call: LiveCall, closed: () => Promise<void>): void {
    this.#calls.set(call.callId, call)
    void call.over.then(() => {
      this.#calls.delete(call.callId)
      const closing = closed().finally(() => this.#closing.delete(closing))
      this.#closing.add(closing)
    })
  }

  get(callId: string): LiveCall | undefined {
    return this.#calls.get(callId)
  }

  get records(): readonly CallRecord[] {
    return Array.from(this.#calls.values(), ({ record }) => record)
  }

  /** By the carrier's id, or by ours when the carrier's is not known yet. */
  find(callSid: string, callId?: string): LiveCall | undefined {
    if (callId !== undefined) {
      const call = this.#calls.get(callId)
      return call?.bind(callSid) ? call : undefined
    }
    return Array.from(this.#calls.values()).find((call) => call.callSid === callSid)
  }

  get all(): readonly LiveCall[] {
    return Array.from(this.#calls.values())
  }

  wrapUp(): void {
    for (const call of this.#calls.values()) call.wrapUp()
  }

  end(): void {
    for (const call of this.#calls.values()) call.end('requested')
  }

  /** Resolves when no call is left, and nothing is to be done for any. */
  async idle(): Promise<void> {
    while (this.#calls.size > 0) {
      await Promise.all(Array.from(this.#calls.values(), ({ over }) => over))
    }
    await Promise.all(this.#closing)
  }
}
