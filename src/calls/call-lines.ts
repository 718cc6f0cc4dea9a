import type { Clock } from '../clock.ts'
import type { LineListener } from '../pipeline/ports.ts'
import type { SessionFailure } from '../pipeline/session-end.ts'

/** Streams that may be lost in one call: a line that breaks more often than this is of no use to anybody. */
const MAX_LOST_STREAMS = 20

export const NO_STREAM: SessionFailure = {
  by: 'parley',
  code: 'no_stream',
  message: 'the carrier could not open the media stream',
}

export const STREAM_LOST: SessionFailure = {
  by: 'twilio',
  code: 'stream_lost',
  message: `the media stream was lost more than ${MAX_LOST_STREAMS} times`,
}

/** The lines of one call, one after the other: whether there is one, and since when nothing has been heard of the carrier. */
export class CallLines {
  /** Why the carrier could not open the stream that is waited for. */
  failure: SessionFailure | undefined
  readonly #clock: Clock
  #count = 0
  #lost = 0
  #isOpen = false
  #heardAt: number

  /** @param hadOne in the process that has carried the call before */
  constructor(clock: Clock, { hadOne }: { hadOne: boolean }) {
    this.#clock = clock
    this.#heardAt = clock.now()
    this.#count = hadOne ? 1 : 0
  }

  /** Lines so far. */
  get count(): number {
    return this.#count
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** How long nothing has been heard of the carrier; undefined while there is a line. */
  get quietMs(): number | undefined {
    return this.#isOpen ? undefined : this.#clock.now() - this.#heardAt
  }

  /** The carrier has said something of the call. */
  heard(): void {
    this.#heardAt = this.#clock.now()
  }

  /** There is a new line, whose listener is told of it through what is returned. */
  attached(attach: () => LineListener): LineListener {
    const nth = ++this.#count
    this.failure = undefined
    this.#isOpen = true
    const listener = attach()
    return {
      ...listener,
      closed: (cause) => {
        if (nth === this.#count) this.gone()
        listener.closed(cause)
      },
    }
  }

  gone(): void {
    this.#isOpen = false
    this.heard()
  }

  /** The carrier has lost a stream. @returns how many it were; undefined: too many */
  lost(): number | undefined {
    this.#lost++
    return this.#lost > MAX_LOST_STREAMS ? undefined : this.#lost
  }
}
