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

/**
 * Counts what a stream sends that cannot be used. Each kind is a warning once, so that a peer cannot fill the log; nothing
 * of what was sent is logged.
 */
export class Oddities {
  readonly #log: Logger
  readonly #meters: Pick<Meters, 'mediaRejected'>
  readonly #counts = new Map<Oddity, number>()

  constructor(log: Logger, meters: Pick<Meters, 'mediaRejected'> = noMeters) {
    this.#log = log
    this.#meters = meters
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
  }
}
