import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { request } from 'undici'
import { systemClock } from '../../src/clock.ts'
import { listenOnLoopback, type Loopback } from '../../src/simulator/loopback.ts'
import { useFakeTimers } from './fake-timers.ts'

let server: Loopback
beforeEach(async () => {
  server = await listenOnLoopback((_, response) => response.end('here'))
  useFakeTimers()
})
afterEach(async () => {
  vi.useRealTimers()
  await server.close()
})

it('fakes the timers of our own code, and counts no others', async () => {
  let happened = 0
  systemClock.after(1000, () => happened++)
  const cancel = systemClock.after(1000, () => happened++)
  expect(vi.getTimerCount()).toBe(2)
  cancel()
  await vi.advanceTimersByTimeAsync(1000)
  expect([happened, vi.getTimerCount()]).toEqual([1, 0])
  // The client watches over a connection that it keeps open, by a timer.
  const { body } = await request(server.url)
  expect(await body.text()).toBe('here')
  expect(vi.getTimerCount()).toBe(0)
})
