import type { Channel } from './channel.ts'

/**
 * What was said so long before the switch was asked for may not have been told yet: some vendors tell words about once a
 * second. The new connection hears it as well, unless a turn that is over has it.
 */
const UNTOLD_MS = 1500
/** Words are timed to some 50 ms. After the end of a turn there is a pause, so that no word is lost by it. */
const TIMING_TOLERANCE_MS = 50

/** A second connection that is to hear another language, while the first one still hears the call. */
export class LanguageSwitch {
  readonly channel: Channel
  readonly #askedMs: number

  /** @param askedMs the point of the call's audio at which the switch was asked for */
  constructor(channel: Channel, askedMs: number) {
    this.channel = channel
    this.#askedMs = askedMs
  }

  /** From where on the new connection hears, so that it misses nothing and repeats nothing: a point of the call's audio. */
  firstMsAfter(heardUntilMs: number): number {
    return Math.max(this.#askedMs - UNTOLD_MS, heardUntilMs + TIMING_TOLERANCE_MS)
  }

  /** The first connection goes on as it was. */
  cancel(): void {
    this.channel.cut()
  }
}
