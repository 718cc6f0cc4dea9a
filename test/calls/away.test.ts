import { describe, expect, it } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { ProviderError } from '../../src/errors.ts'
import {
  handedOver,
  patientTalk,
  setUpCalls,
  spec,
  talk,
  TRANSFER_TARGET as TARGET,
} from '../helpers/fake-calls.ts'
import { FakeLine } from '../helpers/fake-ports.ts'

const over = new ProviderError('Call is not in-progress', {
  provider: 'twilio',
  code: 'call_over',
  vendorCode: '21220',
})

/** Lets everything that is ready to run, run. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A clock that knows how many timers are running. */
function countingClock() {
  const clock = scaledClock(1)
  const running = new Set<object>()
  const after = (ms: number, run: () => void) => {
    const timer = {}
    running.add(timer)
    const cancel = clock.after(ms, () => {
      running.delete(timer)
      run()
    })
    return () => {
      running.delete(timer)
      cancel()
    }
  }
  return { clock: { ...clock, after }, pending: () => running.size }
}

describe('keys', () => {
  it('are pressed by the carrier, and the conversation gets its line back', async () => {
    const { conversation, telephony, listener, reattach, calls } = await patientTalk()
    const pressing = conversation.control.pressKeys('ww1#')
    listener.closed('stopped')
    await pressing
    expect(telephony.did).toEqual(['keys CA1 ww1#'])
    const line = new FakeLine()
    expect(reattach(telephony.tokens[0], line)).toBeDefined()
    expect(conversation.line).toBe(line)
    expect(calls.load.active).toBe(1)
    await calls.endAll()
  })

  it('may be pressed before the carrier has answered that they will be', async () => {
    const gate = Promise.withResolvers<undefined>()
    const world = setUpCalls({ clock: scaledClock(1000) })
    world.telephony.leaveGate = gate.promise
    const { conversation, telephony, reattach, calls } = await patientTalk(world)
    const pressing = conversation.control.pressKeys('1')
    expect(reattach(telephony.tokens[0])).toBeDefined()
    gate.resolve(undefined)
    await pressing
    // Longer than any watch for a stream would take.
    await world.clock.sleep(60_000)
    expect(conversation.did).not.toContain('end caller_hung_up')
    await calls.endAll()
  })

  it('that never bring the line back end the call', async () => {
    const { conversation, listener, calls, callId, telephony } = await patientTalk(
      setUpCalls({ clock: scaledClock(1000) }),
    )
    await conversation.control.pressKeys('12345678')
    listener.closed('stopped')
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({
      status: 'failed',
      failure: { by: 'parley', code: 'no_stream' },
    })
    expect(telephony.did).toEqual(['keys CA1 12345678', 'hang up CA1'])
  })

  it('get as long as they take to be pressed', async () => {
    const world = setUpCalls({ clock: scaledClock(200) })
    const { conversation, listener, calls } = await patientTalk(world)
    await conversation.control.pressKeys('w'.repeat(32))
    listener.closed('stopped')
    await world.clock.sleep(25_000)
    expect(calls.load.active).toBe(1)
    await calls.idle()
  })

  it('that the carrier refuses leave the call as it is', async () => {
    const { conversation, telephony, calls, clock } = await patientTalk(
      setUpCalls({ clock: scaledClock(1000) }),
    )
    telephony.leaveError = over
    await expect(conversation.control.pressKeys('1')).rejects.toBe(over)
    await clock.sleep(60_000)
    expect(calls.load.active).toBe(1)
    expect(conversation.did).toEqual(['start', 'answered', 'attach'])
    await calls.endAll()
  })

  it('leave nothing behind when the call ends meanwhile', async () => {
    const { clock, pending } = countingClock()
    const gate = Promise.withResolvers<undefined>()
    const world = setUpCalls({ clock })
    world.telephony.leaveGate = gate.promise
    const { conversation, calls } = await patientTalk(world)
    const pressing = conversation.control.pressKeys('1')
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    gate.resolve(undefined)
    await pressing
    expect(pending()).toBe(0)
  })

  it('cannot be pressed when the call is over, or before it has begun', async () => {
    const ended = await talk()
    ended.conversation.finish({ reason: 'agent_hung_up' })
    await ended.calls.idle()
    await expect(ended.conversation.control.pressKeys('1')).rejects.toMatchObject({
      code: 'call_over',
      retryable: false,
    })
    const world = setUpCalls()
    const gate = Promise.withResolvers<undefined>()
    world.telephony.dialGate = gate.promise
    const placing = world.calls.place(spec)
    await settle()
    const { control } = world.conversations[0]!
    await expect(control.transfer(TARGET)).rejects.toMatchObject({ code: 'call_over' })
    gate.resolve(undefined)
    await placing
    await world.calls.endAll()
    expect(world.telephony.did).toEqual(['hang up CA1'])
  })
})

