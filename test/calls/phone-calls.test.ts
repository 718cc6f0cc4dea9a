import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { ProviderError } from '../../src/errors.ts'
import { placeAndAnswer, setUpCalls, spec, talk } from '../helpers/fake-calls.ts'
import { FakeLine } from '../helpers/fake-ports.ts'

const refused = new ProviderError('The number is not valid', {
  provider: 'twilio',
  code: 'rejected',
  vendorCode: '21211',
})
const unreachable = new ProviderError('connect ECONNREFUSED', {
  provider: 'twilio',
  code: 'unavailable',
})

/** Lets everything that is ready to run, run. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('placing a call', () => {
  it('prepares the conversation before the number is dialled', async () => {
    const world = setUpCalls()
    const gate = Promise.withResolvers<undefined>()
    world.telephony.dialGate = gate.promise
    const placing = world.calls.place({ ...spec, maxDurationS: 60 })
    await settle()
    expect(world.conversations[0]?.did).toEqual(['start'])
    gate.resolve(undefined)
    const record = await placing
    expect(record).toMatchObject({ callSid: 'CA1', status: 'queued', direction: 'outbound' })
    expect(world.telephony.dialled).toEqual([
      { callId: record.callId, to: spec.phoneNumber, maxDurationS: 150, ringTimeoutS: 30 },
    ])
    expect(world.conversations[0]?.plan).toMatchObject({
      firstSpeaker: 'auto',
      maxDurationS: 60,
      brief: { direction: 'outbound', action: spec.action, agentName: 'Alex', language: 'en' },
    })
  })

  it('that the carrier refuses fails with its code, and leaves a record of it', async () => {
    const { calls, telephony, store, conversations } = setUpCalls()
    telephony.dialError = refused
    await expect(calls.place(spec)).rejects.toMatchObject({
      code: 'dial_refused',
      details: { provider: 'twilio', code: '21211', message: 'The number is not valid' },
    })
    const { records } = await store.list({ limit: 10 })
    expect(records).toMatchObject([
      { status: 'failed', endReason: 'failed', failure: { by: 'twilio', code: 'rejected:21211' } },
    ])
    expect(conversations[0]?.did).toContain('cleanup')
    expect(telephony.did).toEqual([])
    expect(calls.load.active).toBe(0)
  })

  it('fails otherwise when the carrier cannot be asked, or something of ours breaks', async () => {
    const { calls, telephony } = setUpCalls({ clock: scaledClock(20) })
    telephony.dialError = unreachable
    await expect(calls.place(spec)).rejects.toMatchObject({
      code: 'dial_failed',
      details: { code: 'unavailable' },
    })
    telephony.dialError = new TypeError('oops')
    await expect(calls.place(spec)).rejects.toMatchObject({
      code: 'dial_failed',
      message: 'the call could not be placed',
    })
  })

  it('is refused when all lines are taken, and possible again when one is free', async () => {
    const { calls, conversations } = setUpCalls({ settings: { maxCalls: 1 } })
    await calls.place(spec)
    await expect(calls.place(spec)).rejects.toMatchObject({ code: 'at_capacity' })
    await expect(calls.register(spec)).rejects.toMatchObject({ code: 'at_capacity' })
    expect(conversations).toHaveLength(1)
    conversations[0]?.finish({ reason: 'caller_hung_up' })
    await calls.idle()
    await expect(calls.place(spec)).resolves.toBeDefined()
  })

  it('whose conversation breaks down while the carrier is asked is hung up as soon as it has an id', async () => {
    const { calls, telephony, conversations, store } = setUpCalls()
    const gate = Promise.withResolvers<undefined>()
    telephony.dialGate = gate.promise
    const placing = calls.place(spec)
    await settle()
    const failure = { by: 'anthropic', code: 'auth', message: 'no key' } as const
    conversations[0]?.finish({ reason: 'failed', failure })
    await settle()
    expect(telephony.did).toEqual([])
    gate.resolve(undefined)
    const { callId } = await placing
    await calls.idle()
    expect(telephony.did).toEqual(['hang up CA1'])
    expect(await store.get(callId)).toMatchObject({ status: 'failed', failure })
  })
})

describe('a call that is answered', () => {
  it('becomes a conversation on the line that brings its token', async () => {
    const { conversation, calls, callId, line } = await talk()
    expect(conversation.did).toEqual(['start', 'answered', 'attach'])
    expect(conversation.line).toBe(line)
    expect(await calls.get(callId)).toMatchObject({ status: 'in_progress' })
    expect((await calls.get(callId)).answeredAt).toBeInstanceOf(Date)
  })

  it('shows what has been said so far', async () => {
    const { conversation, calls, callId } = await talk()
    conversation.turns.push({ role: 'caller', text: 'Hello?', startMs: 0, endMs: 400 })
    expect((await calls.get(callId)).turns).toHaveLength(1)
  })

  it('lets no other stream in: not without token, not for another call, not twice', async () => {
    const { calls, callSid, token } = await placeAndAnswer()
    const line = new FakeLine()
    expect(calls.attachStream({ callSid, token: 'guess' }, line)).toBeUndefined()
    expect(calls.attachStream({ callSid: 'CA9', token }, line)).toBeUndefined()
    expect(calls.attachStream({ callSid, token }, line)).toBeDefined()
    expect(calls.attachStream({ callSid, token }, line)).toBeUndefined()
  })

  it('may be asked for again by the carrier, and is answered once', async () => {
    const { calls, callId, callSid, conversation } = await placeAndAnswer()
    const again = calls.answered({ callId, callSid, from: '', direction: 'outbound' })
    expect(again).toHaveProperty('token')
    expect(conversation.did).toEqual(['start', 'answered'])
  })

  it('is not given to a carrier call with another id', async () => {
    const { calls, callId } = await placeAndAnswer()
    const answer = calls.answered({ callId, callSid: 'CA9', from: '', direction: 'outbound' })
    expect(answer).toEqual({ refused: 'unwanted' })
  })

  it('may be answered before the answer to the dial request is there', async () => {
    const { calls, telephony, conversations } = setUpCalls()
    const gate = Promise.withResolvers<undefined>()
    telephony.dialGate = gate.promise
    const placing = calls.place(spec)
    await settle()
    const { callId } = telephony.dialled[0]!
    const answer = calls.answered({ callId, callSid: 'CA1', from: '', direction: 'outbound' })
    expect(answer).toHaveProperty('token')
    gate.resolve(undefined)
    expect(await placing).toMatchObject({ status: 'in_progress', callSid: 'CA1' })
    expect(conversations[0]?.did).toEqual(['start', 'answered'])
  })

  it('fails when its stream never comes', async () => {
    const world = setUpCalls({ clock: scaledClock(200) })
    const { calls, callId, telephony } = await placeAndAnswer(world)
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({
      status: 'failed',
      failure: { by: 'parley', code: 'no_stream' },
    })
    expect(telephony.did).toEqual(['hang up CA1'])
  })

  it('fails with the reason that the carrier gives for having no stream', async () => {
    const { calls, callId, callSid } = await placeAndAnswer()
    const failure = { by: 'twilio', code: 'stream_error', message: '31920' } as const
    expect(calls.streamEnded({ callSid, status: 'in_progress' })).toBeUndefined()
    calls.streamFailed(callSid, failure)
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ status: 'failed', failure })
  })

  it('is not disturbed by a late word about its stream, or about that of another', async () => {
    const { calls, callSid, conversation } = await talk()
    const failure = { by: 'twilio', code: 'stream_error', message: 'late' } as const
    calls.streamFailed(callSid, failure)
    calls.streamFailed('CA-unknown', failure)
    expect(calls.streamEnded({ callSid: 'CA-unknown', status: 'in_progress' })).toBeUndefined()
    await settle()
    expect(conversation.did).toEqual(['start', 'answered', 'attach'])
  })
})

describe('a call that ends', () => {
  it('by the agent is hung up at the carrier, cleaned up and kept', async () => {
    const { calls, callId, conversation, telephony, line } = await talk()
    conversation.turns.push(
      { role: 'agent', text: 'Hi.', interrupted: false, startMs: 0, endMs: 400 },
      { role: 'caller', text: 'Bye.', startMs: 500, endMs: 900 },
    )
    conversation.timings.push({ reply: 1, kind: 'opening', heardMs: 20 })
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    const record = await calls.get(callId)
    expect(record).toMatchObject({
      status: 'completed',
      endReason: 'agent_hung_up',
      turns: conversation.turns,
      timings: conversation.timings,
    })
    expect(record).not.toHaveProperty('failure')
    expect(record.endedAt).toBeInstanceOf(Date)
    expect(telephony.did).toEqual(['hang up CA1'])
    expect(conversation.did.at(-1)).toBe('cleanup')
    expect(line.did).toEqual(['close'])
  })

  it('by the caller needs no hang-up once the carrier has said so', async () => {
    const { calls, callId, callSid, telephony, conversation } = await talk()
    calls.statusChanged({ callId, callSid, status: 'completed' })
    await calls.idle()
    expect(telephony.did).toEqual([])
    expect(conversation.did).toContain('end caller_hung_up')
    expect(await calls.get(callId)).toMatchObject({
      status: 'completed',
      endReason: 'caller_hung_up',
    })
  })

  it('by a vendor that failed says who, and has the carrier say the last words', async () => {
    const world = await talk()
    const failure = { by: 'elevenlabs', code: 'quota', message: 'used up' } as const
    world.conversation.finish({ reason: 'failed', failure, unsaid: true })
    await world.calls.idle()
    expect(world.telephony.did).toEqual([expect.stringMatching(/^say CA1 en I'm sorry/)])
    expect(await world.calls.get(world.callId)).toMatchObject({
      status: 'failed',
      endReason: 'failed',
      failure,
    })
  })

  it('is hung up all the same when the carrier cannot say the last words', async () => {
    const { calls, conversation, telephony } = await talk()
    telephony.sayError = unreachable
    conversation.finish({ reason: 'failed', unsaid: true })
    await calls.idle()
    expect(telephony.did.at(-1)).toBe('hang up CA1')
  })

  it('is hung up again when the carrier could not be reached', async () => {
    const { calls, conversation, telephony } = await talk(setUpCalls({ clock: scaledClock(100) }))
    telephony.hangUpErrors.push(unreachable, unreachable)
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    expect(telephony.did).toEqual(['hang up CA1', 'hang up CA1', 'hang up CA1'])
  })

  it.each([
    ['for good', [unreachable, unreachable, unreachable], 3],
    ['with a refusal', [refused], 1],
  ])('is over even if the hang-up fails %s', async (_, errors, attempts) => {
    const { calls, callId, conversation, telephony } = await talk(
      setUpCalls({ clock: scaledClock(100) }),
    )
    telephony.hangUpErrors.push(...errors)
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    expect(telephony.did).toHaveLength(attempts)
    expect(await calls.get(callId)).toMatchObject({ status: 'completed' })
    expect(conversation.did).toContain('cleanup')
  })

  it('is over even if cleaning up fails', async () => {
    const { calls, callId, conversation } = await talk()
    conversation.cleanup = () => Promise.reject(new Error('stuck'))
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ status: 'completed' })
  })

  it('takes no line and gives no token any more', async () => {
    const { calls, conversation, telephony, callId, callSid, token } = await placeAndAnswer(
      setUpCalls({ clock: scaledClock(100) }),
    )
    telephony.hangUpErrors.push(unreachable)
    conversation.finish({ reason: 'agent_hung_up' })
    await settle()
    expect(calls.load.active).toBe(1)
    expect(calls.attachStream({ callSid, token }, new FakeLine())).toBeUndefined()
    expect(calls.answered({ callId, callSid, from: '', direction: 'outbound' })).toEqual({
      refused: 'unwanted',
    })
    await calls.idle()
  })

  it('does not go on for ever when its conversation forgets the time', async () => {
    const world = setUpCalls({ clock: scaledClock(1000), settings: { maxDurationS: 10 } })
    const { calls, conversation } = await talk(world)
    await calls.idle()
    expect(conversation.did).toContain('end requested')
  })
})

describe('a call that nobody answers', () => {
  it.each(['busy', 'no_answer', 'canceled'] as const)('is on record as %s', async (status) => {
    const { calls } = setUpCalls()
    const { callId, callSid } = await calls.place(spec)
    calls.statusChanged({ callId, callSid: callSid!, status: 'ringing' })
    expect(await calls.get(callId)).toMatchObject({ status: 'ringing' })
    calls.statusChanged({ callId, callSid: callSid!, status })
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ status, endReason: 'not_answered' })
  })

  it('because the number cannot be reached is failed by the carrier', async () => {
    const { calls } = setUpCalls()
    const { callId, callSid } = await calls.place(spec)
    const failure = { by: 'twilio', code: 'sip_404', message: 'not found' } as const
    calls.statusChanged({ callId, callSid: callSid!, status: 'failed', failure })
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ status: 'failed', failure })
  })

  it('is given up when the carrier never says what became of it', async () => {
    const { calls, telephony } = setUpCalls({ clock: scaledClock(5000) })
    const { callId } = await calls.place(spec)
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({
      status: 'no_answer',
      endReason: 'not_answered',
    })
    expect(telephony.did).toEqual(['hang up CA1'])
  })

  it('can be called off', async () => {
    const { calls, telephony } = setUpCalls()
    const { callId } = await calls.place(spec)
    await calls.hangUp(callId)
    await calls.idle()
    expect(await calls.get(callId)).toMatchObject({ status: 'canceled', endReason: 'requested' })
    expect(telephony.did).toEqual(['hang up CA1'])
    await expect(calls.hangUp(callId)).rejects.toMatchObject({ code: 'call_not_live' })
  })
})

it('ends with the same record in whichever order the reports of the carrier come', async () => {
  const life = ['queued', 'ringing', 'in_progress', 'completed'] as const
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray([...life, ...life], { minLength: 8, maxLength: 8 }),
      async (reports) => {
        const { calls, telephony } = setUpCalls()
        const { callId, callSid } = await calls.place(spec)
        for (const status of reports) calls.statusChanged({ callId, callSid: callSid!, status })
        await calls.idle()
        expect(await calls.get(callId)).toMatchObject({
          status: 'completed',
          endReason: 'caller_hung_up',
        })
        expect(telephony.did).toEqual([])
      },
    ),
    { numRuns: 50 },
  )
})

it('ignores reports of calls it does not know', () => {
  const { calls } = setUpCalls()
  calls.statusChanged({ callSid: 'CA9', status: 'completed' })
  calls.statusChanged({ callId: 'call_x', callSid: 'CA9', status: 'completed' })
  expect(calls.load.active).toBe(0)
})

describe('a registered call', () => {
  it('waits for whoever dials it', async () => {
    const { calls, conversations, telephony } = setUpCalls()
    const { record, expiresAt } = await calls.register(spec)
    expect(record.status).toBe('registered')
    expect(expiresAt.getTime()).toBe(record.createdAt.getTime() + 3_600_000)
    expect(conversations).toHaveLength(0)
    const { callId } = record
    const answer = calls.answered({ callId, callSid: 'CA7', from: '', direction: 'outbound' })
    expect(answer).toHaveProperty('token')
    expect(conversations[0]?.did).toEqual(['start', 'answered'])
    expect(telephony.dialled).toEqual([])
    expect(await calls.get(callId)).toMatchObject({ status: 'in_progress', callSid: 'CA7' })
    await calls.endAll()
  })

  it('expires', async () => {
    const { calls } = setUpCalls({ clock: scaledClock(1000), settings: { registeredCallTtlS: 5 } })
    const { record } = await calls.register(spec)
    await expect
      .poll(() => calls.get(record.callId))
      .toMatchObject({ status: 'canceled', endReason: 'expired' })
    const { callId } = record
    expect(calls.answered({ callId, callSid: 'CA7', from: '', direction: 'outbound' })).toEqual({
      refused: 'unwanted',
    })
  })

  it('can be called off', async () => {
    const { calls } = setUpCalls()
    const { record } = await calls.register(spec)
    expect(await calls.hangUp(record.callId)).toMatchObject({ status: 'canceled' })
    expect(await calls.get(record.callId)).toMatchObject({ endReason: 'requested' })
  })
})

describe('an inbound call', () => {
  const inbound = { callSid: 'CA5', from: 'anonymous', direction: 'inbound' } as const

  it('is about what the configuration says', async () => {
    const { calls, conversations } = setUpCalls()
    expect(calls.answered(inbound)).toHaveProperty('token')
    expect(conversations[0]?.plan.brief).toMatchObject({
      direction: 'inbound',
      action: 'Take a message',
      context: 'We open at nine',
    })
    const [record] = (await calls.list({ limit: 1 })).records
    expect(record).toMatchObject({ direction: 'inbound', callSid: 'CA5', status: 'in_progress' })
    expect(record?.spec.phoneNumber).toBe('anonymous')
    await calls.endAll()
  })

  it('is turned away when the configuration says nothing, or all lines are taken', async () => {
    const closed = setUpCalls({ settings: { inbound: undefined } })
    expect(closed.calls.answered(inbound)).toEqual({ refused: 'unwanted' })
    const full = setUpCalls({ settings: { maxCalls: 1 } })
    await full.calls.place(spec)
    expect(full.calls.answered(inbound)).toEqual({ refused: 'busy' })
    await full.calls.endAll()
  })

  it('is not what an outbound call of somebody else can pass for', () => {
    const { calls } = setUpCalls()
    expect(calls.answered({ ...inbound, direction: 'outbound' })).toEqual({ refused: 'unwanted' })
  })
})

describe('shutting down', () => {
  it('lets calls finish, and takes no new ones', async () => {
    const { calls, conversation } = await talk()
    calls.drain()
    expect(calls.load).toMatchObject({ active: 1, draining: true })
    await expect(calls.place(spec)).rejects.toMatchObject({ code: 'draining' })
    expect(calls.answered({ callSid: 'CA8', from: '', direction: 'inbound' })).toEqual({
      refused: 'closing',
    })
    conversation.finish({ reason: 'agent_hung_up' })
    await calls.idle()
    expect(calls.load.active).toBe(0)
  })

  it('ends what is left', async () => {
    const { calls, telephony, conversation, callId } = await talk()
    const { record } = await calls.register(spec)
    await calls.endAll()
    expect(conversation.did).toContain('end requested')
    expect(telephony.did).toEqual(['hang up CA1'])
    expect(await calls.get(callId)).toMatchObject({ endReason: 'requested' })
    expect(await calls.get(record.callId)).toMatchObject({ status: 'canceled' })
  })
})

it('knows nothing of calls that never were', async () => {
  const { calls } = setUpCalls()
  await expect(calls.get('call_x')).rejects.toMatchObject({ code: 'call_not_found' })
  await expect(calls.hangUp('call_x')).rejects.toMatchObject({ code: 'call_not_found' })
})

it('goes on when a record cannot be stored', async () => {
  const { calls, store } = setUpCalls()
  store.save = () => Promise.reject(new Error('disk full'))
  const { callId } = await calls.place(spec)
  await calls.hangUp(callId)
  await calls.idle()
  expect(calls.load.active).toBe(0)
})
