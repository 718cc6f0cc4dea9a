import { afterEach, describe, expect, it, vi } from 'vitest'
import { CallEvents } from '../../src/calls/call-events.ts'
import { scaledClock } from '../../src/clock.ts'
import { StoreError } from '../../src/errors.ts'
import type { OutboxMeters } from '../../src/store/outbox-writer.ts'
import { StoreOutbox } from '../../src/store/store-outbox.ts'
import {
  after,
  agentSays,
  call,
  callerSays,
  delivery,
  liveCall,
  NUMBER,
  outcome,
  START,
  turnEvent,
  without,
} from './kept-calls.ts'
import { locked, readableLog, UnreliableStore } from './unreliable.ts'

const open: StoreOutbox[] = []
afterEach(async () => {
  for (const outbox of open.splice(0)) await outbox.close()
})

/** Time passes fifty times as fast as it does. */
function setUp(options: { maxBytes?: number; speed?: number } = {}) {
  const clock = scaledClock(options.speed ?? 50)
  const store = new UnreliableStore()
  const { log, lines, messages } = readableLog()
  const metered: string[] = []
  const meters: OutboxMeters = {
    wrote: ({ writes }) => metered.push(`wrote ${writes}`),
    failed: (code) => metered.push(`failed ${code}`),
    lost: ({ writes, why }) => metered.push(`lost ${writes} ${why}`),
  }
  const outbox = new StoreOutbox({ ...options, store, clock, log, meters })
  open.push(outbox)
  const written = () =>
    vi.waitFor(() => {
      expect(outbox.depth).toEqual({ writes: 0, bytes: 0 })
    })
  return { outbox, store, clock, lines, messages, metered, written }
}

describe('keeping what happens in live calls', () => {
  it('writes what comes together in one transaction, in order', async () => {
    const { outbox, store, written, metered } = setUp()
    const live = liveCall(0)
    const { callId } = live
    const over = call(0, { callId })
    await outbox.save({ ...live, status: 'queued' })
    await outbox.save(live)
    await outbox.appendEvent(turnEvent(callId, 1))
    await outbox.appendEvent(turnEvent(callId, 2))
    await outbox.save(over)
    await outbox.saveOutcome(callId, outcome)
    await written()
    expect(store.batches).toHaveLength(1)
    expect(store.batches[0]!.map(({ kind }) => kind)).toEqual([
      'record',
      'event',
      'event',
      'record',
      'outcome',
    ])
    expect(await store.get(callId)).toEqual(over)
    expect(await store.events(callId)).toHaveLength(2)
    expect(metered).toEqual(['wrote 5'])
  })

  it('writes much in small parts, and lets the calls go first between them', async () => {
    const { outbox, store, written } = setUp({ speed: 1 })
    const record = liveCall(0)
    await outbox.save(record)
    for (let seq = 1; seq <= 500; seq++) await outbox.appendEvent(turnEvent(record.callId, seq))
    let turns = 0
    const count = setInterval(() => turns++, 0)
    await written()
    clearInterval(count)
    expect(Math.max(...store.batches.map(({ length }) => length))).toBe(40)
    expect(await store.events(record.callId)).toHaveLength(500)
    expect(turns).toBeGreaterThanOrEqual(10)
  })

  it('keeps the events of all calls, and none of what only passes', async () => {
    const { outbox, clock, written } = setUp()
    const events = new CallEvents(clock, (error) => {
      throw error
    })
    const stop = outbox.follow(events)
    const record = liveCall(0)
    await outbox.save(record)
    events.publish(record.callId, { type: 'call.answered' })
    events.pass(record.callId, { type: 'caller.partial', text: 'Hel' })
    events.publish(record.callId, { type: 'turn', turn: callerSays('Hello', 1) })
    await written()
    stop()
    events.publish(record.callId, { type: 'turn', turn: callerSays('Nobody keeps this', 2) })
    const kept = await outbox.events(record.callId)
    expect(kept.map(({ seq, type }) => `${seq} ${type}`)).toEqual(['1 call.answered', '2 turn'])
    expect(outbox.depth.writes).toBe(0)
  })

  it('neither waits nor fails while the database is locked, and writes all of it afterwards', async () => {
    const { outbox, store, messages, metered, written } = setUp()
    store.failure = locked
    const record = liveCall(0)
    await outbox.save(record)
    for (let seq = 1; seq <= 60; seq++) await outbox.appendEvent(turnEvent(record.callId, seq))
    await vi.waitFor(() => {
      expect(store.attempts).toBeGreaterThanOrEqual(4)
    })
    expect(outbox.isFailing).toBe(true)
    await outbox.save(call(0, { callId: record.callId }))
    expect(outbox.depth.writes).toBe(62)
    store.failure = undefined
    await written()
    expect(outbox.isFailing).toBe(false)
    expect(store.batches.flat().map((write) => ('event' in write ? write.event.seq : 0))).toEqual([
      0,
      ...Array.from({ length: 60 }, (_, i) => i + 1),
      0,
    ])
    // One line when it begins, one when it ends.
    expect(messages()).toEqual([
      'database cannot be written; calls go on, and their records wait',
      'database can be written again',
    ])
    expect(metered).toContain('failed unavailable')
  })

  it('loses only what the database refuses, and says so', async () => {
    const { outbox, store, lines, metered, written } = setUp()
    const records = Array.from({ length: 5 }, (_, i) => call(i))
    const bad = records[2]!
    store.isRefused = (write) => write.kind === 'record' && write.record.callId === bad.callId
    for (const record of records) await outbox.save(record)
    await written()
    const kept = (await store.list({ limit: 9 })).records
    expect(kept).toEqual(records.filter((record) => record !== bad).reverse())
    expect(lines).toMatchObject([
      { level: 50, msg: 'database refused a write, which is lost', callId: bad.callId },
    ])
    expect(metered).toContain('lost 1 refused')
    expect(metered).not.toContain('failed unavailable')
  })

  it('drops events when the database is away for too long, but no record', async () => {
    const { outbox, store, messages, metered, written } = setUp({ maxBytes: 60_000 })
    store.failure = locked
    const records = Array.from({ length: 10 }, (_, i) => liveCall(i))
    for (const record of records) {
      await outbox.save(record)
      for (let seq = 1; seq <= 30; seq++) await outbox.appendEvent(turnEvent(record.callId, seq))
      await outbox.save(call(0, { callId: record.callId }))
    }
    expect(outbox.depth.bytes).toBeLessThanOrEqual(60_000)
    expect(outbox.isFull).toBe(false)
    expect(messages().filter((line) => line.includes('dropped'))).toHaveLength(1)
    expect(metered.some((line) => /^lost \d+ full$/.test(line))).toBe(true)
    store.failure = undefined
    await written()
    const { records: kept } = await store.list({ limit: 20 })
    expect(kept).toHaveLength(10)
    expect(kept.every(({ status, turns }) => status === 'completed' && turns.length === 2)).toBe(
      true,
    )
    for (let i = 0; i < 60; i++) await outbox.save(call(100 + i))
    expect(outbox.isFull).toBe(true)
    await written()
  })
})