describe('a transfer', () => {
  it('that is talked through ends the call without cutting anybody off', async () => {
    const { calls, callId, conversation, telephony, ended } = await handedOver()
    expect(telephony.did).toEqual([`transfer CA1 ${TARGET} 25 s`])
    conversation.facts = { notes: [], optedOut: false, transferredTo: 'the front desk' }
    expect(ended('completed')).toBeUndefined()
    await calls.idle()
    expect(telephony.did).toHaveLength(1)
    expect(conversation.did.slice(3)).toEqual(['transfer completed', 'cleanup', 'cleanup'])
    expect(await calls.get(callId)).toMatchObject({
      status: 'completed',
      endReason: 'transferred',
      transferredTo: 'the front desk',
    })
  })

  it.each(['busy', 'no_answer', 'failed'] as const)(
    'that comes to nothing (%s) goes on with the conversation',
    async (outcome) => {
      const { calls, conversation, reattach, ended } = await handedOver()
      const token = ended(outcome)
      expect(conversation.did.at(-1)).toBe(`transfer ${outcome}`)
      // The carrier may ask again, and use either answer.
      expect(ended(outcome)).toBeDefined()
      expect(conversation.did.at(-1)).toBe(`transfer ${outcome}`)
      const line = new FakeLine()
      expect(reattach(token, line)).toBeDefined()
      expect(conversation.line).toBe(line)
      await calls.endAll()
    },
  )

  it('is not taken for time that the agent has overdrawn', async () => {
    const world = setUpCalls({ clock: scaledClock(10_000), settings: { maxDurationS: 10 } })
    const { calls, conversation, telephony, ended } = await handedOver(world)
    // Three hours on the telephone.
    await world.clock.sleep(3 * 3_600_000)
    expect(calls.load.active).toBe(1)
    ended('completed')
    await calls.idle()
    expect(conversation.did).not.toContain('end requested')
    expect(telephony.did).toHaveLength(1)
  })

  it('that comes to nothing late leaves time to say so, but not for ever', async () => {
    const world = setUpCalls({ clock: scaledClock(1000), settings: { maxDurationS: 10 } })
    const { calls, conversation, reattach, ended } = await handedOver(world)
    await world.clock.sleep(120_000)
    reattach(ended('no_answer'))
    await world.clock.sleep(20_000)
    expect(calls.load.active).toBe(1)
    await calls.idle()
    expect(conversation.did).toContain('end requested')
  })

  it('that comes to nothing and brings no line back ends the call', async () => {
    const { calls, callId, ended } = await handedOver(setUpCalls({ clock: scaledClock(1000) }))
    ended('busy')
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ failure: { code: 'no_stream' } })
  })

  it('can be ended by the API while they talk', async () => {
    const { calls, callId, telephony } = await handedOver()
    await calls.hangUp(callId)
    await calls.idle()
    expect(telephony.did.at(-1)).toBe('hang up CA1')
    expect(await calls.get(callId)).toMatchObject({ endReason: 'requested' })
  })

  it('can be ended by the API even when the conversation took its leave at once', async () => {
    const { calls, callId, telephony, conversation } = await handedOver()
    conversation.finish({ reason: 'transferred' })
    await settle()
    expect(conversation.did.at(-1)).toBe('cleanup')
    expect(telephony.did).toHaveLength(1)
    expect(calls.load.active).toBe(1)
    await calls.hangUp(callId)
    await calls.idle()
    expect(telephony.did.at(-1)).toBe('hang up CA1')
    expect(await calls.get(callId)).toMatchObject({ endReason: 'transferred' })
  })

  it('goes on without the conversation until the carrier says that the call is over', async () => {
    const { calls, callId, callSid, telephony, conversation } = await handedOver()
    conversation.finish({ reason: 'transferred' })
    await settle()
    calls.statusChanged({ callSid, status: 'completed' })
    expect(calls.transferEnded({ callSid, status: 'completed', outcome: 'completed' })).toBe(
      undefined,
    )
    await calls.idle()
    expect(telephony.did).toHaveLength(1)
    expect(await calls.get(callId)).toMatchObject({
      status: 'completed',
      endReason: 'transferred',
    })
  })

  it('of which nobody tells the end is given up after hours', async () => {
    const { calls, callId } = await handedOver(setUpCalls({ clock: scaledClock(100_000) }))
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ endReason: 'caller_hung_up' })
  })

  it.each([
    ['before', 'after'],
    ['after', 'before'],
  ])('is on record when the person hangs up: the call’s end comes %s it', async (first) => {
    const { calls, callId, callSid, telephony, ended } = await handedOver()
    if (first === 'before') calls.statusChanged({ callSid, status: 'completed' })
    expect(ended('completed', true)).toBeUndefined()
    if (first === 'after') calls.statusChanged({ callSid, status: 'completed' })
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ endReason: 'transferred' })
    expect(telephony.did).toHaveLength(1)
  })

  it('during whose ringing the person hangs up is not said to have failed to nobody', async () => {
    const { calls, callId, conversation, ended } = await handedOver()
    expect(ended('no_answer', true)).toBeUndefined()
    await calls.idle()
    expect(conversation.did).not.toContain('transfer no_answer')
    expect(await calls.get(callId)).toMatchObject({
      status: 'completed',
      endReason: 'caller_hung_up',
    })
  })

  it('whose outcome stays unknown ends with the call', async () => {
    const { calls, callId, callSid } = await handedOver(setUpCalls({ clock: scaledClock(100) }))
    calls.statusChanged({ callSid, status: 'completed' })
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ endReason: 'caller_hung_up' })
  })

  it('is not ended by the loss of the stream that it takes the place of', async () => {
    const { calls, callSid, conversation, ended } = await handedOver()
    expect(calls.streamEnded({ callSid, status: 'in_progress' })).toBeDefined()
    expect(conversation.did).not.toContain('line lost')
    ended('completed')
    await calls.idle()
  })

  it('lets no line in that was on its way before', async () => {
    const call = await patientTalk()
    const token = call.calls.streamEnded({ callSid: call.callSid, status: 'in_progress' })
    await call.conversation.control.transfer(TARGET)
    expect(call.reattach(token)).toBeUndefined()
    const later = call.calls.streamEnded({ callSid: call.callSid, status: 'in_progress' })
    expect(call.reattach(later)).toBeUndefined()
    await call.calls.endAll()
  })

  it('that the carrier refuses leaves the call as it is, with its time limit', async () => {
    const world = setUpCalls({ clock: scaledClock(1000), settings: { maxDurationS: 10 } })
    const { conversation, telephony, calls } = await patientTalk(world)
    telephony.leaveError = over
    await expect(conversation.control.transfer(TARGET)).rejects.toBe(over)
    await calls.idle()
    expect(conversation.did).toContain('end requested')
  })

  it('that is asked for while the person hangs up is the end of the call', async () => {
    const { conversation, telephony, calls, callId, callSid } = await patientTalk()
    const gate = Promise.withResolvers<undefined>()
    telephony.leaveGate = gate.promise
    telephony.leaveError = over
    const transferring = conversation.control.transfer(TARGET)
    calls.statusChanged({ callSid, status: 'completed' })
    gate.resolve(undefined)
    await expect(transferring).rejects.toBe(over)
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ endReason: 'caller_hung_up' })
    expect(telephony.did).toHaveLength(1)
  })

  it('that nobody has asked for changes nothing', async () => {
    const { calls, callSid, conversation } = await talk()
    const report = { callSid, status: 'in_progress', outcome: 'completed' } as const
    expect(calls.transferEnded(report)).toBeUndefined()
    expect(calls.transferEnded({ ...report, callSid: 'CA9' })).toBeUndefined()
    expect(conversation.did).toEqual(['start', 'answered', 'attach'])
    await calls.endAll()
  })
})

