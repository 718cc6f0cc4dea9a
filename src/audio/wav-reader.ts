import { mulawToPcm } from './mulaw.ts'

/** Samples of a file, one array a channel, all of one length. */
export type WavSound = { readonly sampleRateHz: number; readonly channels: readonly Int16Array[] }

/** A file is no WAV, or none of a kind that is read here; the message says why. */
export class WavError extends Error {
  override readonly name = 'WavError'
}

const FORMAT_PCM = 1
const FORMAT_MULAW = 7
/** “WAVE_FORMAT_EXTENSIBLE”: the real one stands in the first two bytes of its sub-format. */
const FORMAT_EXTENSIBLE = 0xfffe
const SUB_FORMAT_AT = 24
const FORMAT_BYTES = 16

type Format = {
  readonly code: number
  readonly channels: number
  readonly sampleRateHz: number
  readonly bits: number
}

/**
 * Reads a RIFF/WAVE file of 16-bit PCM or 8-bit μ-law with any rate and number of channels. Sizes that are too large are those of a
 * file that was written as a stream: what is there counts.
 *
 * @throws {WavError}
 */
export function readWav(file: Uint8Array): WavSound {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (tagAt(file, 0) !== 'RIFF' || tagAt(file, 8) !== 'WAVE')
    throw new WavError('this is no WAV file')
  let format: Format | undefined
  for (let at = 12; at + 8 <= file.length;) {
    const tag = tagAt(file, at)
    const size = view.getUint32(at + 4, true)
    const body = at + 8
    if (tag === 'fmt ') format = formatAt(view, body)
    if (tag === 'data') {
      if (!format) break
      return soundOf(file.subarray(body, Math.min(file.length, body + size)), format)
    }
    // Chunks begin at even places.
    at = body + size + (size % 2)
  }
  throw new WavError('this WAV file has no sound in it')
}

function formatAt(view: DataView, at: number): Format {
  if (at + FORMAT_BYTES > view.byteLength) throw new WavError('this WAV file ends in its header')
  const code = view.getUint16(at, true)
  const isExtended = code === FORMAT_EXTENSIBLE && at + SUB_FORMAT_AT + 2 <= view.byteLength
  return {
    code: isExtended ? view.getUint16(at + SUB_FORMAT_AT, true) : code,
    channels: view.getUint16(at + 2, true),
    sampleRateHz: view.getUint32(at + 4, true),
    bits: view.getUint16(at + 14, true),
  }
}

function soundOf(bytes: Uint8Array, { code, channels, sampleRateHz, bits }: Format): WavSound {
  if (channels === 0) throw new WavError('this WAV file has no channels')
  if (code === FORMAT_MULAW && bits === 8) {
    return { sampleRateHz, channels: apart(mulawToPcm(bytes), channels) }
  }
  if (code === FORMAT_PCM && bits === 16) {
    return { sampleRateHz, channels: apart(samplesOf(bytes), channels) }
  }
  throw new WavError(
    `this WAV file has ${bits}-bit sound of format ${code}: 16-bit PCM and 8-bit μ-law are read`,
  )
}

/** Little-endian bytes as samples; half a sample at the end is no sound. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Int16Array.from({ length: bytes.length >> 1 }, (_, n) => view.getInt16(2 * n, true))
}

function apart(interleaved: Int16Array, channels: number): Int16Array[] {
  // Whole frames only, which keeps every index inside the array.
  const frames = Math.floor(interleaved.length / channels)
  return Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length: frames }, (_, n) => interleaved[n * channels + channel] as number),
  )
}

function tagAt(file: Uint8Array, at: number): string {
  return String.fromCharCode(...file.subarray(at, at + 4))
}
