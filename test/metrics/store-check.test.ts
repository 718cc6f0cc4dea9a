import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { StoreCheck } from '../../src/metrics/store-check.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'

beforeEach(() => {
  useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function checked(ping: () => Promise<unknown>) {
  let asked = 0
  const check = new StoreCheck({
    ping: () => {
      asked++
      return ping()
    },
    clock: scaledClock(1),
  })
  return { check, asked: () => asked }
}

it('a store that answers is well', async () => {
  const { check } = checked(() => Promise.resolve())
  expect(check.hasAnswered).toBe(false)
  expect(await check.state()).toMatchObject({ ok: true, pingMs: 0, at: expect.any(Date) as Date })
  expect(check.hasAnswered).toBe(true)
})

it('probes in a row cost the store one question', async () => {
  const { check, asked } = checked(() => Promise.resolve())
  await Promise.all([check.state(), check.state()])
  vi.advanceTimersByTime(4999)
  await check.state()
  expect(asked()).toBe(1)
  vi.advanceTimersByTime(1)
  await check.state()
  expect(asked()).toBe(2)
})

it('a store that fails, or throws at once, is told and harms nobody', async () => {
  const failing = checked(() => Promise.reject(new Error('away')))
  expect(await failing.check.state()).toMatchObject({ ok: false })
  const throwing = checked(() => {
    throw new Error('closed')
  })
  expect(await throwing.check.state()).toMatchObject({ ok: false })
  expect(throwing.check.hasAnswered).toBe(false)
})

it('a monitor does not wait for a store that hangs', async () => {
  const { check } = checked(() => new Promise(() => undefined))
  const state = check.state()
  await vi.advanceTimersByTimeAsync(1000)
  const told = await state
  expect(told.ok).toBe(false)
  expect(told.pingMs).toBeUndefined()
})

it('a store that was there once is not forgotten to have been', async () => {
  let isAway = false
  const { check } = checked(() => (isAway ? Promise.reject(new Error('away')) : Promise.resolve()))
  await check.state()
  isAway = true
  vi.advanceTimersByTime(5000)
  expect(await check.state()).toMatchObject({ ok: false })
  expect(check.hasAnswered).toBe(true)
})