describe('a lost stream', () => {
  const lost = { callSid: 'CA1', status: 'in_progress' } as const

  it('is not the end of the call: another one takes its place', async () => {
    const { calls, conversation, reattach, listener, status } = await patientTalk()
    listener.closed('lost')
    const token = calls.streamEnded(lost)
    expect(conversation.did.at(-1)).toBe('line lost')
    const line = new FakeLine()
    expect(reattach(token, line)).toBeDefined()
    expect(conversation.line).toBe(line)
    expect(await status()).toBe('in_progress')
    await calls.endAll()
  })

  it('whose socket looks alive is closed when the new one is there', async () => {
    const { calls, line, reattach } = await patientTalk()
    reattach(calls.streamEnded(lost))
    expect(line.did).toEqual(['close'])
    await calls.endAll()
  })

  it('of a conversation that has taken its leave is not replaced', async () => {
    const { calls, conversation } = await talk()
    conversation.lineLost = () => {
      conversation.finish({ reason: 'agent_hung_up' })
    }
    expect(calls.streamEnded(lost)).toBeUndefined()
    expect(calls.streamEnded(lost)).toBeUndefined()
    await calls.idle()
  })

  it('of a call that has ended is the end', async () => {
    const { calls, callId, telephony, conversation } = await patientTalk()
    expect(calls.streamEnded({ callSid: 'CA1', status: 'completed' })).toBeUndefined()
    await calls.idle()
    expect(conversation.did).not.toContain('line lost')
    expect(telephony.did).toEqual([])
    expect(await calls.get(callId)).toMatchObject({ endReason: 'caller_hung_up' })
  })

  it('that cannot be replaced fails the call with the carrier’s reason', async () => {
    const { calls, callId } = await patientTalk(setUpCalls({ clock: scaledClock(1000) }))
    calls.streamEnded(lost)
    const failure = { by: 'twilio', code: 'stream_error', message: '31920' } as const
    calls.streamFailed('CA1', failure)
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ status: 'failed', failure })
  })

  it('that was replaced is not to blame for what comes later', async () => {
    const world = await patientTalk(setUpCalls({ clock: scaledClock(1000) }))
    const { calls, callId, conversation, reattach } = world
    calls.streamFailed('CA1', { by: 'twilio', code: 'stream_error', message: '31924' })
    reattach(calls.streamEnded(lost))
    await conversation.control.pressKeys('1')
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ failure: { code: 'no_stream' } })
  })

  it('once too often is one time too many', async () => {
    const { calls, callId, reattach } = await patientTalk()
    for (let i = 0; i < 20; i++) expect(reattach(calls.streamEnded(lost))).toBeDefined()
    expect(calls.streamEnded(lost)).toBeUndefined()
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({
      status: 'failed',
      failure: { by: 'twilio', code: 'stream_lost' },
    })
  })

  it('after keys were asked for does not shut their line out', async () => {
    const { calls, conversation, telephony, reattach } = await patientTalk()
    const late = calls.streamEnded(lost)
    await conversation.control.pressKeys('1')
    expect(reattach(late)).toBeDefined()
    const line = new FakeLine()
    expect(reattach(telephony.tokens[0], line)).toBeDefined()
    expect(conversation.line).toBe(line)
    expect(reattach(late)).toBeUndefined()
    await calls.endAll()
  })
})

