import { MULAW_SILENCE } from '../audio/samples.ts'
import type { Mulaw8k } from '../audio/samples.ts'

/** Both sides of a call as μ-law, sample for sample side by side since the answer. */
export type TwoSides = { readonly caller: Mulaw8k; readonly agent: Mulaw8k }

/** Keeps the sounds of one side of a call and where they lie; what was silent takes no memory. */
export class SideRecording {
  readonly #pieces: { readonly at: number; readonly audio: Mulaw8k }[] = []

  add(at: number, audio: Mulaw8k): void {
    this.#pieces.push({ at, audio })
  }

  /** The first `samples` samples of this side. */
  render(samples: number): Mulaw8k {
    const out = new Uint8Array(samples).fill(MULAW_SILENCE)
    for (const { at, audio } of this.#pieces) {
      if (at < samples) out.set(audio.subarray(0, samples - at), at)
    }
    return out
  }
}
