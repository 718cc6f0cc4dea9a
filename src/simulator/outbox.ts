import type { Cancel, Clock } from '../clock.ts'

/** Does things later, each with its own delay, but never out of order. */
export class Outbox {
  readonly #clock: Clock
  #waiting: { readonly dueMs: number; readonly run: () => void }[] = []
  #cancel: Cancel | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  after(delayMs: number, run: () => void): void {
    const last = this.#waiting.at(-1)
    if (delayMs === 0 && !last) {
      run()
      return
    }
    const dueMs = Math.max(this.#clock.now() + delayMs, last?.dueMs ?? 0)
    this.#waiting.push({ dueMs, run })
    if (!last) this.#wait(dueMs)
  }

  /** Forgets what waits. */
  clear(): void {
    this.#cancel?.()
    this.#waiting = []
  }

  #wait(dueMs: number): void {
    this.#cancel = this.#clock.after(Math.max(0, dueMs - this.#clock.now()), () => {
      this.#waiting.shift()?.run()
      const next = this.#waiting[0]
      if (next) this.#wait(next.dueMs)
    })
  }
}
