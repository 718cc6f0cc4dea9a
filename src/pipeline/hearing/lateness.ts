import type { Clock } from '../../clock.ts'

/** Words that come so much later than they were spoken make every answer late. */
const LATE_MS = 2500
/** One of them may be late for a reason of its own. */
const LATE_FOR_MS = 1500

/** Notices a recogniser that is slow, and does not fail. */
export class Lateness {
  readonly #clock: Clock
  #lateSince: number | undefined
  #ms = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How late the newest words were. */
  get ms(): number {
    return this.#ms
  }

  /** Words were told so much after they had been spoken; true when that has been too long for a while. */
  note(ms: number): boolean {
    this.#ms = ms
    const now = this.#clock.now()
    // Words without times say nothing.
    if (!Number.isFinite(ms) || ms < LATE_MS) this.#lateSince = undefined
    else this.#lateSince ??= now
    return this.#lateSince !== undefined && now - this.#lateSince >= LATE_FOR_MS
  }

  reset(): void {
    this.#lateSince = undefined
  }
}
