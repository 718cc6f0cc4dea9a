import type { Cancel, Clock } from '../clock.ts'
import type { CallRecord } from './record.ts'

type Registration = { readonly record: CallRecord; readonly cancel: Cancel }

/** Specs of calls that something else will dial, until it does or their time is over. */
export class RegisteredCalls {
  readonly #clock: Clock
  readonly #ttlMs: number
  readonly #onExpired: (record: CallRecord) => void
  readonly #registrations = new Map<string, Registration>()

  constructor(options: { clock: Clock; ttlMs: number; onExpired: (record: CallRecord) => void }) {
    this.#clock = options.clock
    this.#ttlMs = options.ttlMs
    this.#onExpired = options.onExpired
  }

  get size(): number {
    return this.#registrations.size
  }

  has(callId: string): boolean {
    return this.#registrations.has(callId)
  }

  get records(): readonly CallRecord[] {
    return Array.from(this.#registrations.values(), ({ record }) => record)
  }

  /** @returns when it expires */
  add(record: CallRecord, leftMs = this.#ttlMs): Date {
    const cancel = this.#clock.after(leftMs, () => {
      this.#registrations.delete(record.callId)
      this.#onExpired(record)
    })
    this.#registrations.set(record.callId, { record, cancel })
    return new Date(record.createdAt.getTime() + this.#ttlMs)
  }

  /** One that an earlier process has waited for. @returns false when its time is over */
  addAgain(record: CallRecord): boolean {
    const leftMs = record.createdAt.getTime() + this.#ttlMs - this.#clock.date().getTime()
    if (leftMs > 0) this.add(record, leftMs)
    return leftMs > 0
  }

  /** The call is being made, or was called off. */
  take(callId: string): CallRecord | undefined {
    const registration = this.#registrations.get(callId)
    registration?.cancel()
    this.#registrations.delete(callId)
    return registration?.record
  }

  /** Calls off all of them. */
  takeAll(): CallRecord[] {
    const callIds = Array.from(this.#registrations.keys())
    return callIds.flatMap((callId) => this.take(callId) ?? [])
  }
}
