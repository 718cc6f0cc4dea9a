import type { Cancel, Clock } from '../../../src/clock.ts'

/** Time that passes when the test says so, while files and sockets go on as they are: what is due happens in `pass`. */
export class HandClock implements Clock {
  #now = 0
  #timers: { at: number; everyMs: number | undefined; run: () => void }[] = []

  now(): number {
    return this.#now
  }

  date(): Date {
    return new Date()
  }

  after(ms: number, run: () => void): Cancel {
    return this.#add({ at: this.#now + ms, everyMs: undefined, run })
  }

  every(ms: number, run: () => void): Cancel {
    return this.#add({ at: this.#now + ms, everyMs: ms, run })
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('nobody sleeps by hand'))
  }

  /** Timers that are still set. */
  get waiting(): number {
    return this.#timers.length
  }

  pass(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0]
      if (!next || next.at > until) break
      this.#now = next.at
      if (next.everyMs === undefined) this.#timers = this.#timers.filter((each) => each !== next)
      else next.at += next.everyMs
      next.run()
    }
    this.#now = until
  }

  #add(timer: { at: number; everyMs: number | undefined; run: () => void }): Cancel {
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer)
    }
  }
}
