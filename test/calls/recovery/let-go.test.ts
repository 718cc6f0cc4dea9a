import { describe, expect, it } from 'vitest'
import type { CallEvent } from '../../../src/calls/call-events.ts'
import { isStillOurs } from '../../../src/calls/recovery/open-elsewhere.ts'
import { handedOver, patientTalk, setUpCalls } from '../../helpers/fake-calls.ts'
import { quiet } from '../../helpers/fake-ports.ts'
import { SteppingClock } from '../../helpers/stepping-clock.ts'

/** What is told of the calls of a world from now on. */
function heardFrom({ events }: Pick<ReturnType<typeof setUpCalls>, 'events'>) {
  const told: CallEvent['type'][] = []
  events.subscribe((event) => {
    if (event.seq !== undefined) told.push(event.type)
  })
  return told
}

const letAllGo = ({ calls }: Pick<ReturnType<typeof setUpCalls>, 'calls'>) => {
  for (const call of calls.live) call.letGo()
}

describe('a call that another process has taken over', () => {
  it('goes on there: here nobody hangs up, and nobody is told of an end', async () => {
    const call = await patientTalk()
    const told = heardFrom(call)
    letAllGo(call)
    await call.calls.idle()
    expect(call.calls.load.active).toBe(0)
    expect(call.line.did).toContain('close')
    expect(call.telephony.did).toEqual([])
    expect(told).toEqual([])
    expect(await call.store.get(call.callId)).toMatchObject({ status: 'in_progress' })
    // Should it come back to this process, its events are counted from those on record.
    expect(call.events.lastSeq(call.callId)).toBeUndefined()
  })

  it('goes on there also when the person talks with somebody else', async () => {
    const call = await handedOver()
    call.conversation.finish({ reason: 'transferred' })
    await new Promise(setImmediate)
    const told = heardFrom(call)
    letAllGo(call)
    await call.calls.idle()
    expect(call.telephony.did).not.toContain('hang up CA1')
    expect(told).toEqual([])
  })

  it('is not hung up by the one that has lost it and does not know yet, for want of a line', async () => {
    const owners = { isOurs: true }
    const world = setUpCalls({ isOurs: () => Promise.resolve(owners.isOurs) })
    const call = await patientTalk(world)
    const told = heardFrom(call)
    owners.isOurs = false
    call.conversation.finish({ reason: 'caller_hung_up' })
    await call.calls.idle()
    expect(call.telephony.did).toEqual([])
    expect(told).toEqual([])
  })

  it('is hung up by the one that has it', async () => {
    const call = await patientTalk(setUpCalls({ isOurs: () => Promise.resolve(true) }))
    const told = heardFrom(call)
    call.conversation.finish({ reason: 'agent_hung_up' })
    await call.calls.idle()
    expect(call.telephony.did).toEqual(['hang up CA1'])
    expect(told).toEqual(['call.ended'])
  })
})

describe('whether a call is still ours', () => {
  it('is asked of the store', async () => {
    const parts = { clock: new SteppingClock(), log: quiet }
    const lost = (callIds: readonly string[]) => Promise.resolve(callIds.filter((id) => id === 'b'))
    expect(await isStillOurs('a', { ...parts, lost })).toBe(true)
    expect(await isStillOurs('b', { ...parts, lost })).toBe(false)
  })

  it('is believed when the store fails, or does not answer: nobody is left on a line that nobody has', async () => {
    const clock = new SteppingClock()
    const failing = () => Promise.reject(new Error('database failed'))
    expect(await isStillOurs('a', { clock, log: quiet, lost: failing })).toBe(true)
    const silent = () => new Promise<never>(() => undefined)
    const known = isStillOurs('a', { clock, log: quiet, lost: silent })
    clock.advance(500)
    expect(await known).toBe(true)
  })
})