describe('machine detection', () => {
  it('is asked for when the configuration says so, and told to the conversation', async () => {
    const { calls, telephony, conversations } = setUpCalls({ settings: { detectMachine: true } })
    const { callId, callSid } = await calls.place(spec)
    expect(telephony.dialled).toMatchObject([{ detectMachine: true }])
    calls.carrierHeard({ callId, callSid: callSid!, answeredBy: 'machine_start' })
    calls.carrierHeard({ callSid: callSid!, answeredBy: 'unknown' })
    calls.carrierHeard({ callSid: 'CA9', answeredBy: 'human' })
    expect(conversations[0]?.did.slice(1)).toEqual([
      'carrier heard machine_start',
      'carrier heard unknown',
    ])
    await calls.endAll()
  })

  it('that comes to a result too late is ignored', async () => {
    const { calls, callSid, conversation, telephony } = await talk(
      setUpCalls({ clock: scaledClock(100) }),
    )
    telephony.hangUpErrors.push(
      new ProviderError('connect ECONNREFUSED', { provider: 'twilio', code: 'unavailable' }),
    )
    conversation.finish({ reason: 'agent_hung_up' })
    await settle()
    calls.carrierHeard({ callSid, answeredBy: 'human' })
    await calls.idle()
    expect(conversation.did).not.toContain('carrier heard human')
  })
})
