import { describe, expect, it } from 'vitest'
import { type CallEvent, CallEvents } from '../../src/calls/call-events.ts'
import { MemoryCallStore } from '../../src/calls/memory-call-store.ts'
import { systemClock } from '../../src/clock.ts'
import { closeInterruptedCalls } from '../../src/store/interrupted-calls.ts'
import { after, call, callerSays, liveCall, turnEvent } from './kept-calls.ts'

function setUp() {
  const store = new MemoryCallStore()
  const events = new CallEvents(systemClock, (error) => {
    throw error
  })
  const told: CallEvent[] = []
  events.subscribe((event) => {
    if (event.seq !== undefined) told.push(event)
  })
  return { store, events, told }
}

describe('a call whose server was killed', () => {
  it('is over, with everything that was said, and everybody is told', async () => {
    const { store, events, told } = setUp()
    const record = liveCall(0)
    const over = call(1)
    await store.save(record)
    await store.save(over)
    await store.appendEvent(turnEvent(record.callId, 1, 'Hello?'))
    await store.appendEvent(turnEvent(record.callId, 2, 'Who is it?'))
    const closed = await closeInterruptedCalls({ store, events }, { createdBefore: after(9) })
    expect(closed).toBe(1)
    const failure = { by: 'parley', code: 'interrupted' }
    expect(await store.get(record.callId)).toMatchObject({
      status: 'failed',
      endReason: 'failed',
      endedAt: after(2000),
      turns: [callerSays('Hello?', 1000), callerSays('Who is it?', 2000)],
      failure,
    })
    expect(told).toMatchObject([
      { callId: record.callId, seq: 3, type: 'call.ended', status: 'failed', failure },
    ])
    expect(await store.get(over.callId)).toEqual(over)
    expect(await closeInterruptedCalls({ store, events }, { createdBefore: after(9) })).toBe(0)
  })

  it('was called off when it had only been registered', async () => {
    const { store, events, told } = setUp()
    const { callId } = liveCall(0)
    await store.save(liveCall(0, { callId, status: 'registered' }))
    await closeInterruptedCalls({ store, events }, { createdBefore: after(9) })
    expect(await store.get(callId)).toMatchObject({ status: 'canceled', endReason: 'expired' })
    expect(told).toMatchObject([{ seq: 1, endReason: 'expired' }])
  })

  it('is left alone when it is younger than that', async () => {
    const { store, events } = setUp()
    await store.save(liveCall(10))
    expect(await closeInterruptedCalls({ store, events }, { createdBefore: after(10) })).toBe(0)
  })

  it('is found among many', async () => {
    const { store, events } = setUp()
    for (let i = 0; i < 250; i++) await store.save(liveCall(i))
    expect(await closeInterruptedCalls({ store, events }, { createdBefore: after(999) })).toBe(250)
  })

  it('is closed once, though the database does not take it at the moment', async () => {
    const { store, events, told } = setUp()
    for (let i = 0; i < 3; i++) await store.save(liveCall(i))
    const stuck = {
      unfinished: store.unfinished.bind(store),
      save: () => Promise.resolve(),
    }
    const createdBefore = after(999)
    expect(await closeInterruptedCalls({ store: stuck, events }, { createdBefore })).toBe(3)
    expect(told).toHaveLength(3)
  })
})
