import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { scaledClock, systemClock } from '../../src/clock.ts'
import { type DelayHistogram, LoopDelay } from '../../src/metrics/loop-delay.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'

/** What is measured, as the test says. */
class Told implements DelayHistogram {
  p99Ms = 0
  count = 500
  enabled = false
  enable(): void {
    this.enabled = true
  }
  disable(): void {
    this.enabled = false
  }
  reset(): void {
    this.count = 500
  }
  percentile(percentile: number): number {
    return percentile === 99 ? (this.p99Ms + 10) * 1e6 : 0
  }
}

let told: Told
let loop: LoopDelay
let busy: number

beforeEach(() => {
  useFakeTimers()
  told = new Told()
  busy = 0.1
  loop = new LoopDelay({
    clock: scaledClock(1),
    bounds: { delayMs: 200, utilization: 0.75 },
    histogram: told,
    utilization: () => ({ idle: 0, active: 0, utilization: busy }),
  })
})

afterEach(() => {
  loop.close()
  vi.useRealTimers()
})

function windows(count: number, p99Ms: number): void {
  told.p99Ms = p99Ms
  vi.advanceTimersByTime(count * 5000)
}

it('tells how late the loop was in the last five seconds', () => {
  expect(loop.p99Ms).toBe(0)
  windows(1, 3)
  expect(loop.p99Ms).toBeCloseTo(3)
})

it('one bad moment does not turn callers away; fifteen seconds do, until it is well again', () => {
  windows(2, 300)
  expect(loop.isOverloaded).toBe(false)
  windows(1, 300)
  expect(loop.isOverloaded).toBe(true)
  windows(2, 20)
  expect(loop.isOverloaded).toBe(true)
  windows(1, 20)
  expect(loop.isOverloaded).toBe(false)
  windows(2, 300)
  expect(loop.isOverloaded).toBe(false)
})

it('a loop that is always busy takes no more calls, though it is not late yet', () => {
  busy = 0.8
  windows(3, 3)
  expect(loop.isOverloaded).toBe(true)
  expect(loop.utilization).toBe(0.8)
})

it('a loop at its bound does not turn one caller away and take the next', () => {
  windows(3, 210)
  // Well again is well below the bound.
  windows(6, 190)
  expect(loop.isOverloaded).toBe(true)
  windows(2, 100)
  windows(1, 210)
  windows(2, 100)
  expect(loop.isOverloaded).toBe(true)
  windows(1, 100)
  expect(loop.isOverloaded).toBe(false)
})

it('a loop that stood still for a whole window has told nothing', () => {
  told.count = 0
  vi.advanceTimersByTime(5000)
  expect(loop.p99Ms).toBe(0)
})

it('leaves nothing running', () => {
  expect(told.enabled).toBe(true)
  loop.close()
  expect(told.enabled).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

it('notices a loop that is really blocked', async () => {
  vi.useRealTimers()
  const real = new LoopDelay({
    clock: scaledClock(20),
    bounds: { delayMs: 40, utilization: 1 },
  })
  try {
    for (let i = 0; i < 24; i++) {
      const until = performance.now() + 60
      while (performance.now() < until);
      await systemClock.sleep(1)
    }
    // A window is a quarter of a second at this speed.
    expect(real.isOverloaded).toBe(true)
    expect(real.utilization).toBeGreaterThan(0.5)
  } finally {
    real.close()
  }
})
