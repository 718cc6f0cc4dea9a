import type { Person } from '../../src/simulator/scenario.ts'
import {
  ACCOUNT,
  eventually,
  type AgentScript,
  HOST,
  OWN,
  startWorld,
  STREAM,
  THEIRS,
  type World,
} from './scripted-agent.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

const person = (...does: Person['does']): Person => ({ answer: 'yes', ringMs: 50, does })
const hangsUp = person({ pause: 3000 }, { hangUp: true })

async function start(...args: Parameters<typeof startWorld>): Promise<World> {
  const world = await startWorld(...args)
  onTestFinished(() => world.close())
  return world
}

async function dialled(
  script: AgentScript,
  who: Person = person(),
  extra: Record<string, unknown> = {},
) {
  const world = await start(script, who, { speed: 20 })
  await world.create(extra)
  return { call: world.twilio.calls()[0]!, world }
}

const rulesOf = ({ violations }: World) => violations.list.map(({ rule }) => rule)
const coded = (code: number): unknown => expect.stringContaining(`${code} `)

describe('an outbound call', () => {
  it('tells its progress in signed callbacks, numbered from 0', async () => {
    const { call, world } = await dialled({}, hangsUp)
    await call.ended
    expect(world.callbacks.map((form) => [form['CallStatus'], form['SequenceNumber']])).toEqual([
      ['initiated', '0'],
      ['ringing', '1'],
      ['in-progress', '2'],
      ['completed', '3'],
    ])
    for (const form of world.callbacks) {
      expect(form).toMatchObject({
        CallSid: call.callSid,
        AccountSid: ACCOUNT,
        From: OWN,
        Caller: OWN,
        To: THEIRS,
        Called: THEIRS,
        Direction: 'outbound-api',
        ApiVersion: '2010-04-01',
        CallbackSource: 'call-progress-events',
        FromCity: '',
      })
      expect(form['Timestamp']).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/)
    }
    expect(world.callbacks.at(-1)).toMatchObject({ Duration: '1' })
    expect(world.callbacks.at(-1)?.['CallDuration']).toMatch(/^\d$/)
    expect(world.badSignatures).toEqual([])
    expect(rulesOf(world)).toEqual([])
    expect(call.statuses.map(({ status }) => status)).toEqual([
      'queued',
      'ringing',
      'in-progress',
      'completed',
    ])
    expect(call.callbacks.map(({ httpStatus }) => httpStatus)).toEqual([204, 204, 204, 204])
  })

  it('asks for TwiML with the headers of Twilio once it is answered', async () => {
    const { call, world } = await dialled({}, hangsUp)
    await call.ended
    expect(world.voiceForms).toEqual([
      expect.objectContaining({ CallSid: call.callSid, CallStatus: 'in-progress' }),
    ])
    expect(world.requests[0]).toMatchObject({
      host: HOST,
      'user-agent': 'TwilioProxy/1.1',
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-home-region': 'us1',
      accept: '*/*',
    })
    expect(world.requests[0]?.['i-twilio-idempotency-token']).toMatch(/^[0-9a-f-]{36}$/)
    expect(call.twiml).toEqual([STREAM])
  })

  it.each<[Person, Record<string, string>]>([
    [
      { answer: 'busy', ringMs: 50, does: [] },
      { CallStatus: 'busy', SequenceNumber: '2', SipResponseCode: '487' },
    ],
    [
      { answer: 'no-answer', ringMs: 50, does: [] },
      { CallStatus: 'no-answer', SequenceNumber: '2' },
    ],
    [
      { answer: 'failed', does: [] },
      { CallStatus: 'failed', SequenceNumber: '1', CallDuration: '0', Duration: '0' },
    ],
  ])('ends unanswered with %j', async (who, last) => {
    const { call, world } = await dialled({}, who)
    await call.ended
    expect(world.callbacks.at(-1)).toMatchObject(last)
    expect(call.status).toBe(last['CallStatus'])
    expect(call.answeredAt).toBeUndefined()
    expect(world.voiceForms).toEqual([])
    expect(call.recording()).toEqual({ caller: new Uint8Array(0), agent: new Uint8Array(0) })
  })

  it.each<Person>([
    { answer: 'yes', ringMs: 60_000, does: [] },
    { answer: 'no-answer', does: [] },
  ])('is given up after its timeout: %j', async (who) => {
    const { call } = await dialled({}, who, { timeout: 2 })
    await call.ended
    expect(call.status).toBe('no-answer')
    const [, ringing, end] = call.statuses
    expect(end!.at - ringing!.at).toBeGreaterThan(1980)
  })

  it('is declined by a person who hangs up while it rings', async () => {
    const { call } = await dialled({}, { answer: 'yes', ringMs: 60_000, does: [] })
    await eventually(() => call.status).toBe('ringing')
    call.hangUp()
    await call.ended
    expect(call.status).toBe('busy')
  })

  it('ends at its time limit', async () => {
    const { call, world } = await dialled({}, person(), { timeLimit: 2 })
    await call.ended
    expect(call.status).toBe('completed')
    expect(world.callbacks.at(-1)).toMatchObject({
      CallDuration: expect.stringMatching(/^[2-4]$/) as unknown,
      Duration: '1',
    })
    expect(world.streams[0]!.of('stop')).toHaveLength(1)
  })

  it('counts a callback that is refused against the server', async () => {
    const { call, world } = await dialled({ callbackStatus: 500 }, hangsUp)
    await call.ended
    expect(new Set(rulesOf(world))).toEqual(new Set([expect.stringContaining('15003')]))
    expect(call.callbacks.at(-1)?.httpStatus).toBe(500)
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'callback_failed', reason: 'HTTP 500' }),
    )
  })

  it('counts a callback that reaches nobody', async () => {
    const { call, world } = await dialled({}, hangsUp, {
      statusCallback: 'http://127.0.0.1:1/status',
      statusCallbackEvent: ['completed'],
    })
    await call.ended
    expect(rulesOf(world)).toEqual([coded(15003)])
    expect(call.callbacks.map(({ httpStatus }) => httpStatus)).toEqual([0])
  })

  it('can lose, repeat and delay callbacks', async () => {
    const world = await start({}, hangsUp, { speed: 20 })
    world.twilio.knobs.callbackCopies = 0
    await world.create()
    await world.twilio.calls()[0]!.ended
    expect(world.callbacks).toEqual([])
    world.twilio.knobs.callbackCopies = 2
    world.twilio.knobs.callbackDelayMs = { ringing: 8000 }
    await world.create()
    await world.twilio.calls()[1]!.ended
    expect(world.callbacks.map(({ SequenceNumber }) => SequenceNumber)).toEqual([
      '0',
      '0',
      '2',
      '2',
      '3',
      '3',
      '1',
      '1',
    ])
  })

  it('waits in the queue for its turn, as many a second as the account may dial', async () => {
    const world = await start({}, person(), { knobs: { callsPerSecond: 1 }, speed: 20 })
    await Promise.all([world.create(), world.create(), world.create()])
    const calls = world.twilio.calls()
    const resources = await Promise.all(
      calls.map(({ callSid }) => world.client.calls(callSid).fetch()),
    )
    expect(resources.map(({ queueTime }) => Math.round(Number(queueTime) / 100))).toEqual(
      [0, 10, 20].map((due, i) => (i === 0 ? due : (expect.closeTo(due, -1) as unknown))),
    )
    await eventually(() => calls[2]!.status).toBe('in-progress')
    for (const [i, { statuses }] of calls.entries()) {
      const [queued, ringing] = statuses
      // A timer may fire up to a millisecond early, which is ten on this clock.
      expect(ringing!.at - queued!.at).toBeGreaterThan(Number(resources[i]!.queueTime) + 200 - 20)
    }
  })

  it('ends with the simulator', async () => {
    const { call, world } = await dialled({})
    await eventually(() => call.streamCount).toBe(1)
    await world.twilio.close()
    await call.ended
    expect(call.status).toBe('completed')
    expect(rulesOf(world)).toEqual([])
  })
})

