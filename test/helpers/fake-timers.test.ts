import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { useFakeTimers } from './fake-timers.ts'

beforeEach(() => {
  useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('fakes the timers of our own code, and counts no others', async () => {
  let happened = 0
  systemClock.after(1000, () => happened++)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1000)
  expect([happened, vi.getTimerCount()]).toEqual([1, 0])
  // Whatever `fetch` sets inside is set by a library.
  await expect(fetch('http://127.0.0.1:9')).rejects.toThrow('fetch failed')
  expect(vi.getTimerCount()).toBe(0)
})
