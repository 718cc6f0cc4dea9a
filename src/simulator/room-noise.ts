import { mulawToPcm, pcmToMulaw } from '../audio/mulaw.ts'
import { FRAME_BYTES } from '../audio/samples.ts'
import type { Mulaw8k } from '../audio/samples.ts'
import { seeded } from './seeded.ts'

/** Two seconds of noise, over and over: longer than anything that would hear the repetition. */
const LOOP_FRAMES = 100
const FULL_SCALE = 32_768
const LOUDEST = 32_767

/**
 * White noise around the person. Every sample has the same magnitude and a random sign: noise of the same spectrum whose
 * level never rises over what was asked for, not even for a moment.
 */
export class RoomNoise {
  readonly #noise: Int16Array
  readonly #quiet: readonly Mulaw8k[]
  #frame = 0

  /** @param levelDbfs root mean square, relative to full scale; below 0 */
  constructor(levelDbfs: number) {
    const magnitude = Math.round(FULL_SCALE * 10 ** (levelDbfs / 20))
    const random = seeded(1)
    this.#noise = Int16Array.from({ length: LOOP_FRAMES * FRAME_BYTES }, () =>
      random() < 0.5 ? magnitude : -magnitude,
    )
    const loop = pcmToMulaw(this.#noise)
    this.#quiet = Array.from({ length: LOOP_FRAMES }, (_, i) =>
      loop.subarray(i * FRAME_BYTES, (i + 1) * FRAME_BYTES),
    )
  }

  /** The next 20 ms with noise in them; undefined is a frame of silence. */
  around(frame: Mulaw8k | undefined): Mulaw8k | undefined {
    const at = this.#frame++ % LOOP_FRAMES
    if (!frame) return this.#quiet[at]
    const pcm = mulawToPcm(frame)
    const start = at * FRAME_BYTES
    const mixed = pcm.map((sample, i) => {
      const sum = sample + (this.#noise[start + i] ?? 0)
      return Math.max(-LOUDEST, Math.min(LOUDEST, sum))
    })
    return pcmToMulaw(mixed)
  }
}
