import type { Mulaw8k } from '../../audio/samples.ts'

/** Audio of the caller that comes before the vendor listens: the newest of it, up to a bound. */
export class HeldAudio {
  readonly #maxBytes: number
  #frames: Mulaw8k[] = []
  #bytes = 0
  #droppedBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** What had to be forgotten. */
  get droppedBytes(): number {
    return this.#droppedBytes
  }

  push(frame: Mulaw8k): void {
    // The owner of a frame may use its memory again.
    this.#frames.push(frame.slice())
    this.#bytes += frame.length
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#frames.shift()
      if (!oldest) return
      this.#bytes -= oldest.length
      this.#droppedBytes += oldest.length
    }
  }

  take(): readonly Mulaw8k[] {
    const frames = this.#frames
    this.#frames = []
    this.#bytes = 0
    return frames
  }
}
