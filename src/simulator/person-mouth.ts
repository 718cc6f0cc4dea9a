import { FRAME_BYTES, MULAW_SILENCE } from '../audio/samples.ts'
import type { Mulaw8k } from '../audio/samples.ts'

/** The person's side of the line: sounds laid at exact samples since the answer, taken out in 20 ms frames. */
export class Mouth {
  #sounds: { readonly start: number; readonly audio: Mulaw8k }[] = []
  #nextFrame = 0

  /** The first sample that has not left yet. */
  get position(): number {
    return this.#nextFrame * FRAME_BYTES
  }

  /**
   * Lays a sound at `sample`, or as soon after it as the frames that have left and the sounds before it allow. Returns
   * where it starts.
   */
  speak(audio: Mulaw8k, sample: number): number {
    const last = this.#sounds.at(-1)
    const start = Math.max(sample, this.position, last ? last.start + last.audio.length : 0)
    this.#sounds.push({ start, audio })
    return start
  }

  /** Nothing more sounds from `sample` on; what has left has left. */
  hush(sample: number): void {
    const from = Math.max(sample, this.position)
    this.#sounds = this.#sounds
      .filter(({ start }) => start < from)
      .map(({ start, audio }) => ({ start, audio: audio.subarray(0, from - start) }))
  }

  /** The next frame; undefined when it is silent. */
  takeFrame(): Mulaw8k | undefined {
    const from = this.position
    const to = from + FRAME_BYTES
    this.#nextFrame++
    if (this.#sounds.length === 0) return undefined
    let frame: Mulaw8k | undefined
    for (const { start, audio } of this.#sounds) {
      if (start >= to) break
      frame ??= new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE)
      const offset = Math.max(0, from - start)
      frame.set(audio.subarray(offset, to - start), Math.max(0, start - from))
    }
    this.#sounds = this.#sounds.filter(({ start, audio }) => start + audio.length > to)
    return frame
  }
}
