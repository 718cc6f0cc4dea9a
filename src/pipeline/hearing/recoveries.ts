import type { ProviderError, ProviderErrorCode } from '../../errors.ts'
import type { Circuit } from '../circuit.ts'

/** Before the first, second … attempt to be heard by the same recogniser again. */
const DELAYS_MS = [0, 100, 250, 500]
/** Calls that lose the same vendor at the same moment do not all come back at the same moment. */
const JITTER = 0.2
/** Whoever accepts a connection and ends it sooner than this … */
const QUICK_MS = 5000
/** … so many times in a row has something against us: there is no use in going on. */
const MAX_QUICK = 3
/** Attempts to connect that fail in a row, before somebody else is asked. */
const MAX_ATTEMPTS = 2
/** A vendor that wants to be left alone for longer is of no use to a call. */
const MAX_RETRY_AFTER_MS = 500
const RETRY_AFTER_MS = 250
/** How long a call goes on without anybody who hears, before it has ever been heard and afterwards: then it ends with an apology. */
const DEAF_AT_START_MS = 4000
const DEAF_MS = 5000

/** Asking again is no use. */
const FATAL: ReadonlySet<ProviderErrorCode> = new Set(['auth', 'quota', 'rejected', 'call_over'])

export type Failure = {
  readonly error: ProviderError
  /** How long it had listened; undefined when it never did. */
  readonly listenedMs: number | undefined
  /** How long nobody has heard the caller by now. */
  readonly deafMs: number
  /** Whether anybody has ever heard this caller. */
  readonly wasHeard: boolean
}

export type Attempt = { readonly recogniser: number; readonly waitMs: number }

/** Decides who is asked to hear next, and when, after somebody has failed to; keeps no time. */
export class Recoveries {
  readonly #circuits: readonly Circuit[]
  readonly #random: () => number
  readonly #spent = new Set<number>()
  readonly #quick = new Map<number, number>()
  readonly #limited = new Set<number>()
  /** Those that stopped telling anything while they listened. */
  readonly #silent = new Set<number>()
  #current: number
  /** In this outage: failures in all, those in a row of the present one, and who has been asked. */
  #failures = 0
  #inARow = 0
  readonly #asked = new Set<number>()

  /** @param circuits of each recogniser, the preferred first */
  constructor(circuits: readonly Circuit[], random: () => number) {
    this.#circuits = circuits
    this.#random = random
    this.#current = this.#best() ?? 0
    this.#asked.add(this.#current)
  }

  get current(): number {
    return this.#current
  }

  /** Somebody else could be asked. */
  get hasOther(): boolean {
    return this.#other() !== undefined
  }

  /** The present one is not asked again in this call. */
  giveUpCurrent(): void {
    this.#spent.add(this.#current)
  }

  /** Undefined: there is nobody left, or no time. */
  after({ error, listenedMs, deafMs, wasHeard }: Failure): Attempt | undefined {
    if (listenedMs !== undefined) this.#beginOutage(listenedMs)
    this.#failures++
    this.#inARow++
    if (this.#isHopeless(error)) this.giveUpCurrent()
    const next = this.#next(error, listenedMs)
    if (next === undefined) return undefined
    const waitMs = this.#waitFor(next, error)
    if (deafMs + waitMs > (wasHeard ? DEAF_MS : DEAF_AT_START_MS)) return undefined
    if (next !== this.#current) this.#inARow = 0
    this.#current = next
    this.#asked.add(next)
    return { recogniser: next, waitMs }
  }

  #beginOutage(listenedMs: number): void {
    const quick = listenedMs < QUICK_MS ? (this.#quick.get(this.#current) ?? 0) + 1 : 0
    this.#quick.set(this.#current, quick)
    this.#failures = -1
    this.#inARow = -1
    this.#asked.clear()
    this.#asked.add(this.#current)
  }

  #isHopeless(error: ProviderError): boolean {
    if (FATAL.has(error.code) || (this.#quick.get(this.#current) ?? 0) >= MAX_QUICK) return true
    if (error.code !== 'rate_limited') return false
    const isSecond = this.#limited.has(this.#current)
    this.#limited.add(this.#current)
    return isSecond || (error.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS
  }

  #next(error: ProviderError, listenedMs: number | undefined): number | undefined {
    const isSpent = this.#spent.has(this.#current)
    // A connection may go dead by itself; the second is the vendor's own doing.
    const isSilent =
      error.code === 'timeout' && (listenedMs === undefined || this.#silent.has(this.#current))
    if (error.code === 'timeout') this.#silent.add(this.#current)
    const wantsOther = isSpent || isSilent || this.#inARow >= MAX_ATTEMPTS
    if (!wantsOther) return this.#current
    return this.#other() ?? (isSpent ? undefined : this.#current)
  }

  #waitFor(next: number, { code, retryAfterMs = RETRY_AFTER_MS }: ProviderError): number {
    if (!this.#asked.has(next)) return 0
    const delayMs = DELAYS_MS[Math.min(this.#failures, DELAYS_MS.length - 1)] ?? 0
    const waitMs = delayMs * (1 - JITTER + 2 * JITTER * this.#random())
    return code === 'rate_limited' && next === this.#current
      ? Math.max(waitMs, retryAfterMs)
      : waitMs
  }

  /** The next one that may be asked, those with a vendor that is well before the others. */
  #other(): number | undefined {
    return this.#best(this.#current)
  }

  #best(after = -1): number | undefined {
    const all = this.#circuits.map((_, i) => (after + 1 + i) % this.#circuits.length)
    const usable = all.filter((i) => i !== after && !this.#spent.has(i))
    return usable.find((i) => this.#circuits[i]?.isOpen === false) ?? usable[0]
  }
}
