import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import { isLoud } from '../../audio/sound.ts'

type Span = { readonly startMs: number; endMs: number }

/** Mouths close for less than this inside of words. */
const JOINED_MS = 60

/** Where in the call's audio the caller made a sound as loud as speech, as far back as their audio is kept. */
export class CallerSound {
  readonly #keptMs: number
  readonly #spans: Span[] = []
  #endMs = 0

  constructor(keptMs: number) {
    this.#keptMs = keptMs
  }

  push(frame: Mulaw8k): void {
    const startMs = this.#endMs
    this.#endMs += frame.length / MULAW_BYTES_PER_MS
    if (!isLoud(frame)) return
    const last = this.#spans.at(-1)
    if (last && startMs - last.endMs <= JOINED_MS) last.endMs = this.#endMs
    else this.#spans.push({ startMs, endMs: this.#endMs })
    while ((this.#spans[0]?.endMs ?? Infinity) < this.#endMs - this.#keptMs) this.#spans.shift()
  }

  /** How long it has been quiet. */
  get quietMs(): number {
    return this.#endMs - (this.#spans.at(-1)?.endMs ?? 0)
  }

  /** The silence around a point: where it began and where it ends; undefined when there is a sound at that point. */
  silenceAt(ms: number): { readonly fromMs: number; readonly toMs: number } | undefined {
    let fromMs = 0
    for (const { startMs, endMs } of this.#spans) {
      if (startMs > ms) return { fromMs, toMs: startMs }
      if (endMs > ms) return undefined
      fromMs = endMs
    }
    return { fromMs, toMs: this.#endMs }
  }
}
