import fc from 'fast-check'
import { expect, it } from 'vitest'
import { byteRange } from '../../src/routes/byte-range.ts'

it.each([
  [undefined, undefined],
  ['bytes=0-9', { start: 0, end: 9 }],
  [' Bytes=90-', { start: 90, end: 99 }],
  ['bytes=90-1000', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=9-0', undefined],
  ['bytes=-', undefined],
  ['bytes=0-1,5-6', undefined],
  ['seconds=0-1', undefined],
])('of 100 bytes, %j asks for %j', (header, range) => {
  expect(byteRange(header, 100)).toEqual(range)
})

it('of nothing, no range is there', () => {
  expect(byteRange('bytes=-5', 0)).toBe('unsatisfiable')
  expect(byteRange('bytes=0-', 0)).toBe('unsatisfiable')
})

it('never leads out of what there is, whatever is asked', () => {
  const digits = fc.stringMatching(/^\d{0,20}$/)
  fc.assert(
    fc.property(digits, digits, fc.nat(), (first, last, size) => {
      const range = byteRange(`bytes=${first}-${last}`, size)
      if (typeof range !== 'object') return
      expect(range.start).toBeGreaterThanOrEqual(0)
      expect(range.end).toBeGreaterThanOrEqual(range.start)
      expect(range.end).toBeLessThan(size)
    }),
  )
})
