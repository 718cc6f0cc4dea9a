import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { scaledClock } from '../../../src/clock.ts'
import { ProviderError } from '../../../src/errors.ts'
import { CallReaper } from '../../../src/calls/recovery/call-reaper.ts'
import type { BookedCall } from '../../../src/calls/recovery/carrier-book.ts'
import { placeAndAnswer, setUpCalls, spec, talk } from '../../helpers/fake-calls.ts'
import { quiet } from '../../helpers/fake-ports.ts'
import { useFakeTimers } from '../../helpers/fake-timers.ts'

beforeEach(() => {
  useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** Looks after the calls of a world; the carrier says this of every call that it is asked about. */
function reaperFor(
  { calls }: Pick<ReturnType<typeof setUpCalls>, 'calls'>,
  says: () => BookedCall | undefined,
) {
  const asked: string[] = []
  const look = async (callSid: string) => {
    asked.push(callSid)
    await Promise.resolve()
    return says()
  }
  const clock = scaledClock(1)
  const reaper = new CallReaper({ calls: () => calls.live, carrier: { look }, clock, log: quiet })
  return { asked, reaper }
}

it('a call whose end the carrier forgot to tell is not kept', async () => {
  const world = setUpCalls()
  const { callSid } = await world.calls.place(spec)
  const { asked, reaper } = reaperFor(world, () => ({ callSid: callSid!, status: 'busy' }))
  await vi.advanceTimersByTimeAsync(59_000)
  expect(asked).toEqual([])
  await vi.advanceTimersByTimeAsync(31_000)
  expect(asked).toEqual([callSid])
  expect(world.calls.load.active).toBe(0)
  const { records } = await world.calls.list({ limit: 1 })
  expect(records[0]).toMatchObject({ status: 'busy', endReason: 'not_answered' })
  await reaper.close()
})

it('a talk with somebody else ends when the carrier says so, though it forgot to', async () => {
  const world = await talk()
  await world.conversation.control.transfer('+15557654321')
  world.listener.closed('stopped')
  const { reaper } = reaperFor(world, () => undefined)
  await vi.advanceTimersByTimeAsync(95_000)
  expect(world.calls.load.active).toBe(0)
  await reaper.close()
})

it('nobody asks about a call that has a line, or of which the carrier has just told', async () => {
  const world = await talk()
  const { callSid } = await world.calls.place(spec)
  const { asked, reaper } = reaperFor(world, () => ({ callSid: callSid!, status: 'ringing' }))
  for (let i = 0; i < 6; i++) {
    await vi.advanceTimersByTimeAsync(50_000)
    world.calls.statusChanged({ callSid: callSid!, status: 'ringing' })
  }
  expect(asked).toEqual([])
  expect(world.calls.load.active).toBe(2)
  await reaper.close()
  await world.calls.endAll()
})

it('a call that goes on stays, and a carrier that cannot be asked changes nothing', async () => {
  const world = await placeAndAnswer()
  let answer: () => BookedCall = () => {
    throw new ProviderError('down', { provider: 'twilio', code: 'unavailable' })
  }
  const { asked, reaper } = reaperFor(world, () => answer())
  const quietCall = { callSid: 'CA8', quietMs: 60_000, reported: vi.fn() }
  const clock = scaledClock(1)
  const look = () => Promise.resolve(answer())
  const other = new CallReaper({ calls: () => [quietCall], carrier: { look }, clock, log: quiet })
  await vi.advanceTimersByTimeAsync(30_000)
  expect(quietCall.reported).not.toHaveBeenCalled()
  answer = () => ({ callSid: 'CA8', status: 'in_progress' })
  await vi.advanceTimersByTimeAsync(30_000)
  expect(quietCall.reported.mock.calls).toEqual([['in_progress']])
  await Promise.all([reaper.close(), other.close()])
  expect(asked.length).toBeLessThanOrEqual(1)
  await world.calls.endAll()
  expect(vi.getTimerCount()).toBe(0)
})
