import type { Cancel, Clock } from './clock.ts'

const DAY_MS = 86_400_000

type DailyTaskOptions = {
  /** After the start, when nothing else is in a hurry any more. */
  readonly firstMs: number
  /** Must not reject: what fails is tried again the next day. */
  readonly run: () => Promise<void>
  readonly clock: Clock
}

/** Something that is done once a day, one at a time. */
export class DailyTask {
  readonly #options: DailyTaskOptions
  #cancel: Cancel | undefined
  #running: Promise<void> | undefined

  constructor(options: DailyTaskOptions) {
    this.#options = options
  }

  start(): void {
    const { clock, firstMs } = this.#options
    this.#cancel ??= clock.after(firstMs, () => {
      this.#cancel = clock.every(DAY_MS, () => void this.run())
      void this.run()
    })
  }

  /** It is not begun again; resolves when it is not going on. */
  async stop(): Promise<void> {
    this.#cancel?.()
    await this.#running
  }

  /** At once; if it is going on already, that one. */
  run(): Promise<void> {
    this.#running ??= this.#options.run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }
}
