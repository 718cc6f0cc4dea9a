import { FRAME_BYTES, MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import { isLoud } from '../../audio/sound.ts'
import type { Cancel, Clock } from '../../clock.ts'

/** Shorter sounds, 200 ms, may be no speech at all, and nothing is said of them. */
const SPEECH_FRAMES = 10
/** Ten seconds of nothing but speech; so much is never waited for. */
const MOST_FRAMES = 500
const TICK_MS = 250
/** Flux tells something of every 250 ms of audio, Nova of every second with words in it. */
const SUSPICIOUS_TICKS = 3000 / TICK_MS
/** How long an answer to the question whether anybody is there may take. */
const PROBE_TICKS = 1000 / TICK_MS

type DeafWatchParts = {
  readonly clock: Clock
  /** Asks for an answer; false when the vendor has no such question, and its silence says enough. */
  readonly probe: () => boolean
  readonly deaf: () => void
}

/** Notices that somebody speaks and nothing at all comes back: the connection looks well, and nobody listens on it. */
export class DeafWatch {
  readonly #parts: DeafWatchParts
  readonly #cancel: Cancel
  #sentMs = 0
  /** Where in the audio sent, in ms, the frames end that are loud and not told of. */
  #loud: number[] = []
  #ticks = 0
  #isProbing = false

  constructor(parts: DeafWatchParts) {
    this.#parts = parts
    this.#cancel = parts.clock.every(TICK_MS, () => {
      this.#tick()
    })
  }

  /** Speech was sent of which nothing has been said. */
  get isOwed(): boolean {
    return this.#loud.length >= SPEECH_FRAMES
  }

  sent(audio: Mulaw8k): void {
    for (let at = 0; at < audio.length; at += FRAME_BYTES) {
      const frame = audio.subarray(at, at + FRAME_BYTES)
      this.#sentMs += frame.length / MULAW_BYTES_PER_MS
      if (isLoud(frame) && this.#loud.length < MOST_FRAMES) this.#loud.push(this.#sentMs)
    }
  }

  /** Anything at all came. */
  received(): void {
    this.#ticks = 0
    this.#isProbing = false
  }

  /** What came was about audio up to this point. */
  told(untilMs: number): void {
    this.#loud = this.#loud.filter((ms) => ms > untilMs)
  }

  stop(): void {
    this.#cancel()
  }

  /** Ticks are counted, not time: after a stall of our own, what has come meanwhile is still to be read. */
  #tick(): void {
    if (!this.isOwed) return
    this.#ticks++
    const limit = SUSPICIOUS_TICKS + (this.#isProbing ? PROBE_TICKS : 0)
    if (this.#ticks < limit) return
    if (!this.#isProbing && this.#parts.probe()) this.#isProbing = true
    else this.#parts.deaf()
  }
}
