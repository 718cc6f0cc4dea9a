import { expect, it, vi } from 'vitest'
import { Admission, type MachineReason } from '../../src/calls/admission.ts'
import type { Outage } from '../../src/calls/circuits/circuits.ts'
import { scaledClock } from '../../src/clock.ts'
import { StoreError } from '../../src/errors.ts'
import { MachineLoad, type Memory } from '../../src/metrics/machine-load.ts'
import { setUpCalls, spec } from '../helpers/fake-calls.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'

function setUp(max = 2) {
  const state: { active: number; machine: MachineReason[]; outage?: Outage } = {
    active: 0,
    machine: [],
  }
  const refused: string[] = []
  const admission = new Admission({
    maxCalls: max,
    active: () => state.active,
    machine: () => state.machine,
    outage: () => state.outage,
    onRefused: (code) => refused.push(code),
  })
  return { admission, state, refused }
}

it('one more call is taken as long as nothing speaks against it', () => {
  const { admission, state, refused } = setUp()
  const check = () => {
    admission.check()
  }
  expect(check).not.toThrow()
  state.active = 2
  expect(check).toThrow(
    expect.objectContaining({ code: 'at_capacity', details: { max_calls: 2 } }) as Error,
  )
  state.active = 1
  for (const reason of ['overloaded', 'low_memory'] as const) {
    state.machine = [reason]
    expect(check).toThrow(expect.objectContaining({ name: 'CallError', code: reason }) as Error)
  }
  state.machine = ['store_unavailable']
  expect(check).toThrow(StoreError)
  // Nobody is rung who could not be talked with; that says nothing of the server.
  state.outage = { vendor: 'deepgram', retryAfterMs: 1500 }
  const details = { vendor: 'deepgram', retry_after_s: 2 }
  expect(check).toThrow(expect.objectContaining({ code: 'vendor_down', details }) as Error)
  expect(admission.reasons).toEqual(['store_unavailable'])
  admission.drain()
  expect(check).toThrow(expect.objectContaining({ code: 'draining' }) as Error)
  expect(admission.reasons).toEqual(['draining', 'store_unavailable'])
  expect(refused).toEqual([
    ...['at_capacity', 'overloaded', 'low_memory', 'store_unavailable'],
    ...['vendor_down', 'draining'],
  ])
})

it('nobody is rung by a server that has too much to do, and nobody who rings it is taken', async () => {
  const machine: MachineReason[] = ['overloaded']
  const { calls, telephony } = setUpCalls({ machine: () => machine })
  await expect(calls.place(spec)).rejects.toMatchObject({ code: 'overloaded' })
  await expect(calls.register(spec)).rejects.toMatchObject({ code: 'overloaded' })
  const inbound = { callSid: 'CA1', from: '+15550001111', direction: 'inbound' } as const
  expect(calls.answered(inbound)).toEqual({ refused: 'busy' })
  // Whoever is on the line already is not turned away for want of a place to write.
  machine[0] = 'store_unavailable'
  expect(calls.answered(inbound)).toHaveProperty('token')
  expect(telephony.dialled).toEqual([])
  await calls.endAll()
})

it('nobody is rung before the call is on record', async () => {
  const written = Promise.withResolvers<undefined>()
  const { calls, telephony, conversations, store } = setUpCalls({ written: () => written.promise })
  const placed = calls.place(spec)
  await vi.waitFor(() => {
    expect(conversations[0]?.did).toEqual(['start'])
  })
  expect(telephony.dialled).toEqual([])
  expect((await store.list({ limit: 1 })).records).toMatchObject([{ status: 'queued' }])
  written.resolve(undefined)
  await placed
  expect(telephony.dialled).toHaveLength(1)
  await calls.endAll()
})

it('nobody is rung whose call cannot be put on record', async () => {
  const error = new StoreError('locked', { code: 'unavailable' })
  const { calls, telephony } = setUpCalls({ written: () => Promise.reject(error) })
  await expect(calls.place(spec)).rejects.toBe(error)
  expect(telephony.dialled).toEqual([])
  expect(calls.load.active).toBe(0)
})

it('little memory turns callers away until there is clearly more', () => {
  useFakeTimers()
  try {
    let memory: Memory = { rss: 100, heapUsed: 10, heapLimit: 100 }
    const load = new MachineLoad({
      loop: { isOverloaded: false },
      store: { isFailing: false, isFull: false },
      maxHeapShare: 0.8,
      maxRssBytes: 1000,
      clock: scaledClock(1),
      memory: () => memory,
    })
    const when = (next: Partial<Memory>) => {
      memory = { ...memory, ...next }
      vi.advanceTimersByTime(1000)
      return load.reasons
    }
    expect(when({ heapUsed: 79 })).toEqual([])
    expect(when({ heapUsed: 80 })).toEqual(['low_memory'])
    expect(when({ heapUsed: 75 })).toEqual(['low_memory'])
    expect(when({ heapUsed: 71 })).toEqual([])
    expect(when({ rss: 1001 })).toEqual(['low_memory'])
    expect(when({ rss: 899 })).toEqual([])
    load.close()
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

it('tells of a loop that is late, and of a store that takes nothing', () => {
  const parts = { maxHeapShare: 1, maxRssBytes: undefined, clock: scaledClock(1) }
  const load = new MachineLoad({
    ...parts,
    loop: { isOverloaded: true },
    store: { isFailing: false, isFull: true },
  })
  expect(load.reasons).toEqual(['store_unavailable', 'overloaded'])
  load.close()
})