describe('reading while something waits to be written', () => {
  it('sees the newest of everything, though the database is away', async () => {
    const { outbox, store } = setUp()
    const record = call(0)
    const { callId } = record
    await store.save(liveCall(0, { callId }))
    await store.appendEvent(turnEvent(callId, 1))
    store.failure = locked
    await outbox.appendEvent(turnEvent(callId, 2))
    await outbox.save(record)
    await outbox.saveOutcome(callId, outcome)
    expect(await outbox.get(callId)).toEqual(record)
    expect((await outbox.list({ limit: 5 })).records).toEqual([record])
    const seqs = (events: readonly { readonly seq: number }[]) => events.map(({ seq }) => seq)
    expect(seqs(await outbox.events(callId))).toEqual([1, 2])
    expect(seqs(await outbox.events(callId, { after: 1 }))).toEqual([2])
    expect(seqs(await outbox.events(callId, { after: 0, limit: 1 }))).toEqual([1])
    expect(seqs(await outbox.allEvents({ limit: 5 }))).toEqual([1, 2])
    expect(await outbox.outcome(callId)).toEqual(outcome)
    expect(await outbox.pendingOutcomes({ endedAfter: START, limit: 5 })).toEqual([])
    store.failure = undefined
  })

  it('knows what was said in a call whose record waits', async () => {
    const { outbox, store } = setUp()
    store.failure = locked
    const record = liveCall(0)
    await outbox.save(record)
    await outbox.appendEvent(turnEvent(record.callId, 1, 'Hello?'))
    expect((await outbox.get(record.callId))!.turns).toEqual([callerSays('Hello?', 1000)])
    store.failure = undefined
  })

  it('shows an event once that is written while it is read', async () => {
    const { outbox, store } = setUp()
    const record = liveCall(0)
    await outbox.save(record)
    await outbox.appendEvent(turnEvent(record.callId, 1))
    const read = vi.spyOn(store, 'events').mockImplementation(async (callId, query) => {
      await outbox.flush(1000)
      read.mockRestore()
      return store.events(callId, query)
    })
    expect(await outbox.events(record.callId)).toHaveLength(1)
  })

  it('finds what was kept just before', async () => {
    const { outbox } = setUp()
    const [record, open] = [call(0), liveCall(1)]
    await outbox.save(record)
    await outbox.save(open)
    expect((await outbox.list({ limit: 5 })).records).toEqual([open, record])
    const due = delivery(record.callId)
    await outbox.addDelivery(due)
    expect(await outbox.deliveriesOf(record.callId)).toEqual([due])
    const another = delivery(record.callId)
    await outbox.addDelivery(another)
    expect(await outbox.nextDeliveryDue()).toEqual(START)
    await outbox.addDelivery(delivery(record.callId))
    const lease = { now: START, leaseUntil: after(1), limit: 9 }
    expect(await outbox.claimDueDeliveries(lease)).toHaveLength(3)
    await outbox.updateDelivery({ ...without(another, 'nextAttemptAt'), state: 'delivered' })
    expect(await outbox.delivery(another.id)).toMatchObject({ state: 'delivered' })
    await outbox.appendEvent(turnEvent(open.callId, 1))
    expect(await outbox.unfinished({ createdBefore: after(9), limit: 5 })).toMatchObject([
      { lastEvent: { seq: 1 } },
    ])
    expect((await outbox.exportNumber(NUMBER)).calls).toHaveLength(2)
    await outbox.ping()
  })
})

