import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import { isLoud } from '../../audio/sound.ts'
import type { SoundTrack } from './sound-track.ts'

/** A frame's length: by so much the two sides of a recording may be apart. */
const TOLERANCE = 20 * MULAW_BYTES_PER_MS
/** So far may a word lie behind its time for the sake of being whole: until the next pause, where that much is left out. */
const MAX_BEHIND = 100 * MULAW_BYTES_PER_MS
/** So many frames (10 s) tell apart a carrier's clock that runs slower than ours from frames that are late for a while. */
const FRAMES_TO_JUDGE = 500

/**
 * The caller, as one line brings them: frames are placed by their own timestamps, which are true however late a frame
 * comes. Where a timestamp lies on the recording's axis is told by the frame that took the shortest time to come. When that
 * moves what is still to come to an earlier time, and there is sound already, words stay whole and pauses become shorter.
 */
export class CallerSide {
  readonly #track: SoundTrack
  /** Sample of the axis at which the line's timestamps begin. */
  #origin: number | undefined
  #firstAt = 0
  /** By how much the most punctual of the last `#judged` frames was late. */
  #leastLate = Infinity
  #judged = 0

  constructor(track: SoundTrack) {
    this.#track = track
  }

  /** @param now sample of the axis at which the frame has come */
  receive(frame: Mulaw8k, timestampMs: number, now: number): void {
    const stamp = Math.round(timestampMs * MULAW_BYTES_PER_MS)
    if (!Number.isSafeInteger(stamp)) return
    const latestOrigin = now - frame.length - stamp
    if (this.#origin === undefined) {
      this.#origin = latestOrigin
      this.#firstAt = now - frame.length
    }
    const origin = this.#judge(this.#origin, latestOrigin - this.#origin)
    this.#origin = origin
    this.#lay(origin + stamp, frame)
  }

  /** No sound is dropped for a difference that nobody hears, and no word for one that a pause makes up for. */
  #lay(at: number, frame: Mulaw8k): void {
    const behind = this.#track.end - at
    const isWhole = behind <= TOLERANCE || (behind <= MAX_BEHIND && isLoud(frame))
    this.#track.place(isWhole ? Math.max(at, this.#track.end) : at, frame)
  }

  /** @returns the origin as it is to be from now on */
  #judge(origin: number, late: number): number {
    if (late < 0) return this.#cameEarly(origin, late)
    this.#leastLate = Math.min(this.#leastLate, late)
    if (++this.#judged < FRAMES_TO_JUDGE) return origin
    const drift = this.#leastLate > TOLERANCE ? this.#leastLate : 0
    this.#startJudging()
    return origin + drift
  }

  /** A frame cannot come before it was spoken: those before it were late, and lie too far behind. */
  #cameEarly(origin: number, by: number): number {
    const moved = this.#track.shift(this.#firstAt, by)
    this.#firstAt += moved
    this.#startJudging()
    return origin + by
  }

  #startJudging(): void {
    this.#leastLate = Infinity
    this.#judged = 0
  }
}
