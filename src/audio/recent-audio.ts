import { MULAW_BYTES_PER_MS, type Mulaw8k } from './samples.ts'

/** The newest audio of the caller, up to a bound, by its position since the call began. */
export class RecentAudio {
  readonly #ring: Uint8Array
  #endBytes = 0

  constructor(maxMs: number) {
    this.#ring = new Uint8Array(maxMs * MULAW_BYTES_PER_MS)
  }

  /** How much there was in all, whether or not it is still kept. */
  get endMs(): number {
    return this.#endBytes / MULAW_BYTES_PER_MS
  }

  /** The owner of a frame may use its memory again. */
  push(frame: Mulaw8k): void {
    const next = this.#endBytes % this.#ring.length
    if (next + frame.length <= this.#ring.length) this.#ring.set(frame, next)
    else this.#wrap(frame)
    this.#endBytes += frame.length
  }

  #wrap(frame: Mulaw8k): void {
    const kept = frame.subarray(-this.#ring.length)
    const at = (this.#endBytes + frame.length - kept.length) % this.#ring.length
    const first = kept.subarray(0, this.#ring.length - at)
    this.#ring.set(first, at)
    this.#ring.set(kept.subarray(first.length), 0)
  }

  /** Where the oldest that is kept begins. */
  get startMs(): number {
    return this.#startBytes / MULAW_BYTES_PER_MS
  }

  get #startBytes(): number {
    return Math.max(0, this.#endBytes - this.#ring.length)
  }

  /** A copy of what there was from a position on, or from the oldest that is kept; at most so many ms of it. */
  since(ms: number, maxMs = Infinity): { readonly startMs: number; readonly audio: Mulaw8k } {
    const wanted = Math.ceil(ms * MULAW_BYTES_PER_MS)
    const start = Math.min(this.#endBytes, Math.max(this.#startBytes, wanted))
    const audio = new Uint8Array(Math.min(this.#endBytes - start, maxMs * MULAW_BYTES_PER_MS))
    const at = start % this.#ring.length
    const first = this.#ring.subarray(at, at + audio.length)
    audio.set(first)
    audio.set(this.#ring.subarray(0, audio.length - first.length), first.length)
    return { startMs: start / MULAW_BYTES_PER_MS, audio }
  }
}
