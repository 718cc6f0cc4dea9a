import { describe, expect, it } from 'vitest'
import { wavFile } from '../../src/audio/wav.ts'

const ascii = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('WAV file', () => {
  it('has the header that a reader of two channels at 8 kHz expects', () => {
    const file = wavFile({ sampleRateHz: 8000, channels: [new Int16Array(3), new Int16Array(3)] })
    const view = new DataView(file.buffer)
    expect(file.length).toBe(44 + 12)
    expect(ascii(file.subarray(0, 4))).toBe('RIFF')
    expect(view.getUint32(4, true)).toBe(36 + 12)
    expect(ascii(file.subarray(8, 16))).toBe('WAVEfmt ')
    expect(view.getUint32(16, true)).toBe(16)
    expect(view.getUint16(20, true)).toBe(1)
    expect(view.getUint16(22, true)).toBe(2)
    expect(view.getUint32(24, true)).toBe(8000)
    expect(view.getUint32(28, true)).toBe(32_000)
    expect(view.getUint16(32, true)).toBe(4)
    expect(view.getUint16(34, true)).toBe(16)
    expect(ascii(file.subarray(36, 40))).toBe('data')
    expect(view.getUint32(40, true)).toBe(12)
  })

  it('interleaves the channels, little end first, and fills the shorter one with silence', () => {
    const file = wavFile({
      sampleRateHz: 8000,
      channels: [Int16Array.of(1, -2, 32_767), Int16Array.of(-32_768)],
    })
    expect([...file.subarray(44)]).toEqual([
      ...[0x01, 0x00, 0x00, 0x80],
      ...[0xfe, 0xff, 0x00, 0x00],
      ...[0xff, 0x7f, 0x00, 0x00],
    ])
  })

  it('is a header alone when there is no sound', () => {
    expect(wavFile({ sampleRateHz: 8000, channels: [] }).length).toBe(44)
  })
})