describe('TwiML', () => {
  it('speaks, presses keys, pauses, and moves on', async () => {
    const { call, world } = await dialled({
      voice: () =>
        `<?xml version="1.0"?><!-- hello --><Response><Say voice="x">Tom &amp; <![CDATA[<Jerry>]]></Say>
         <Play digits="w1W#"/><Pause/><Redirect>next?a=1</Redirect><Say>never</Say></Response>`,
      pages: {
        '/next': (form) =>
          `<Response><Say>on ${form['a']}&#33;&#x21;</Say><Hangup/><Say>no</Say></Response>`,
      },
    })
    await call.ended
    expect(call.heardText()).toBe('Tom & <Jerry> on 1!!')
    expect(call.heard).toHaveLength(2)
    expect(call.keysHeard).toBe('1#')
    expect(call.twiml).toHaveLength(2)
    expect(rulesOf(world)).toEqual([])
    expect(world.badSignatures).toEqual([])
  })

  it('asks by GET when told so, and after a redirect, where the parameters are lost', async () => {
    const forms: Record<string, string>[] = []
    const { call, world } = await dialled({
      voice: () => '<Response><Redirect method="GET">/gone?x=1</Redirect></Response>',
      pages: {
        '/gone': (form) => {
          forms.push(form)
          return '/there'
        },
        '/there': (form) => {
          forms.push(form)
          return '<Response/>'
        },
      },
    })
    await call.ended
    expect(forms).toEqual([expect.objectContaining({ x: '1', CallSid: call.callSid }), {}])
    expect(world.badSignatures).toEqual([])
  })

  it('dials a number, and tells the action how that went', async () => {
    const forms: Record<string, string>[] = []
    const { call, world } = await dialled({
      voice: () =>
        '<Response><Dial action="/after" timeout="5"><Number>+15550001111</Number></Dial></Response>',
      pages: {
        '/after': (form) => {
          forms.push(form)
          world.twilio.knobs.dialOutcome = { status: 'busy', durationS: 0 }
          return '<Response><Dial>+15550002222</Dial><Say>bye</Say></Response>'
        },
      },
    })
    await call.ended
    expect(forms).toHaveLength(1)
    expect(forms[0]).toMatchObject({ DialCallStatus: 'completed', DialCallDuration: '5' })
    expect(call.heardText()).toBe('bye')
  })

  it.each<[number, ReturnType<NonNullable<AgentScript['voice']>>]>([
    [11200, { status: 500, type: 'text/xml', body: '' }],
    [12300, { status: 200, type: 'application/json', body: '{}' }],
    [11750, { status: 200, type: 'text/xml', body: 'x'.repeat(65_537) }],
    [12100, ' <Response/>'],
    [12100, '<Reply/>'],
    [12100, '<Response><Say>x</Say>'],
    [12100, '<Response>'],
    [12100, '<Response a="1" a="2"/>'],
    [12100, '<Response>&nbsp;</Response>'],
    [12100, '<Response>a & b</Response>'],
    [12100, '<Response>&#x110000;</Response>'],
    [12100, '<Response/><Response/>'],
    [12100, '< Response/>'],
    [11200, '<Response><Redirect>http://</Redirect></Response>'],
  ])('says sorry and hangs up over %i (case %#)', async (code, answer) => {
    const { call, world } = await dialled({ voice: () => answer })
    await call.ended
    expect(call.heardText()).toContain('application error')
    expect(call.status).toBe('completed')
    expect(rulesOf(world)).toEqual([coded(code)])
  })

  it('asks the fallback url instead, and tells what went wrong where', async () => {
    const forms: Record<string, string>[] = []
    const { call } = await dialled(
      {
        voice: () => 'nonsense',
        pages: {
          '/fallback': (form) => {
            forms.push(form)
            return '<Response><Say>later</Say></Response>'
          },
        },
      },
      person(),
      { fallbackUrl: `https://${HOST}/fallback` },
    )
    await call.ended
    expect(forms).toEqual([
      expect.objectContaining({ ErrorCode: '12100', ErrorUrl: `https://${HOST}/voice` }),
    ])
    expect(call.heardText()).toBe('later')
  })

  it.each([
    '<Response><Sing/></Response>',
    '<Response><Say mood="gay">a</Say></Response>',
    '<Response><Connect/></Response>',
    '<Response><Connect><Stream url="wss://x/y"/><Stream url="wss://x/y"/></Connect></Response>',
    `<Response><Connect><Stream url="wss://${HOST}/media"><Parameter value="a"/></Stream></Connect></Response>`,
    `<Response><Connect><Stream url="wss://${HOST}/media"><Parameter name="a" value="${'v'.repeat(499)}"/></Stream></Connect></Response>`,
  ])('warns of %s', async (twiml) => {
    const { call, world } = await dialled({ voice: () => twiml }, hangsUp)
    await call.ended
    expect(rulesOf(world)).toEqual([coded(12200)])
  })

  it('speaks an answer in plain text', async () => {
    const { call } = await dialled({
      voice: () => ({ status: 200, type: 'text/plain', body: 'a < b' }),
    })
    await call.ended
    expect(call.heardText()).toBe('a < b')
  })

  it('follows redirects no longer than ten times', async () => {
    const { call, world } = await dialled({
      voice: () => '<Response><Redirect>/circle</Redirect></Response>',
      pages: { '/circle': () => '/circle' },
    })
    await call.ended
    expect(rulesOf(world)).toEqual([coded(11215)])
  })

  it('does not wait for an answer for ever', async () => {
    const world = await start(
      { voice: () => '<Response><Redirect>http://127.0.0.1:1/</Redirect></Response>' },
      person(),
      { knobs: { webhookTimeoutMs: 0 }, speed: 20 },
    )
    await world.create()
    await world.twilio.calls()[0]!.ended
    expect(new Set(rulesOf(world))).toEqual(new Set([coded(11205), coded(15003)]))
  })
})

