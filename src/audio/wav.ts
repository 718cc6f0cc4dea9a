import type { Pcm8k } from './samples.ts'

const HEADER_BYTES = 44
const BYTES_PER_SAMPLE = 2
/** “WAVE_FORMAT_PCM”: plain integers, nothing compressed. */
const FORMAT_PCM = 1

/** A RIFF/WAVE file of S16LE samples; channels that are shorter than the longest end in silence. */
export function wavFile(options: {
  readonly sampleRateHz: number
  readonly channels: readonly Pcm8k[]
}): Uint8Array {
  const { sampleRateHz, channels } = options
  const frames = Math.max(0, ...channels.map((channel) => channel.length))
  const frameBytes = channels.length * BYTES_PER_SAMPLE
  const samplesBytes = frames * frameBytes
  const file = new Uint8Array(HEADER_BYTES + samplesBytes)
  const view = new DataView(file.buffer)
  const text = (at: number, value: string) => {
    file.set(new TextEncoder().encode(value), at)
  }

  text(0, 'RIFF')
  view.setUint32(4, HEADER_BYTES - 8 + samplesBytes, true)
  text(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, FORMAT_PCM, true)
  view.setUint16(22, channels.length, true)
  view.setUint32(24, sampleRateHz, true)
  view.setUint32(28, sampleRateHz * frameBytes, true)
  view.setUint16(32, frameBytes, true)
  view.setUint16(34, BYTES_PER_SAMPLE * 8, true)
  text(36, 'data')
  view.setUint32(40, samplesBytes, true)

  channels.forEach((channel, c) => {
    channel.forEach((sample, n) => {
      view.setInt16(HEADER_BYTES + n * frameBytes + c * BYTES_PER_SAMPLE, sample, true)
    })
  })
  return file
}
