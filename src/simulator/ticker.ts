import type { Cancel, Clock } from '../clock.ts'

/**
 * One timer for all calls of a simulator. It ticks more often than a frame lasts, so that each call keeps the phase of
 * its own answer and the frames of hundreds of calls do not leave in one burst. Whoever is told works out from the clock
 * what is due: a late tick delays, and never loses.
 */
export class Ticker {
  readonly #clock: Clock
  readonly #listeners = new Set<() => void>()
  #cancel: Cancel | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(listener: () => void): Cancel {
    this.#listeners.add(listener)
    this.#cancel ??= this.#clock.every(TICK_MS, () => {
      for (const tell of this.#listeners) tell()
    })
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#cancel?.()
      this.#cancel = undefined
    }
  }
}

const TICK_MS = 5
