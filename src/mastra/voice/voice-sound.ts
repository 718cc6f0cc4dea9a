import { mulawToPcm, pcmToMulaw } from '../../audio/mulaw.ts'
import type { Mulaw8k } from '../../audio/samples.ts'
import { telephoneSound } from '../../audio/telephone-sound.ts'
import { wavFile } from '../../audio/wav.ts'
import { readWav, samplesOf } from '../../audio/wav-reader.ts'

/** What sound is written as: a WAV file, or bare samples at 8 kHz, 16-bit little-endian or μ-law. */
export type SpokenFormat = 'wav' | 'pcm' | 'mulaw'

/** How sound is that is no WAV file. */
export type RawSound = {
  readonly format: 'pcm' | 'mulaw'
  /** Default: 8,000. μ-law has no other. */
  readonly sampleRateHz?: number | undefined
}

const TELEPHONE_HZ = 8000

/** Bare samples as they come, or a whole file in one piece: its head tells its length. */
export async function* written(
  pieces: AsyncIterable<Mulaw8k>,
  format: SpokenFormat,
): AsyncGenerator<Buffer> {
  const all: Buffer[] = []
  for await (const piece of pieces) {
    if (format === 'wav') all.push(Buffer.from(piece))
    else yield bytesOf(piece, format)
  }
  if (format !== 'wav') return
  const channels = [mulawToPcm(Buffer.concat(all))]
  yield Buffer.from(wavFile({ sampleRateHz: TELEPHONE_HZ, channels }))
}

/**
 * Sound as an ear of ours takes it.
 *
 * @param raw undefined: it is a WAV file
 * @throws {WavError | RangeError} when it is of no kind that is read here
 */
export function telephoneAudio(bytes: Uint8Array, raw?: RawSound): Mulaw8k {
  if (raw === undefined) return pcmToMulaw(telephoneSound(readWav(bytes)))
  const { format, sampleRateHz = TELEPHONE_HZ } = raw
  if (format === 'mulaw') return bytes
  return pcmToMulaw(telephoneSound({ sampleRateHz, channels: [samplesOf(bytes)] }))
}

function bytesOf(piece: Mulaw8k, format: 'pcm' | 'mulaw'): Buffer {
  if (format === 'mulaw') return Buffer.from(piece)
  const samples = mulawToPcm(piece)
  const bytes = Buffer.alloc(samples.length * 2)
  samples.forEach((sample, n) => bytes.writeInt16LE(sample, n * 2))
  return bytes
}
