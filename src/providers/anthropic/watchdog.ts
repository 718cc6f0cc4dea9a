import type { Cancel, Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'

export type Deadlines = {
  /** From the request to the first piece of the reply, a second try included. */
  readonly firstTokenTimeoutMs: number
  /** Between two pieces of a reply. */
  readonly stallTimeoutMs: number
}

/**
 * Watches one reply for dead air. The SDK's own timeout ends with the response's headers, so a reply that never begins
 * or that stops in the middle would hold the line for minutes.
 *
 * Time counts only between `wait` and `arrived`: a consumer that takes its time with a part is not the vendor's fault.
 */
export class Watchdog implements Disposable {
  readonly #clock: Clock
  readonly #controller = new AbortController()
  readonly #firstBy: number
  readonly #stallMs: number
  #begun = false
  #cancel: Cancel | undefined
  #late: ProviderError | undefined

  constructor(clock: Clock, deadlines: Deadlines) {
    this.#clock = clock
    this.#firstBy = clock.now() + deadlines.firstTokenTimeoutMs
    this.#stallMs = deadlines.stallTimeoutMs
  }

  /** Aborts when the vendor is too late; `late` then says how. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get late(): ProviderError | undefined {
    return this.#late
  }

  wait(): void {
    this.#cancel?.()
    const ms = this.#begun ? this.#stallMs : Math.max(0, this.#firstBy - this.#clock.now())
    this.#cancel = this.#clock.after(ms, () => {
      const what = this.#begun ? 'stalled in a reply' : 'did not begin to answer in time'
      this.#late = new ProviderError(`claude ${what}`, { provider: 'anthropic', code: 'timeout' })
      this.#controller.abort(this.#late)
    })
  }

  /** Something came; with `content`, the reply has begun, and from now on it is a stall that counts. */
  arrived(content = false): void {
    if (content) this.#begun = true
    this.#cancel?.()
    this.#cancel = undefined
  }

  [Symbol.dispose](): void {
    this.arrived()
  }
}
