import type { Cancel, Clock } from '../../clock.ts'

/** Pauses between two looks at a call of which nothing else tells; the last one stays. */
const PAUSES_MS = [1000, 2000, 3000, 5000, 5000, 5000, 8000, 10_000, 15_000]
/** Whatever the service says of a call, or does not: nobody talks longer than this. */
const LONGEST_CALL_MS = 5 * 3_600_000

/** When a call in the cloud is looked at: soon after something happened, and ever more rarely when nothing does. */
export class CloudWatch {
  readonly #clock: Clock
  readonly #look: () => Promise<void>
  readonly #givenUp: () => void
  readonly #since: number
  #cancel: Cancel | undefined
  #looks = 0
  #isLooking = false
  /** Something happened while a look was under way, which may have been too early to see it. */
  #isAskedAgain = false
  #isOver = false

  /** @param options.look never rejects */
  constructor(options: { clock: Clock; look: () => Promise<void>; givenUp: () => void }) {
    this.#clock = options.clock
    this.#look = options.look
    this.#givenUp = options.givenUp
    this.#since = options.clock.now()
  }

  /** Looks at once, and soon again. */
  now(): void {
    this.#looks = 0
    if (this.#isLooking) this.#isAskedAgain = true
    else this.#lookAfter(0)
  }

  stop(): void {
    this.#isOver = true
    this.#cancel?.()
  }

  #lookAfter(ms: number): void {
    this.#cancel?.()
    if (this.#isOver) return
    this.#cancel = this.#clock.after(ms, () => {
      void this.#run()
    })
  }

  async #run(): Promise<void> {
    this.#isLooking = true
    await this.#look()
    this.#isLooking = false
    if (this.#clock.now() - this.#since > LONGEST_CALL_MS) {
      this.#givenUp()
      return
    }
    const pauseMs = this.#isAskedAgain ? 0 : PAUSES_MS[this.#looks++]
    this.#isAskedAgain = false
    this.#lookAfter(pauseMs ?? PAUSES_MS.at(-1) ?? 0)
  }
}
