import { pcmToMulaw } from './mulaw.ts'
import type { Mulaw8k } from './samples.ts'

/** PCM S16LE at 8 kHz to μ-law, as a stream of chunks that may end inside a sample. */
export class Pcm8kToMulaw {
  #oddByte: number | undefined

  push(pcm: Uint8Array): Mulaw8k {
    const bytes = this.#oddByte === undefined ? pcm : Uint8Array.from([this.#oddByte, ...pcm])
    this.#oddByte = bytes.length % 2 === 1 ? bytes.at(-1) : undefined
    const samples = new Int16Array(bytes.length >> 1)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let n = 0; n < samples.length; n++) samples[n] = view.getInt16(n * 2, true)
    return pcmToMulaw(samples)
  }

  /** Half a sample at the end is no sound. */
  flush(): Mulaw8k {
    this.#oddByte = undefined
    return new Uint8Array(0)
  }
}
