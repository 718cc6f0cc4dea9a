import { describe, expect, it } from 'vitest'
import { mulawToPcm, pcmToMulaw } from '../../src/audio/mulaw.ts'
import { wavFile } from '../../src/audio/wav.ts'
import { readWav, WavError } from '../../src/audio/wav-reader.ts'
import { mulawStereoHeader } from '../../src/audio/wav-writer.ts'

const left = Int16Array.from([0, 1, -2, 32_767, -32_768])
const samples = Buffer.from(left.buffer)
const right = Int16Array.from([5, 4, 3, 2, 1])

/** A file of these chunks. */
function riff(...chunks: readonly (readonly [tag: string, body: Uint8Array, size?: number])[]) {
  const parts = chunks.flatMap(([tag, body, size = body.length]) => [
    Buffer.from(tag),
    Buffer.from(Uint32Array.of(size).buffer),
    body,
    Buffer.alloc(body.length % 2),
  ])
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), ...parts])
}

function fmt(code: number, { channels = 1, rate = 8000, bits = 16, sub = 0 } = {}) {
  const body = Buffer.alloc(sub === 0 ? 16 : 40)
  body.writeUInt16LE(code, 0)
  body.writeUInt16LE(channels, 2)
  body.writeUInt32LE(rate, 4)
  body.writeUInt16LE(bits, 14)
  if (sub !== 0) body.writeUInt16LE(sub, 24)
  return ['fmt ', body] as const
}

describe('readWav', () => {
  it('reads what we write, mono and stereo, from anywhere in a buffer', () => {
    const file = wavFile({ sampleRateHz: 24_000, channels: [left, right] })
    const around = new Uint8Array(file.length + 3)
    around.set(file, 3)
    expect(readWav(around.subarray(3))).toEqual({ sampleRateHz: 24_000, channels: [left, right] })
    expect(readWav(wavFile({ sampleRateHz: 8000, channels: [left] })).channels).toEqual([left])
  })

  it('reads the μ-law of our recordings', () => {
    const sides = [left, right].map((side) => pcmToMulaw(side))
    const sound = Buffer.from(
      Array.from({ length: 5 }, (_, n) => sides.map((side) => side[n] ?? 0)).flat(),
    )
    const { channels, sampleRateHz } = readWav(Buffer.concat([mulawStereoHeader(5), sound]))
    expect(sampleRateHz).toBe(8000)
    expect(channels).toEqual(sides.map((side) => mulawToPcm(side)))
  })

  it('reads extended formats, passes over other chunks, and takes what a stream has left of a size', () => {
    const list = ['LIST', Buffer.from('odd')] as const
    const file = riff(list, fmt(0xfffe, { sub: 1 }), ['data', samples, 0xffff_ffff])
    expect(readWav(file).channels).toEqual([left])
  })

  it.each<[string, Uint8Array, string]>([
    ['something else', Buffer.from('ID3 and so on, some more'), 'no WAV'],
    ['an AVI', Buffer.from('RIFF\0\0\0\0AVI '), 'no WAV'],
    ['a head alone', riff(fmt(1)), 'no sound'],
    ['sound before its format', riff(['data', samples]), 'no sound'],
    ['a cut head', Buffer.from('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0'), 'ends in its header'],
    ['no channels', riff(fmt(1, { channels: 0 }), ['data', samples]), 'no channels'],
    ['24 bits', riff(fmt(1, { bits: 24 }), ['data', samples]), '24-bit sound of format 1'],
    ['16-bit μ-law', riff(fmt(7), ['data', samples]), '16-bit sound of format 7'],
    ['a cut extended head', riff(['fmt ', fmt(0xfffe)[1]]), 'no sound'],
  ])('says what is wrong with %s', (_, file, message) => {
    expect(() => readWav(file)).toThrow(WavError)
    expect(() => readWav(file)).toThrow(message)
  })

  it('takes an extended format that is cut short for what it says', () => {
    const file = Buffer.concat([riff(fmt(0xfffe))])
    expect(() => readWav(file)).toThrow('no sound')
  })
})