describe('an inbound call', () => {
  it('asks while it rings, is answered by the TwiML, and reports its end', async () => {
    const world = await start({}, hangsUp, { speed: 20 })
    const call = world.twilio.callInbound(THEIRS, OWN)
    await call.ended
    expect(world.voiceForms[0]).toMatchObject({
      CallStatus: 'ringing',
      Direction: 'inbound',
      From: THEIRS,
      To: OWN,
      StirVerstat: 'TN-Validation-Passed-A',
    })
    expect(world.callbacks.map(({ CallStatus }) => CallStatus)).toEqual(['completed'])
    expect(call.streamCount).toBe(1)
    expect(world.badSignatures).toEqual([])
    expect(world.events.map(({ type }) => type)).toEqual([
      'ringing',
      'answered',
      'stream_started',
      'ended',
    ])
  })

  it.each([
    ['<Response><Reject/></Response>', 'no-answer'],
    ['<Response><Reject reason="busy"/></Response>', 'busy'],
  ] as const)('is refused by %s', async (twiml, status) => {
    const world = await start({ voice: () => twiml })
    const call = world.twilio.callInbound(THEIRS, OWN)
    await call.ended
    expect(call.status).toBe(status)
    expect(call.answeredAt).toBeUndefined()
  })

  it('cannot be refused once it was answered', async () => {
    const world = await start({ voice: () => '<Response><Say>Hi</Say><Reject/></Response>' })
    const call = world.twilio.callInbound(THEIRS, OWN)
    await call.ended
    expect(call.status).toBe('completed')
  })

  it('goes on ringing during a pause before anything else', async () => {
    const world = await start({ voice: () => '<Response><Pause length="3"/></Response>' })
    const call = world.twilio.callInbound(THEIRS, OWN)
    await eventually(() => world.voiceForms).toHaveLength(1)
    expect(call.status).toBe('ringing')
    call.hangUp()
    await call.ended
    expect(call.status).toBe('canceled')
  })
})
