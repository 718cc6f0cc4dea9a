import fc from 'fast-check'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LONGEST, spread, WARMS_UP } from './test-order.ts'

describe('the order of test files', () => {
  it('has those that wait one by one among the first of the others', () => {
    expect(spread(['A', 'B'], Array.from('1234567890'), 0.7).join('')).toBe('A1234B567890')
  })

  it('knows the files that come first by names that there are', () => {
    const files = readdirSync(join(import.meta.dirname, '..'), {
      recursive: true,
      encoding: 'utf8',
    })
    for (const name of [WARMS_UP, LONGEST]) {
      expect(files.filter((file) => `/${file}`.endsWith(name))).toHaveLength(1)
    }
  })

  it('leaves none out, and keeps the order of each kind', () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(60), (few, many) => {
        const waiting = Array.from({ length: few }, (_, i) => `w${i}`)
        const others = Array.from({ length: many }, (_, i) => `o${i}`)
        const order = spread(waiting, others, 0.7)
        expect(order.filter((each) => each.startsWith('w'))).toEqual(waiting)
        expect(order.filter((each) => each.startsWith('o'))).toEqual(others)
      }),
    )
  })
})
