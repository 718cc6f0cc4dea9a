import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  MULAW_STEREO_HEADER_BYTES,
  mulawStereoHeader,
  MulawWavWriter,
} from '../../src/audio/wav-writer.ts'
import { MemorySink, readWav } from './wav-reader.ts'

const ascii = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('the head of a μ-law WAV', () => {
  it('is what a reader of two channels at 8 kHz expects', () => {
    const header = mulawStereoHeader(1000)
    const view = new DataView(header.buffer)
    expect(header.length).toBe(58)
    expect(ascii(header.subarray(0, 4))).toBe('RIFF')
    expect(view.getUint32(4, true)).toBe(50 + 2000)
    expect(ascii(header.subarray(8, 16))).toBe('WAVEfmt ')
    expect(view.getUint32(16, true)).toBe(18)
    expect(view.getUint16(20, true)).toBe(7)
    expect(view.getUint16(22, true)).toBe(2)
    expect(view.getUint32(24, true)).toBe(8000)
    expect(view.getUint32(28, true)).toBe(16_000)
    expect(view.getUint16(32, true)).toBe(2)
    expect(view.getUint16(34, true)).toBe(8)
    expect(view.getUint16(36, true)).toBe(0)
    expect(ascii(header.subarray(38, 42))).toBe('fact')
    expect(view.getUint32(42, true)).toBe(4)
    expect(view.getUint32(46, true)).toBe(1000)
    expect(ascii(header.subarray(50, 54))).toBe('data')
    expect(view.getUint32(54, true)).toBe(2000)
  })
})

describe('a WAV that is written as its sound comes', () => {
  it('holds both sides, whatever pieces they came in', async () => {
    const piece = fc
      .array(fc.tuple(fc.nat(255), fc.nat(255)), { maxLength: 40 })
      .map((samples) => ({
        left: Uint8Array.from(samples, ([left]) => left),
        right: Uint8Array.from(samples, ([, right]) => right),
      }))
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 8 }), async (pieces) => {
        const sink = new MemorySink()
        const writer = new MulawWavWriter(sink)
        for (const { left, right } of pieces) await writer.append(left, right)
        await writer.close()
        expect(sink.isClosed).toBe(true)
        expect(readWav(sink.bytes)).toEqual({
          left: new Uint8Array(pieces.flatMap(({ left }) => [...left])),
          right: new Uint8Array(pieces.flatMap(({ right }) => [...right])),
        })
      }),
    )
  })

  it('is a whole file after every single write, so that a crash costs only what was not written', async () => {
    const sink = new MemorySink()
    const lengths: number[] = []
    sink.onWritten = () => lengths.push(readWav(sink.bytes).left.length)
    const writer = new MulawWavWriter(sink)
    await writer.append(new Uint8Array(80), new Uint8Array(80))
    await writer.append(new Uint8Array(160), new Uint8Array(160))
    expect(lengths).toEqual([0, 0, 80, 80, 240])
  })

  it('is still what it was when the disk is full', async () => {
    const sink = new MemorySink(MULAW_STEREO_HEADER_BYTES + 200)
    const writer = new MulawWavWriter(sink)
    const first = Uint8Array.from({ length: 80 }, (_, i) => i)
    await writer.append(first, first)
    await expect(writer.append(new Uint8Array(80), new Uint8Array(80))).rejects.toThrow('ENOSPC')
    expect(readWav(sink.bytes)).toEqual({ left: first, right: first })
  })
})
