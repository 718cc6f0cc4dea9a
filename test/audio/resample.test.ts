import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Resampler24kTo8k } from '../../src/audio/resample.ts'
import { split } from './split.ts'

function resample(pieces: readonly Uint8Array[]): Int16Array {
  const resampler = new Resampler24kTo8k()
  const parts = [...pieces.map((piece) => resampler.push(piece)), resampler.flush()]
  return Int16Array.from(parts.flatMap((part) => [...part]))
}

function bytesOf(samples: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Int16Array.from(samples).buffer)
}

function sine(hz: number, samples: number, amplitude = 30_000): Uint8Array {
  const step = (2 * Math.PI * hz) / 24_000
  return bytesOf(
    Array.from({ length: samples }, (_, n) => Math.round(amplitude * Math.sin(step * n))),
  )
}

/** Level of a tone behind the filter, in dB: 0 is as loud as it went in. Both ends are left out, where it sets in. */
function gainDb(hz: number): number {
  const out = resample([sine(hz, 12_000)]).subarray(100, -100)
  const power = out.reduce((sum, sample) => sum + sample * sample, 0) / out.length
  return 10 * Math.log10(power / (30_000 ** 2 / 2))
}

describe('resampler 24 to 8 kHz', () => {
  it('keeps the band of speech, 300 to 3,400 Hz, within 0.1 dB', () => {
    const gains = Array.from({ length: 32 }, (_, i) => gainDb(300 + 100 * i))
    expect(Math.max(...gains) - Math.min(...gains)).toBeLessThan(0.1)
    expect(Math.max(...gains.map(Math.abs))).toBeLessThan(0.1)
  })

  it('holds everything from 4.2 kHz at least 70 dB down, so that nothing folds back into it', () => {
    for (let hz = 4200; hz < 12_000; hz += 130) expect(gainDb(hz), `${hz} Hz`).toBeLessThan(-70)
  })

  it('holds back less than 3 ms', () => {
    const out = new Resampler24kTo8k().push(new Uint8Array(48_000))
    expect((8000 - out.length) / 8).toBeLessThan(3)
  })

  it('keeps time: an impulse comes out where it went in', () => {
    const samples = new Int16Array(999)
    samples[3 * 150] = 32_767
    const out = resample([bytesOf(samples)])
    expect(out).toHaveLength(333)
    expect(out.indexOf(Math.max(...out))).toBe(150)
  })

  it('gives the same output bit for bit however the input is cut, odd bytes included', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 4000 }),
        fc
          .array(fc.nat(700), { minLength: 1, maxLength: 12 })
          .filter((sizes) => sizes.some(Boolean)),
        (pcm, sizes) => {
          expect(resample(split(pcm, sizes))).toEqual(resample([pcm]))
        },
      ),
    )
  })

  it('gives one sample for every three, the last of them for what is left, and drops half a sample', () => {
    for (const [samples, expected] of [
      [0, 0],
      [1, 1],
      [3, 1],
      [4, 2],
      [500, 167],
    ] as const) {
      expect(resample([new Uint8Array(2 * samples)])).toHaveLength(expected)
      expect(resample([new Uint8Array(2 * samples + 1)])).toHaveLength(expected)
    }
  })

  it('begins anew after a flush', () => {
    const resampler = new Resampler24kTo8k()
    const pcm = sine(1000, 1001)
    const stream = () => [
      ...resampler.push(pcm.subarray(0, 777)),
      ...resampler.push(pcm.subarray(777)),
      ...resampler.flush(),
    ]
    const first = stream()
    resampler.push(new Uint8Array(333).fill(0x55))
    resampler.flush()
    expect(stream()).toEqual(first)
  })

  it('limits what overshoots instead of wrapping it to the other sign', () => {
    const square = Array.from({ length: 2400 }, (_, n) => (n % 120 < 60 ? 32_767 : -32_768))
    const out = resample([bytesOf(square)])
    expect(Math.max(...out)).toBe(32_767)
    expect(Math.min(...out)).toBe(-32_768)
    out.subarray(0, 20).forEach((sample) => {
      expect(sample).toBeGreaterThan(0)
    })
  })
})
