import { describe, expect, it } from 'vitest'
import { halfOfTaps } from '../../src/audio/low-pass.ts'

const design = { sampleRateHz: 48_000, cutoffHz: 6000, reach: 100, attenuationDb: 60 }

function gain(taps: readonly number[], hz: number): number {
  return taps.reduce(
    (sum, tap, k) => sum + (k === 0 ? tap : 2 * tap * Math.cos((2 * Math.PI * hz * k) / 48_000)),
    0,
  )
}

describe('low-pass design', () => {
  it('passes what lies below, halves the height at the cut-off and stops the rest', () => {
    const taps = halfOfTaps(design)
    expect(taps).toHaveLength(101)
    expect(gain(taps, 0)).toBeCloseTo(1, 12)
    expect(gain(taps, 5000)).toBeCloseTo(1, 2)
    expect(gain(taps, 6000)).toBeCloseTo(0.5, 2)
    for (let hz = 7000; hz <= 24_000; hz += 50) {
      expect(Math.abs(gain(taps, hz))).toBeLessThan(10 ** (-59 / 20))
    }
  })
})
