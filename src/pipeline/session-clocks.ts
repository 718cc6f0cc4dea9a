import type { Cancel, Clock } from '../clock.ts'
import type { FillerRota } from './tool-fillers.ts'
import { SessionTimers } from './session-timers.ts'
import type { DeadAirEvent, TurnEffect, TurnEvent, TurnTimer } from './turn-events.ts'

export type SessionLimits = {
  readonly maxDurationMs: number
  /** So long before the end the caller is told; 0: never. */
  readonly timeWarningMs: number
  /** How long the caller may say nothing before being asked whether they are there. */
  readonly silenceMs: number
  /** The same while the agent was asked to wait. */
  readonly holdMs: number
  /** How long a call without a line waits for another one. */
  readonly reattachMs: number
  readonly deadAir: DeadAirLadder
}

/** What happens when so much of a wait for the agent is over, in ms from its beginning. */
export type DeadAirLadder = {
  /** Words that fill the wait; each comes once. */
  readonly fillersMs: readonly number[]
  /** An apology, and the end of the call. */
  readonly giveUpMs: number
}

/** Thirty-two keys or half-second waits, the most that may be pressed at once. */
const LONGEST_KEYS_MS = 16_000

/** The clocks of a call: those that the turn machine starts and stops, and those of its longest duration. */
export class SessionClocks {
  readonly #parts: SessionClocksParts
  readonly #timers: SessionTimers<TurnTimer | 'time_warning' | 'max_duration'>

  #deadAir: Cancel[] = []

  constructor(parts: SessionClocksParts) {
    this.#parts = parts
    this.#timers = new SessionTimers(parts.clock)
  }

  /** There is a line: from now on the time of the call counts. `elapsedMs`: what is used up of it already. */
  begin(elapsedMs: number): void {
    const { limits, dispatch } = this.#parts
    const { maxDurationMs, timeWarningMs } = limits
    const leftMs = Math.max(0, maxDurationMs - elapsedMs)
    this.#timers.start('max_duration', leftMs, () => {
      dispatch({ type: 'time_up' })
    })
    // In a very short call the warning would be most of it.
    if (timeWarningMs === 0 || timeWarningMs * 2 > maxDurationMs) return
    if (leftMs < timeWarningMs) return
    this.#timers.start('time_warning', leftMs - timeWarningMs, () => {
      dispatch({ type: 'time_nearly_up' })
    })
  }

  /** `isPressing`: the line that is waited for comes after keys. */
  start(
    effect: Extract<TurnEffect, { type: 'start_timer' }>,
    { isPressing }: { isPressing: boolean },
  ): void {
    const { limits, isAtWork, dispatch } = this.#parts
    const { silenceMs, holdMs, reattachMs } = limits
    const awayMs = isPressing ? reattachMs + LONGEST_KEYS_MS : reattachMs
    const settings = { silence: silenceMs, hold: holdMs, away: awayMs }
    const { timer } = effect
    this.#timers.start(timer, 'ms' in effect ? effect.ms : settings[effect.timer], () => {
      const working = isAtWork()
      dispatch({ type: 'timer_fired', timer, ...(working && { working }) })
    })
  }

  /** The person waits for the agent, and has done so for a while. */
  watchDeadAir(waitedMs: number): void {
    const { fillersMs, giveUpMs } = this.#parts.limits.deadAir
    this.unwatchDeadAir()
    this.#deadAir = [
      ...fillersMs.map((ms) => this.#afterWaiting(ms - waitedMs, 'filler')),
      this.#afterWaiting(giveUpMs - waitedMs, 'give_up'),
    ]
  }

  unwatchDeadAir(): void {
    for (const cancel of this.#deadAir.splice(0)) cancel()
  }

  #afterWaiting(ms: number, rung: DeadAirEvent['rung']): Cancel {
    const { clock, fillers, isAtWork, dispatch } = this.#parts
    let cancel: Cancel
    const fire = () => {
      const earlyMs = rung === 'filler' ? fillers.dueInMs(clock.now()) : 0
      if (earlyMs > 0) {
        cancel = clock.after(earlyMs, fire)
        return
      }
      const working = isAtWork()
      dispatch({ type: 'dead_air', rung, ...(working && { working }) })
    }
    cancel = clock.after(ms, fire)
    return () => {
      cancel()
    }
  }

  stop(timer: TurnTimer): void {
    this.#timers.stop(timer)
  }

  stopAll(): void {
    this.#timers.stopAll()
    this.unwatchDeadAir()
  }
}

export type SessionClocksParts = {
  readonly clock: Clock
  readonly limits: SessionLimits
  /** When the last words were that filled a wait. */
  readonly fillers: Pick<FillerRota, 'dueInMs'>
  /** Whether a tool is at work for the caller. */
  readonly isAtWork: () => boolean
  readonly dispatch: (event: TurnEvent) => void
}
