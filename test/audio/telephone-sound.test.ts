import { describe, expect, it } from 'vitest'
import { READABLE_RATES_HZ, telephoneSound } from '../../src/audio/telephone-sound.ts'

const AMPLITUDE = 8000

function tone(hz: number, sampleRateHz: number, amplitude = AMPLITUDE): Int16Array {
  const at = (n: number) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / sampleRateHz))
  return Int16Array.from({ length: sampleRateHz / 5 }, (_, n) => at(n))
}

/** Of the middle, where no edge is near. */
function loudness(samples: Int16Array): number {
  const middle = samples.subarray(300, -300)
  return Math.sqrt(middle.reduce((sum, sample) => sum + sample ** 2, 0) / middle.length)
}

describe('telephoneSound', () => {
  it.each(READABLE_RATES_HZ)('keeps speech of %i samples a second, in its time', (rate) => {
    const got = telephoneSound({ sampleRateHz: rate, channels: [tone(1000, rate)] })
    const wanted = tone(1000, 8000)
    expect(got).toHaveLength(wanted.length)
    const worst = Math.max(
      ...wanted.subarray(300, -300).map((sample, n) => Math.abs(sample - (got[n + 300] ?? 0))),
    )
    expect(worst).toBeLessThan(AMPLITUDE * 0.01)
  })

  it.each(READABLE_RATES_HZ.slice(1))('lets nothing of %i samples a second fold back', (rate) => {
    const got = telephoneSound({ sampleRateHz: rate, channels: [tone(5000, rate)] })
    expect(loudness(got)).toBeLessThan(loudness(tone(5000, rate)) / 1000)
  })

  it('mixes all channels, and keeps one that is alone', () => {
    const channels = [Int16Array.of(100, -200, 3), Int16Array.of(300, 100)]
    expect(telephoneSound({ sampleRateHz: 8000, channels })).toEqual(Int16Array.of(200, -50, 2))
    expect(telephoneSound({ sampleRateHz: 8000, channels: [] })).toEqual(new Int16Array(0))
  })

  it('does not wrap what is too loud', () => {
    const square = Int16Array.from({ length: 4800 }, (_, n) => (n % 96 < 48 ? 32_767 : -32_768))
    const got = telephoneSound({ sampleRateHz: 48_000, channels: [square] })
    const signs = Array.from(got.subarray(100, 108), (sample) => Math.sign(sample))
    expect(Math.max(...got)).toBe(32_767)
    expect(Math.min(...got)).toBe(-32_768)
    expect(new Set(signs).size).toBeGreaterThan(0)
  })

  it('says which rates are read', () => {
    expect(() => telephoneSound({ sampleRateHz: 44_100, channels: [] })).toThrow('44100 samples')
    expect(() => telephoneSound({ sampleRateHz: 44_100, channels: [] })).toThrow('8000, 16000')
  })
})
