import { setTimeout as inRealTime } from 'node:timers/promises'
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

it('lets what an earlier test has left running go on in real time, and does not count it', async () => {
  vi.useRealTimers()
  let ticks = 0
  const tick = () => {
    ticks++
    stop = systemClock.after(5, tick)
  }
  let stop = systemClock.after(5, tick)
  useFakeTimers()
  const before = ticks
  await inRealTime(100)
  expect(ticks).toBeGreaterThan(before + 1)
  expect(vi.getTimerCount()).toBe(0)
  systemClock.after(1000, () => undefined)
  expect(vi.getTimerCount()).toBe(1)
  stop()
})
