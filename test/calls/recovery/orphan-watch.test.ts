import { expect, it } from 'vitest'
import { OrphanWatch } from '../../../src/calls/recovery/orphan-watch.ts'
import { quiet } from '../../helpers/fake-ports.ts'
import { SteppingClock } from '../../helpers/stepping-clock.ts'
import { liveCall } from '../../store/kept-calls.ts'

const LOOK_MS = 4000

function watch() {
  const clock = new SteppingClock()
  const seen = {
    gone: [] as number[],
    takenFrom: [] as (readonly number[])[],
    takenUp: [] as string[],
    isFailing: false,
    isLeaving: false,
    lost: [] as string[],
    letGo: [] as string[],
  }
  const call = { record: liveCall(0) }
  const orphans = new OrphanWatch({
    isLeaving: () => seen.isLeaving,
    gone: () => Promise.resolve(seen.gone),
    takeOver: (from) => {
      if (seen.isFailing) return Promise.reject(new Error('database failed'))
      seen.takenFrom.push(from)
      // Of what process 3 has left somebody else takes care.
      return Promise.resolve(from.includes(3) ? [] : [call])
    },
    takeUp: (calls) => {
      seen.takenUp.push(...calls.map(({ record }) => record.callId))
      return Promise.resolve()
    },
    calls: () =>
      ['call_a', 'call_b'].map((callId) => ({ callId, letGo: () => seen.letGo.push(callId) })),
    lost: (callIds) =>
      seen.isFailing
        ? Promise.reject(new Error('database failed'))
        : Promise.resolve(callIds.filter((callId) => seen.lost.includes(callId))),
    clock,
    log: quiet,
  })
  const look = async () => {
    clock.advance(LOOK_MS)
    await new Promise(setImmediate)
  }
  orphans.start()
  return { orphans, seen, look, clock, callId: call.record.callId }
}

it('takes over the calls of a process that is missing twice, and of no other', async () => {
  const { orphans, seen, look, callId } = watch()
  await look()
  seen.gone = [1]
  await look()
  // It was cut off from the database for a moment.
  seen.gone = [2]
  await look()
  expect(seen.takenFrom).toEqual([])
  seen.gone = [1, 2]
  await look()
  expect(seen.takenFrom).toEqual([[2]])
  expect(seen.takenUp).toEqual([callId])
  await orphans.close()
})

it('tries again when the store fails, and has nothing to do where somebody else was quicker', async () => {
  const { orphans, seen, look, clock } = watch()
  seen.gone = [3]
  seen.isFailing = true
  await look()
  await look()
  expect(seen.takenFrom).toEqual([])
  seen.isFailing = false
  await look()
  expect(seen.takenFrom).toEqual([[3]])
  expect(seen.takenUp).toEqual([])
  await orphans.close()
  expect(clock.pending).toBe(0)
})

it('leaves them to others when it is about to stop', async () => {
  const { orphans, seen, look } = watch()
  seen.gone = [1]
  seen.isLeaving = true
  for (let looks = 0; looks < 3; looks++) await look()
  expect(seen.takenFrom).toEqual([])
  await orphans.close()
})

it('lets go of a call that another one has taken over, also when it is about to stop itself', async () => {
  const { orphans, seen, look } = watch()
  await look()
  expect(seen.letGo).toEqual([])
  seen.lost = ['call_b']
  seen.isFailing = true
  await look()
  expect(seen.letGo).toEqual([])
  seen.isFailing = false
  seen.isLeaving = true
  await look()
  expect(seen.letGo).toEqual(['call_b'])
  await orphans.close()
})
