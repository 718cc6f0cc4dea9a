import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { percentile, spreadOf } from '../../bench/percentiles.ts'

describe('a spread', () => {
  test('takes percentiles by nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, i) => 200 - i)
    expect(spreadOf(values)).toEqual({ count: 200, p50: 100, p95: 190, p99: 198, max: 200 })
  })

  test('of one value is that value', () => {
    expect(spreadOf([7])).toEqual({ count: 1, p50: 7, p95: 7, p99: 7, max: 7 })
  })

  test('of nothing is not a number', () => {
    const none = Number.NaN
    expect(spreadOf([])).toEqual({ count: 0, p50: none, p95: none, p99: none, max: none })
  })

  test('leaves at most the rest above the percentile, and no fewer below', () => {
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 100 }), (unsorted, percent) => {
        const sorted = unsorted.toSorted((a, b) => a - b)
        const value = percentile(sorted, percent)
        const notAbove = sorted.filter((other) => other <= value).length
        const below = sorted.filter((other) => other < value).length
        expect(notAbove).toBeGreaterThanOrEqual((percent / 100) * sorted.length)
        expect(below).toBeLessThan((percent / 100) * sorted.length)
      }),
    )
  })
})
