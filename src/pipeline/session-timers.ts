import type { Cancel, Clock } from '../clock.ts'

/** The running timers of a call, each known by its name; starting one again starts it anew. */
export class SessionTimers<Name extends string> {
  readonly #clock: Clock
  readonly #running = new Map<Name, Cancel>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  start(name: Name, ms: number, fire: () => void): void {
    this.stop(name)
    this.#running.set(name, this.#clock.after(ms, fire))
  }

  stop(name: Name): void {
    this.#running.get(name)?.()
    this.#running.delete(name)
  }

  stopAll(): void {
    for (const cancel of this.#running.values()) cancel()
    this.#running.clear()
  }
}
