import { describe, expect, it } from 'vitest'
import { MemoryCallStore } from '../../src/calls/call-store.ts'
import type { CallRecord } from '../../src/calls/record.ts'

function record(callId: string, status: CallRecord['status'] = 'completed'): CallRecord {
  return {
    callId,
    direction: 'outbound',
    status,
    spec: { phoneNumber: '+15551234567', action: 'talk' },
    createdAt: new Date(),
    turns: [],
    timings: [],
    notes: [],
    optedOut: false,
  }
}

const idsOf = (records: readonly CallRecord[]) => records.map(({ callId }) => callId)

describe('the store of calls in memory', () => {
  it('keeps the latest record of a call', async () => {
    const store = new MemoryCallStore()
    await store.save(record('a', 'ringing'))
    await store.save(record('a'))
    expect(await store.get('a')).toMatchObject({ status: 'completed' })
    expect(await store.get('b')).toBeUndefined()
  })

  it('lists newest first, page by page, each call once', async () => {
    const store = new MemoryCallStore()
    for (const id of ['a', 'b', 'c', 'd', 'e']) await store.save(record(id))
    await store.save(record('b', 'failed'))
    const first = await store.list({ limit: 2 })
    expect(idsOf(first.records)).toEqual(['e', 'd'])
    const second = await store.list({ limit: 2, before: first.nextBefore! })
    expect(idsOf(second.records)).toEqual(['c', 'b'])
    const third = await store.list({ limit: 2, before: second.nextBefore! })
    expect(idsOf(third.records)).toEqual(['a'])
    expect(third.nextBefore).toBeUndefined()
  })

  it('has no further page when the last one is just full', async () => {
    const store = new MemoryCallStore()
    await store.save(record('a'))
    await store.save(record('b'))
    expect(await store.list({ limit: 2 })).not.toHaveProperty('nextBefore')
  })

  it('goes on behind a call that was forgotten meanwhile', async () => {
    const store = new MemoryCallStore()
    for (const id of ['a', 'b', 'd']) await store.save(record(id))
    expect(idsOf((await store.list({ limit: 5, before: 'c' })).records)).toEqual(['b', 'a'])
  })

  it('forgets the oldest call that is over, and never a live one', async () => {
    const store = new MemoryCallStore({ maxRecords: 2 })
    await store.save(record('live', 'in_progress'))
    await store.save(record('old'))
    await store.save(record('new'))
    expect(idsOf((await store.list({ limit: 10 })).records)).toEqual(['new', 'live'])
    await store.save(record('live2', 'ringing'))
    await store.save(record('live3', 'ringing'))
    expect(idsOf((await store.list({ limit: 10 })).records)).toEqual(['live3', 'live2', 'live'])
  })
})
