import { describe, expect, it } from 'vitest'
import { MemoryCallStore } from '../../src/calls/memory-call-store.ts'
import { RetentionSweeper, type RetentionSweeperParts } from '../../src/store/retention-sweeper.ts'
import { settled } from '../helpers/fake-ports.ts'
import { SteppingClock } from '../helpers/stepping-clock.ts'
import { call } from './kept-calls.ts'
import { readableLog } from './unreliable.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function setUp(parts: Partial<RetentionSweeperParts> = {}) {
  const clock = new SteppingClock('2026-11-21T10:00:00Z')
  const store = new MemoryCallStore({ clock })
  const { log, messages } = readableLog()
  const erased: string[] = []
  const recordings: number[] = []
  const sweeper = new RetentionSweeper({
    store,
    days: { recording: 30, transcript: 90, metadata: 365 },
    onErased: (callId) => Promise.resolve(erased.push(callId)),
    sweepRecordings: (days) => Promise.resolve(recordings.push(days)),
    clock,
    log,
    ...parts,
  })
  const pass = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  return { clock, store, sweeper, erased, recordings, messages, pass }
}

describe('forgetting what is old enough', () => {
  it('begins soon after the start, and goes on every day', async () => {
    const { clock, store, sweeper, erased, recordings, pass } = setUp()
    const record = call(0)
    await store.save(record)
    sweeper.start()
    sweeper.start()
    await pass(HOUR_MS)
    expect(recordings).toEqual([30])
    for (let day = 1; day <= 89; day++) await pass(DAY_MS)
    expect((await store.get(record.callId))!.turns).toHaveLength(2)
    for (let day = 90; day <= 91; day++) await pass(DAY_MS)
    expect((await store.get(record.callId))!.turns).toEqual([])
    expect(erased).toEqual([])
    for (let day = 92; day <= 366; day++) await pass(DAY_MS)
    expect(erased).toEqual([record.callId])
    expect(await store.get(record.callId)).toBeUndefined()
    expect(recordings).toHaveLength(367)
    await sweeper.stop()
    expect(clock.pending).toBe(0)
  })

  it('leaves recordings for ever when it is told so', async () => {
    const { sweeper, recordings } = setUp({ days: { recording: 0, transcript: 0, metadata: 0 } })
    await sweeper.sweep()
    expect(recordings).toEqual([])
  })

  it('tries again the next day when it fails, and forgets the rest all the same', async () => {
    const clock = new SteppingClock('2027-12-31T10:00:00Z')
    const store = new MemoryCallStore({ clock })
    const tried: string[] = []
    const { sweeper, messages, recordings } = setUp({
      store,
      clock,
      onErased: (callId) => {
        tried.push(callId)
        return Promise.reject(new Error('the file is in use'))
      },
    })
    const ids = [call(0), call(1)].map((record) => {
      void store.save(record)
      return record.callId
    })
    await sweeper.sweep()
    expect(tried).toEqual(ids)
    expect(recordings).toEqual([30])
    expect(messages()).toEqual([
      'old calls were forgotten',
      'what is kept of an old call could not be forgotten',
      'what is kept of an old call could not be forgotten',
    ])
  })

  it('survives a database that is away', async () => {
    const { sweeper, messages, recordings } = setUp({
      store: { sweep: () => Promise.reject(new Error('away')) },
    })
    await Promise.all([sweeper.sweep(), sweeper.sweep()])
    expect(messages()).toEqual(['old calls could not be forgotten'])
    expect(recordings).toEqual([30])
  })
})
