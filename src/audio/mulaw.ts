import alawmulaw from 'alawmulaw'
import type { Mulaw8k, Pcm8k } from './samples.ts'

/**
 * μ-law by lookup tables built from `alawmulaw`, bit for bit the same over every input and 5 to 18 times as fast.
 *
 * Decoding equals ITU-T G.711 as sox does it. Encoding differs from `sox -D` in 383 of the 65,536 inputs, each a
 * sample on the boundary between two codes that goes to the neighbouring code; neither choice has a bias.
 */
const { mulaw } = alawmulaw

/** Index: the sample as an unsigned 16-bit number. */
const encodeTable = new Uint8Array(65_536)
for (let sample = -32_768; sample <= 32_767; sample++) {
  encodeTable[sample & 0xffff] = mulaw.encodeSample(sample)
}

const decodeTable = new Int16Array(256)
for (let code = 0; code < 256; code++) {
  decodeTable[code] = mulaw.decodeSample(code)
}

/** Index: the code; of each its sample, squared. */
const squareTable = Float64Array.from(decodeTable, (sample) => sample * sample)

/** PCM S16 samples at 8 kHz to μ-law, one byte a sample. */
export function pcmToMulaw(pcm: Pcm8k): Mulaw8k {
  const out = new Uint8Array(pcm.length)
  // The mask keeps the index inside the table, so the lookup is never undefined.
  for (let i = 0; i < pcm.length; i++) out[i] = encodeTable[(pcm[i] as number) & 0xffff] as number
  return out
}

/** μ-law bytes to PCM S16 samples at 8 kHz. */
export function mulawToPcm(audio: Mulaw8k): Pcm8k {
  const out = new Int16Array(audio.length)
  for (let i = 0; i < audio.length; i++) out[i] = mulawSample(audio[i] as number)
  return out
}

/** One of them. */
export function mulawSample(code: number): number {
  return decodeTable[code & 0xff] as number
}

/** The sum of the squares of the samples, without making them. */
export function energyOf(audio: Mulaw8k): number {
  let sum = 0
  for (let i = 0; i < audio.length; i++) sum += squareTable[audio[i] as number] as number
  return sum
}
