import type { Cancel, Clock } from '../clock.ts'

/** A pause that is longer than this while a tool runs sounds as if the line were dead. */
const TOOL_SILENCE_MS = 1000
/** Between two fillers, and after the model's own "let me check": spoken words, and two seconds of quiet behind them. */
const BETWEEN_MS = 3500
/** The same where it is not a tool that is waited for, but the agent: words, and a second of quiet. */
const BETWEEN_ANY_MS = 2500

/** Which filler of a call is next, and when there was one: no two alike in a row, and none close together. */
export class FillerRota {
  #used = 0
  #lastMs = -Infinity

  get lastMs(): number {
    return this.#lastMs
  }

  /** How much too soon words that fill a wait would come after the last ones. */
  dueInMs(nowMs: number): number {
    return Math.max(0, this.#lastMs + BETWEEN_ANY_MS - nowMs)
  }

  take(phrases: readonly string[], nowMs: number): string {
    this.#lastMs = nowMs
    return phrases[this.#used++ % phrases.length] ?? ''
  }
}

/** Says when one reply's wait for its tools has been silent for too long. */
export class FillerTimer {
  readonly #clock: Clock
  readonly #rota: FillerRota
  #due = Promise.withResolvers<'filler'>()
  #wait: { readonly sinceMs: number; readonly spoke: boolean } | undefined
  #cancel: Cancel = () => undefined

  constructor(clock: Clock, rota: FillerRota) {
    this.#clock = clock
    this.#rota = rota
  }

  /** Resolves when a filler is due; after `take` and `stop` it is another promise. */
  get due(): Promise<'filler'> {
    return this.#due.promise
  }

  /** Tools begin to run. `spoke`: the model has said something before, such as that it will check. */
  toolsRun({ spoke }: { spoke: boolean }): void {
    this.#wait = { sinceMs: this.#clock.now(), spoke }
    this.#arm()
  }

  /** The filler that is due; the next one is due after a while. */
  take(phrases: readonly string[]): string {
    const phrase = this.#rota.take(phrases, this.#clock.now())
    this.#due = Promise.withResolvers()
    this.#arm()
    return phrase
  }

  /** The tools have answered, or the reply is over. How long the model takes for its answer, the turn machine sees to. */
  stop(): void {
    this.#cancel()
    this.#wait = undefined
    this.#due = Promise.withResolvers()
  }

  #arm(): void {
    this.#cancel()
    if (this.#wait === undefined) return
    const { sinceMs, spoke } = this.#wait
    const dueMs = Math.max(
      sinceMs + (spoke ? BETWEEN_MS : TOOL_SILENCE_MS),
      this.#rota.lastMs + BETWEEN_MS,
    )
    const { resolve } = this.#due
    this.#cancel = this.#clock.after(dueMs - this.#clock.now(), () => {
      resolve('filler')
    })
  }
}