describe('forgetting calls while something waits to be written', () => {
  it('lets nothing come back', async () => {
    const { outbox, store } = setUp()
    const [a, b] = [call(0), call(1)]
    await outbox.save(a)
    await outbox.appendEvent(turnEvent(a.callId, 1))
    expect(await outbox.erase(a.callId)).toBe(true)
    await outbox.save(b)
    expect(await outbox.eraseNumber(NUMBER)).toEqual([b.callId])
    expect((await store.list({ limit: 5 })).records).toEqual([])
    await outbox.save(call(2))
    const days = { transcript: 1, metadata: 1 }
    await outbox.flush(1000)
    const now = after(9 * 86_400_000)
    expect((await outbox.sweep({ now, days })).erased).toHaveLength(1)
  })

  it('says so when the database is away', async () => {
    const { outbox, store } = setUp()
    store.failure = locked
    await outbox.save(call(0))
    await expect(outbox.eraseNumber(NUMBER)).rejects.toThrow(StoreError)
    await expect(outbox.erase('call_1')).rejects.toMatchObject({ code: 'unavailable' })
    await expect(outbox.exportNumber(NUMBER)).rejects.toThrow('cannot be written')
    store.failure = undefined
  })
})

describe('somebody who does not want to be called again', () => {
  it('is not called, though the database is away', async () => {
    const { outbox, store, written } = setUp()
    store.failure = locked
    const entry = await outbox.doNotCall.add(NUMBER, { callId: 'call_1' })
    expect(await outbox.doNotCall.add(NUMBER, { callId: 'call_2' })).toEqual(entry)
    expect(await outbox.doNotCall.has(NUMBER)).toBe(true)
    await vi.waitFor(() => {
      expect(outbox.isFailing).toBe(true)
    })
    await expect(outbox.doNotCall.list({ limit: 5 })).rejects.toThrow(StoreError)
    await expect(outbox.doNotCall.remove(NUMBER)).rejects.toThrow(StoreError)
    store.failure = undefined
    await written()
    expect(store.doNotCall.has(NUMBER)).toBe(true)
    expect(await outbox.doNotCall.remove(NUMBER)).toBe(true)
    expect(await outbox.doNotCall.has(NUMBER)).toBe(false)
  })

  it('is written down before a user of the API is told so', async () => {
    const { outbox, store } = setUp()
    await outbox.doNotCall.add(NUMBER, {})
    expect(store.doNotCall.has(NUMBER)).toBe(true)
    expect((await outbox.doNotCall.list({ limit: 5 })).entries).toHaveLength(1)
  })
})

describe('the end of the process', () => {
  it('writes all that waits', async () => {
    const { outbox, store } = setUp({ speed: 1 })
    store.failure = locked
    for (let i = 0; i < 100; i++) await outbox.save(call(i))
    await vi.waitFor(() => {
      expect(outbox.isFailing).toBe(true)
    })
    // In the middle of a pause.
    store.failure = undefined
    await outbox.close()
    expect((await store.list({ limit: 200 })).records).toHaveLength(100)
    expect(store.isClosed).toBe(true)
  })

  it('comes also when the database does not, and says what is lost', async () => {
    const { outbox, store, messages } = setUp()
    store.failure = locked
    await outbox.save(call(0, { turns: [agentSays('Hello', 0)] }))
    expect(await outbox.flush(200)).toMatchObject({ writes: 1 })
    await outbox.close()
    expect(messages().at(-1)).toBe('not all could be written before the end; it is lost')
    expect(store.isClosed).toBe(true)
    const { attempts } = store
    await outbox.save(call(1))
    await outbox.flush(100)
    expect(store.attempts).toBe(attempts)
  })
})
