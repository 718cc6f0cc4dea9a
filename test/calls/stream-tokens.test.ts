import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StreamTokens } from '../../src/calls/stream-tokens.ts'
import { scaledClock } from '../../src/clock.ts'

/** A clock that stands still until it is moved. */
function setUp() {
  let now = 1000
  const clock = { ...scaledClock(1), now: () => now }
  const tokens = new StreamTokens({ clock, ttlMs: 60_000 })
  const pass = (ms: number) => {
    now += ms
  }
  return { tokens, pass }
}

describe('a stream token', () => {
  it('lets one stream of its call in', () => {
    const { tokens } = setUp()
    const token = tokens.mint('CA1')
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(tokens.take(token, 'CA1')).toBe(true)
    expect(tokens.take(token, 'CA1')).toBe(false)
  })

  it('is no good for another call, and is not used up by the attempt', () => {
    const { tokens } = setUp()
    const token = tokens.mint('CA1')
    expect(tokens.take(token, 'CA2')).toBe(false)
    expect(tokens.take(`${token}x`, 'CA1')).toBe(false)
    expect(tokens.take(token, 'CA1')).toBe(true)
  })

  it('expires', () => {
    const { tokens, pass } = setUp()
    const token = tokens.mint('CA1')
    pass(59_999)
    const later = tokens.mint('CA2')
    pass(1)
    expect(tokens.take(token, 'CA1')).toBe(false)
    expect(tokens.take(later, 'CA2')).toBe(true)
  })

  it('does not shut out the stream that the carrier was asked for since', () => {
    const { tokens } = setUp()
    const first = tokens.mint('CA1')
    const second = tokens.mint('CA1')
    expect(tokens.take(first, 'CA1')).toBe(true)
    expect(tokens.take(second, 'CA1')).toBe(true)
  })

  it('is no good after a newer one, so that a late stream takes no line away', () => {
    const { tokens } = setUp()
    const first = tokens.mint('CA1')
    const other = tokens.mint('CA2')
    const second = tokens.mint('CA1')
    expect(tokens.take(second, 'CA1')).toBe(true)
    expect(tokens.take(first, 'CA1')).toBe(false)
    expect(tokens.take(other, 'CA2')).toBe(true)
  })

  it('is taken once and in order, whatever is tried', () => {
    const attempt = fc.record({ call: fc.nat(2), token: fc.nat(9) })
    fc.assert(
      fc.property(
        fc.array(fc.nat(2), { minLength: 1, maxLength: 10 }),
        fc.array(attempt, { maxLength: 40 }),
        (minted, attempts) => {
          const { tokens } = setUp()
          const granted = minted.map((call) => ({ call, token: tokens.mint(`CA${call}`) }))
          const newest = new Map<number, number>()
          for (const { call, token: at } of attempts) {
            const grant = granted[at % granted.length]!
            const isGood = grant.call === call && (newest.get(call) ?? -1) < at % granted.length
            expect(tokens.take(grant.token, `CA${call}`)).toBe(isGood)
            if (isGood) newest.set(call, at % granted.length)
          }
        },
      ),
    )
  })

  it('is worth nothing when its call is over', () => {
    const { tokens } = setUp()
    const token = tokens.mint('CA1')
    tokens.revoke('CA1')
    expect(tokens.take(token, 'CA1')).toBe(false)
  })
})
