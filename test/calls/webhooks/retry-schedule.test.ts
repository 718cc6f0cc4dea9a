import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PAUSES_MS, pauseAfter } from '../../../src/calls/webhooks/retry-schedule.ts'

it('tries ten times in about three days', () => {
  const pauses: number[] = []
  for (let attempts = 1; ; attempts++) {
    const pauseMs = pauseAfter(attempts, 0.5)
    if (pauseMs === undefined) break
    pauses.push(pauseMs)
  }
  expect(pauses).toEqual(PAUSES_MS)
  expect(pauses).toHaveLength(9)
  const hours = pauses.reduce((sum, ms) => sum + ms, 0) / 3_600_000
  expect(hours).toBeGreaterThan(72)
  expect(hours).toBeLessThan(80)
})

it('waits longer each time, and not all at the same moment', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), chance, (attempts, luck) => {
      expect(pauseAfter(attempts, luck)!).toBeLessThan(pauseAfter(attempts + 1, luck)!)
      expect(Math.abs(pauseAfter(attempts, luck)! / PAUSES_MS[attempts - 1]! - 1)).toBeLessThan(
        0.11,
      )
    }),
  )
  expect(pauseAfter(1, 0)).toBe(4500)
  expect(pauseAfter(1, 0.999)).toBe(5499)
})
