import type { Clock } from '../clock.ts'

/** Probes that come closer together share an answer, so that they cost the store nothing. */
const FRESH_MS = 5000
/** A monitor waits some seconds for its answer, and is to learn the rest as well. */
const TIMEOUT_MS = 1000

export type StoreState = {
  readonly ok: boolean
  /** How long it took to answer; absent when it did not. */
  readonly pingMs?: number
  readonly at: Date
}

/** Whether the store answers. It is asked only when somebody wants to know. */
export class StoreCheck {
  readonly #ping: () => Promise<unknown>
  readonly #clock: Clock
  #last: Promise<StoreState> | undefined
  #freshUntilMs = 0
  #hasAnswered = false

  constructor({ ping, clock }: { ping: () => Promise<unknown>; clock: Clock }) {
    this.#ping = ping
    this.#clock = clock
  }

  /** It has answered at least once: what comes later is written behind, and disturbs no call. */
  get hasAnswered(): boolean {
    return this.#hasAnswered
  }

  /** Never rejects, and takes a second at most. */
  async state(): Promise<StoreState> {
    if (!this.#last || this.#clock.now() >= this.#freshUntilMs) {
      this.#freshUntilMs = this.#clock.now() + FRESH_MS
      this.#last = this.#look()
    }
    return this.#last
  }

  async #look(): Promise<StoreState> {
    const startedMs = this.#clock.now()
    const answered = new AbortController()
    const timeout = this.#clock.sleep(TIMEOUT_MS, { signal: answered.signal }).then(
      () => false,
      // It has answered before the time was over.
      () => true,
    )
    // What is wrong with it is logged where it is used.
    const pinged = this.#ask().then(
      () => true,
      () => false,
    )
    const ok = await Promise.race([pinged, timeout])
    answered.abort(new Error('the store has answered'))
    this.#hasAnswered ||= ok
    const at = this.#clock.date()
    return ok ? { ok, pingMs: this.#clock.now() - startedMs, at } : { ok, at }
  }

  async #ask(): Promise<void> {
    await this.#ping()
  }
}
