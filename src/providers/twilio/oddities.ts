import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { type Meters, noMeters } from '../../metrics/meters.ts'

/** What a peer may send that is of no use. */
export type Oddity =
  | 'binary' // not a text frame
  | 'oversized'
  | 'malformed' // no JSON, or a known message that is not as it should be
  | 'unknown' // an event that we do not know
  | 'foreign' // of another stream, or of our own track
  | 'misplaced' // a known message at the wrong time

/** So many malformed messages … */
const FLOOD = 10
/** … in so long are no accident. */
const FLOOD_MS = 10_000

/**
 * Counts what a stream sends that cannot be used. Each kind is a warning once, so that a peer cannot fill the log; nothing
 * of what was sent is logged.
 */
export class Oddities {
  readonly #log: Logger
  readonly #meters: Pick<Meters, 'mediaRejected'>
  readonly #counts = new Map<Oddity, number>()
  readonly #flood: { readonly clock: Clock; readonly onFlood: () => void } | undefined
  /** When the latest malformed messages came. */
  #malformedAt: readonly number[] = []

  /** @param flood who is told when malformed messages come one upon the other */
  constructor(
    log: Logger,
    meters: Pick<Meters, 'mediaRejected'> = noMeters,
    flood?: { readonly clock: Clock; readonly onFlood: () => void },
  ) {
    this.#log = log
    this.#meters = meters
    this.#flood = flood
  }

  get counts(): Readonly<Partial<Record<Oddity, number>>> {
    return Object.fromEntries(this.#counts)
  }

  note(oddity: Oddity): void {
    const count = (this.#counts.get(oddity) ?? 0) + 1
    this.#counts.set(oddity, count)
    this.#meters.mediaRejected(oddity)
    if (count === 1) this.#log.warn({ oddity }, 'media message ignored')
    else this.#log.debug({ oddity, count }, 'media message ignored')
    if (oddity === 'malformed') this.#watchFlood()
  }

  #watchFlood(): void {
    if (!this.#flood) return
    const now = this.#flood.clock.now()
    this.#malformedAt = [...this.#malformedAt, now].slice(-FLOOD)
    const [first = now] = this.#malformedAt
    if (this.#malformedAt.length === FLOOD && now - first <= FLOOD_MS) this.#flood.onFlood()
  }
}
