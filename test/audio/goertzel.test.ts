import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GoertzelBank, goertzelPower } from '../../src/audio/goertzel.ts'

function wave(hz: number, amplitude: number, phase = 0, samples = 200): Float64Array {
  return Float64Array.from(
    { length: samples },
    (_, n) => amplitude * Math.sin((2 * Math.PI * hz * n) / 8000 + phase),
  )
}

describe('goertzel', () => {
  const bank = new GoertzelBank({ sampleRateHz: 8000, fromHz: 160, stepHz: 40, count: 50 })

  it('finds all of a tone in its own bin, and nothing of it in the others', () => {
    const powers = bank.powers(wave(1000, 2, 0.7))
    expect(powers[21]).toBeCloseTo((2 * 100) ** 2, 6)
    powers.forEach((power, bin) => {
      if (bin !== 21) expect(power).toBeCloseTo(0, 6)
    })
  })

  it('equals the sum of the definition, at any frequency', () => {
    const block = fc.float64Array({ minLength: 1, maxLength: 60, min: -1, max: 1, noNaN: true })
    fc.assert(
      fc.property(block, fc.integer({ min: 1, max: 3999 }), (samples, hz) => {
        let re = 0
        let im = 0
        samples.forEach((x, n) => {
          re += x * Math.cos((2 * Math.PI * hz * n) / 8000)
          im += x * Math.sin((2 * Math.PI * hz * n) / 8000)
        })
        expect(goertzelPower(samples, hz, 8000)).toBeCloseTo(re * re + im * im, 6)
      }),
    )
  })

  it('gives the same for a bank as for one frequency after the other', () => {
    const samples = wave(777, 3, 0.2).map((x, n) => x + Math.sin(n * n))
    const powers = [...bank.powers(samples)]
    powers.forEach((power, bin) => {
      expect(power / goertzelPower(samples, 160 + 40 * bin, 8000)).toBeCloseTo(1, 6)
    })
    expect(powers).toHaveLength(52)
  })
})
