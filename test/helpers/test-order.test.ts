import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spread } from './test-order.ts'

describe('the order of test files', () => {
  it('has those that wait one by one among the first of the others', () => {
    expect(spread(['A', 'B'], Array.from('1234567890'), 0.7).join('')).toBe('A1234B567890')
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
