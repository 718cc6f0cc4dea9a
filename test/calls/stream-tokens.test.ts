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

  it('of a repeated request is good until one of them is used', () => {
    const { tokens } = setUp()
    const first = tokens.mint('CA1')
    const second = tokens.mint('CA1')
    const other = tokens.mint('CA2')
    expect(tokens.take(first, 'CA1')).toBe(true)
    expect(tokens.take(second, 'CA1')).toBe(false)
    expect(tokens.take(other, 'CA2')).toBe(true)
  })

  it('is worth nothing when its call is over', () => {
    const { tokens } = setUp()
    const token = tokens.mint('CA1')
    tokens.revoke('CA1')
    expect(tokens.take(token, 'CA1')).toBe(false)
  })
})
