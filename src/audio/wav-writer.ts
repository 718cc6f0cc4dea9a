import type { Mulaw8k } from './samples.ts'

/** Where the bytes of a file go; each write is done before the next one is asked for. */
export type ByteSink = {
  /** Puts all of `bytes` at this offset of the file. */
  write(bytes: Uint8Array, at: number): Promise<void>
  close(): Promise<void>
}

/** “WAVE_FORMAT_MULAW”. A format other than PCM has an extension size (0) behind `fmt `, and a `fact` chunk. */
const FORMAT_MULAW = 7
const FORMAT_BYTES = 18
const SAMPLE_RATE_HZ = 8000
const CHANNELS = 2

/** Whole samples of each side in a file of this size. */
export function mulawStereoSamples(fileBytes: number): number {
  return Math.max(0, Math.floor((fileBytes - MULAW_STEREO_HEADER_BYTES) / CHANNELS))
}

/** RIFF (12), `fmt ` (8 + 18), `fact` (8 + 4), and the head of `data` (8). */
export const MULAW_STEREO_HEADER_BYTES = 58

/**
 * The head of a RIFF/WAVE file of two channels of G.711 μ-law, 8 kHz: 16,000 bytes a second, so that its sizes, which have
 * 32 bits, are enough for three days.
 *
 * @param samples of each channel that follow
 */
export function mulawStereoHeader(samples: number): Uint8Array {
  const header = new Uint8Array(MULAW_STEREO_HEADER_BYTES)
  const view = new DataView(header.buffer)
  const text = (at: number, value: string) => {
    header.set(new TextEncoder().encode(value), at)
  }
  const soundBytes = samples * CHANNELS
  text(0, 'RIFF')
  view.setUint32(4, MULAW_STEREO_HEADER_BYTES - 8 + soundBytes, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, FORMAT_BYTES, true)
  view.setUint16(20, FORMAT_MULAW, true)
  view.setUint16(22, CHANNELS, true)
  view.setUint32(24, SAMPLE_RATE_HZ, true)
  view.setUint32(28, SAMPLE_RATE_HZ * CHANNELS, true)
  view.setUint16(32, CHANNELS, true)
  view.setUint16(34, 8, true)
  view.setUint16(36, 0, true)
  text(38, 'fact')
  view.setUint32(42, 4, true)
  view.setUint32(46, samples, true)
  text(50, 'data')
  view.setUint32(54, soundBytes, true)
  return header
}

/**
 * Writes a stereo WAV of μ-law as its sound comes. Between two calls the file is a valid one, and it stays so when the
 * process dies in the middle: the head is brought up to date only behind the sound that it counts.
 */
export class MulawWavWriter {
  readonly #sink: ByteSink
  #samples = 0
  #hasHeader = false

  /** @param samples of each side that are in the file already, whole ones, from its beginning on */
  constructor(sink: ByteSink, samples = 0) {
    this.#sink = sink
    this.#samples = samples
  }

  /** Both sides must be of the same length. Rejects when the sink does; what was written before is still a whole file. */
  async append(left: Mulaw8k, right: Mulaw8k): Promise<void> {
    if (!this.#hasHeader) await this.#writeHeader()
    const at = MULAW_STEREO_HEADER_BYTES + this.#samples * CHANNELS
    await this.#sink.write(interleaved(left, right), at)
    this.#samples += left.length
    await this.#writeHeader()
  }

  async close(): Promise<void> {
    await this.#sink.close()
  }

  async #writeHeader(): Promise<void> {
    await this.#sink.write(mulawStereoHeader(this.#samples), 0)
    this.#hasHeader = true
  }
}

function interleaved(left: Mulaw8k, right: Mulaw8k): Uint8Array {
  const out = new Uint8Array(left.length * CHANNELS)
  left.forEach((byte, n) => {
    out[n * CHANNELS] = byte
  })
  right.forEach((byte, n) => {
    out[n * CHANNELS + 1] = byte
  })
  return out
}
