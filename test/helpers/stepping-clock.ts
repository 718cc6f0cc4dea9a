import type { Cancel, Clock } from '../../src/clock.ts'

/** A clock that stands still until it is told to go on; the time of day goes with it. */
export class SteppingClock implements Clock {
  #nowMs = 0
  #timers = new Set<{ readonly dueMs: number; readonly run: () => void }>()
  readonly #startMs: number

  constructor(start = '2030-05-01T12:00:00.000Z') {
    this.#startMs = new Date(start).getTime()
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#nowMs
  }

  date(): Date {
    return new Date(this.#startMs + this.#nowMs)
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { dueMs: this.#nowMs + Math.max(0, ms), run }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  every(ms: number, run: () => void): Cancel {
    let cancel = this.after(ms, tick.bind(this))
    function tick(this: SteppingClock) {
      cancel = this.after(ms, tick.bind(this))
      run()
    }
    return () => {
      cancel()
    }
  }

  sleep(ms: number, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        cancel()
        reject(signal?.reason as Error)
      }
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      if (signal?.aborted) onAbort()
      else signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Time passes while the process stands still: what was due meanwhile fires late. */
  stall(ms: number): void {
    this.#nowMs += ms
  }

  /** Lets so much time pass; timers fire in the order in which they are due. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)
      if (!next || next.dueMs > endMs) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.run()
    }
    this.#nowMs = endMs
  }
}
