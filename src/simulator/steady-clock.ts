import { type Cancel, type Clock, clockFrom, systemClock } from '../clock.ts'
import { DueTimes } from './due-times.ts'

/**
 * How far time may go on from one round of the event loop to the next: a frame of the line. A message between server,
 * stand-ins and person takes a few rounds, and so a few frames at the most.
 */
const STEP_MS = 20
/** Node's shortest timer, and as short a pause as a message on loopback needs. */
const ROUND_MS = 1

/**
 * Time for a whole simulated world in one process: up to `speed` times as fast as on the wall, but never faster than the
 * process comes round. When the machine is slow, or stands still for a moment, this time is slow or stands still with it.
 * Nobody in the world is late then, and a call goes the same way on a busy machine as on an idle one.
 *
 * Between two rounds no time passes. Parts in another process, and waits in real time, must not be measured by it.
 */
export function steadyClock(speed = STEP_MS / ROUND_MS): Clock {
  const timers = new DueTimes<() => void>()
  let time = systemClock.now()
  let lastRound = time
  let round: Cancel | undefined

  const goOn = () => {
    const real = systemClock.now()
    time += Math.min(STEP_MS, (real - lastRound) * speed)
    lastRound = real
  }
  const comeRound = () => {
    goOn()
    for (const timer of timers.takeUntil(time)) {
      // As with timers of the event loop: what one of them leads to happens before the next one runs.
      setImmediate(() => {
        if (!timer.isCancelled) timer.what()
      })
    }
    round = timers.isEmpty ? undefined : systemClock.after(ROUND_MS, comeRound)
  }
  const now = () => {
    if (round === undefined) goOn()
    return time
  }
  const after = (ms: number, run: () => void): Cancel => {
    const timer = timers.add(now() + Math.max(0, ms), run)
    round ??= systemClock.after(ROUND_MS, comeRound)
    return () => {
      timers.cancel(timer)
      if (!timers.isEmpty) return
      round?.()
      round = undefined
    }
  }
  return clockFrom({ now, after })
}
