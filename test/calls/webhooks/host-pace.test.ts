import { describe, expect, it } from 'vitest'
import { HostPace } from '../../../src/calls/webhooks/host-pace.ts'

const end = (pace: HostPace, host: string, nowMs: number, attempt = {}) => {
  pace.end(host, { nowMs, tookMs: 1000, answered: true, ...attempt })
}

describe('the pace of a host', () => {
  it('allows four at a time, and more for each that ends', () => {
    const pace = new HostPace()
    expect([1, 2, 3, 4].map(() => pace.begin('a', 0))).toEqual([0, 0, 0, 0])
    expect(pace.begin('a', 0)).toBeGreaterThan(0)
    expect(pace.begin('b', 0)).toBe(0)
    end(pace, 'a', 100)
    expect(pace.begin('a', 100)).toBe(0)
  })

  it('spreads those that have to wait over the time that the host needs for them', () => {
    const pace = new HostPace()
    for (let i = 0; i < 4; i++) pace.begin('a', 0)
    for (let i = 0; i < 40; i++) {
      end(pace, 'a', i * 10, { tookMs: 10_000 })
      pace.begin('a', i * 10)
    }
    const waits = Array.from({ length: 100 }, () => pace.begin('a', 400))
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    // Ten seconds each, four at a time.
    expect(waits.at(-1)! - waits[0]!).toBeGreaterThan(200_000)
    expect(waits.at(-1)! - waits[0]!).toBeLessThan(260_000)
  })

  it('never sends anyone away for more than an hour', () => {
    const pace = new HostPace()
    for (let i = 0; i < 4; i++) pace.begin('a', 0)
    for (let i = 0; i < 100_000; i++) pace.begin('a', 0)
    expect(pace.begin('a', 0)).toBe(3_600_000)
  })

  it('lets a host rest that was silent three times in a row', () => {
    const pace = new HostPace()
    const attempt = (nowMs: number, answered: boolean) => {
      const waitMs = pace.begin('a', nowMs)
      if (waitMs === 0) end(pace, 'a', nowMs, { answered })
      return waitMs
    }
    attempt(0, false)
    attempt(1, false)
    attempt(2, true)
    attempt(3, false)
    attempt(4, false)
    expect(attempt(5, false)).toBe(0)
    expect(attempt(6, true)).toBe(59_999)
    // One more silence is enough from now on.
    expect(attempt(60_005, false)).toBe(0)
    expect(attempt(60_006, true)).toBe(59_999)
    expect(attempt(130_000, true)).toBe(0)
    expect(attempt(130_001, false)).toBe(0)
    expect(attempt(130_002, true)).toBe(0)
  })

  it('does not remember every host for ever', () => {
    const pace = new HostPace()
    for (let i = 0; i < 4; i++) pace.begin('busy', 0)
    for (let i = 0; i < 5000; i++) {
      pace.begin(`host-${i}`, i)
      end(pace, `host-${i}`, i)
    }
    expect(pace.begin('busy', 5000)).toBeGreaterThan(0)
    expect(pace.size).toBeLessThanOrEqual(1001)
  })
})
