/**
 * The one source of time. Everything that waits takes a `Clock`, so that a test or the simulator can run the whole
 * system faster than real time: `scaledClock(4)` makes a second pass in 250 ms for every part that shares it.
 */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start. */
  now(): number
  /** Wall-clock time, for records only: durations are taken from `now`. */
  date(): Date
  /** Runs `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): Cancel
  /** Runs `run` every `ms` on an absolute schedule (no drift) until cancelled. */
  every(ms: number, run: () => void): Cancel
  /** Resolves after `ms`; rejects with the signal's reason when aborted first. */
  sleep(ms: number, options?: { signal?: AbortSignal }): Promise<void>
}

export type Cancel = () => void

/** A clock on which time passes `speed` times as fast as on the wall. */
export function scaledClock(speed: number): Clock {
  const now = () => performance.now() * speed
  const after = (ms: number, run: () => void): Cancel => {
    const timer = setTimeout(run, Math.max(0, ms / speed))
    return () => {
      clearTimeout(timer)
    }
  }
  return clockFrom({ now, after })
}

/** The rest of a clock, made of its time and its one kind of timer. */
export function clockFrom({ now, after }: Pick<Clock, 'now' | 'after'>): Clock {
  const every = (ms: number, run: () => void): Cancel => {
    let due = now() + ms
    let cancel: Cancel
    const tick = () => {
      due += ms
      // After a stall the missed ticks are skipped, not fired in a burst.
      due = Math.max(due, now())
      cancel = after(due - now(), tick)
      run()
    }
    cancel = after(ms, tick)
    return () => {
      cancel()
    }
  }
  const sleep = (ms: number, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const onAbort = () => {
        cancel()
        reject(signal?.reason as Error)
      }
      const cancel = after(ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  return { now, date: () => new Date(), after, every, sleep }
}

/** A clock that is merely trimmed is followed. */
const TRIM_MS = 1000

/**
 * Dates of one thing that lasts, such as a call: when the machine's clock is put right meanwhile, they go on as time does, so
 * that it becomes neither longer nor shorter.
 */
export function steadyDates(clock: Pick<Clock, 'now' | 'date'>): () => Date {
  const offsetMs = clock.date().getTime() - clock.now()
  return () => {
    const date = clock.date()
    const steadyMs = offsetMs + clock.now()
    return Math.abs(date.getTime() - steadyMs) < TRIM_MS ? date : new Date(steadyMs)
  }
}

/** Real time. */
export const systemClock: Clock = scaledClock(1)
