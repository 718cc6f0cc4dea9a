import { createHmac } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { vi } from 'vitest'
import { closedRecord, placeCall } from '../../src/cli/call-record.ts'

import { compose } from '../../src/compose.ts'
import { parseConfig } from '../../src/config.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import type { SmallestKnobs } from '../../src/simulator/smallest.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { PATIENT, scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'
import { startReceiver } from '../helpers/webhook-receiver.ts'

const WEBHOOK_SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
const CALL = { ...dentist.call, backend: 'atoms' }

/** No sound is made in these calls: they run faster than those with a voice. */
async function atomsWorld(
  options: {
    scenario?: Scenario
    knobs?: Partial<SmallestKnobs>
    environment?: Record<string, string>
  } = {},
) {
  const { scenario = dentist, knobs = {}, environment = {} } = options
  const world = await scenarioWorld([{ ...scenario, vendors: { smallest: knobs } }], {
    environment: { WEBHOOK_SECRET, ...environment },
  })
  const { smallest } = world.simulator
  const get = async (path: string) => (await fetch(`${world.url}/api/phone${path}`)).json()
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${world.url}/api/phone${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, json: (await response.json()) as Record<string, never> }
  }
  const closed = (callId: string) => closedRecord(world.url, callId, world.clock, 300_000)
  const reaches = (status: string) =>
    vi.waitFor(
      () => {
        expect(smallest.calls()[0]?.status).toBe(status)
      },
      { timeout: 20_000 },
    )
  return { ...world, smallest, get, post, closed, reaches }
}

describe('a call that Atoms carries', () => {
  it('has the same record, outcome and webhooks as any other, and its agent knows what it is for', async () => {
    const receiver = await startReceiver(204)
    const world = await atomsWorld()
    const outcome_schema = {
      type: 'object',
      properties: { confirmed: { type: 'boolean', description: 'Whether they come' } },
      required: ['confirmed'],
    }
    const callId = await placeCall(world.url, {
      ...CALL,
      webhook_url: receiver.url,
      outcome_schema,
      metadata: { order: '7' },
    })
    const record = await world.closed(callId)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'caller_hung_up' })
    expect(record['call_sid']).toMatch(/^CALL-/)
    expect(record['metadata']).toEqual({ order: '7' })
    expect(textsOf(record, 'caller')).toEqual([
      'Oh hi. Yes, Thursday works for me.',
      'Just one question. Which suite is it?',
      'Great, thank you. Bye!',
    ])
    expect(textsOf(record, 'agent').at(-1)).toBe('Thank you, John. Have a great day. Goodbye!')
    expect(JSON.stringify(record['cost'])).toMatch(/"vendor":"smallest","item":"voice_agent"/)
    const [call] = world.smallest.calls()
    expect(call?.asked).toMatchObject({
      agentId: world.smallest.agentId,
      phoneNumber: CALL.phone_number,
      variables: {
        callee_name: 'John',
        agent_name: 'Alex',
        organization: 'Downtown Dental',
        action: CALL.action,
        context: 'Dr. Smith, Suite 200. Rescheduling available Mon-Fri.',
        language: 'en',
      },
    })
    await vi.waitFor(
      () => {
        expect(receiver.types().at(-1)).toBe('call.outcome')
      },
      {
        timeout: 20_000,
      },
    )
    const messages = receiver.received.map(
      ({ body, headers }) =>
        new Webhook(WEBHOOK_SECRET).verify(body, headers as Record<string, string>) as {
          type: string
          data: Record<string, never>
        },
    )
    expect(messages.map(({ type }) => type)).toEqual([
      'call.started',
      'call.answered',
      'call.ended',
      'call.outcome',
    ])
    expect(messages.at(-1)?.data).toMatchObject({
      outcome: { disposition: 'completed', data: { confirmed: expect.any(Boolean) as boolean } },
    })
    // Nothing of ours was on the line.
    expect(world.simulator.twilio.calls()).toHaveLength(0)
    // What came after the end, the analytics among them, changed nothing.
    await call?.ended
    expect(world.smallest.webhooks().map(({ status }) => status)).toEqual([204, 204, 204])
    expect(await world.get(`/calls/${callId}`)).toMatchObject({ transcript: record.transcript })
  })

  it('is shown while it goes on, turn by turn', async () => {
    const world = await atomsWorld()
    const callId = await placeCall(world.url, CALL)
    await vi.waitFor(
      async () => {
        const record = (await world.get(`/calls/${callId}`)) as {
          status: string
          transcript: unknown[]
        }
        expect(record.status).toBe('in_progress')
        expect(record.transcript.length).toBeGreaterThan(1)
      },
      { timeout: 20_000, interval: 20 },
    )
    const { calls } = (await world.get('/calls')) as { calls: { status: string }[] }
    expect(calls).toMatchObject([{ status: 'in_progress' }])
    const record = await world.closed(callId)
    const response = await fetch(`${world.url}/api/phone/calls/${callId}/events`)
    const text = await response.text()
    const turns = text.split('\n').filter((line) => line === 'event: turn')
    // None is missing, and none is told twice.
    expect(turns).toHaveLength(record.transcript.length)
  })

  it.each([
    ['lost', 1],
    ['twice', 2],
  ] as const)(
    'whose webhooks are %s ends once, with all that was said',
    async (webhooks, times) => {
      const receiver = await startReceiver(204)
      const world = await atomsWorld({ knobs: { webhooks } })
      const callId = await placeCall(world.url, { ...CALL, webhook_url: receiver.url })
      const record = await world.closed(callId)
      expect(record.status).toBe('completed')
      expect(textsOf(record, 'caller')).toHaveLength(3)
      await vi.waitFor(
        () => {
          expect(receiver.types().at(-1)).toBe('call.outcome')
        },
        {
          timeout: 20_000,
        },
      )
      await world.smallest.calls()[0]?.ended
      expect(world.smallest.webhooks()).toHaveLength(times === 2 ? 6 : 0)
      expect(receiver.types().filter((type) => type === 'call.ended')).toHaveLength(1)
    },
  )

  it('that was started although the answer was lost is followed, and not started again', async () => {
    const world = await atomsWorld({ knobs: { losesStart: true } })
    const record = await world.closed(await placeCall(world.url, CALL))
    expect(record.status).toBe('completed')
    expect(world.smallest.calls()).toHaveLength(1)
  })

  it('whose API is away when it ends is closed by the webhook', async () => {
    const world = await atomsWorld({ knobs: { queueMs: 3000 } })
    const callId = await placeCall(world.url, CALL)
    world.smallest.knobs.refuse = { path: /\/conversation\/CALL|\/events/, status: 500 }
    const record = await world.closed(callId)
    expect(record.status).toBe('completed')
    expect(textsOf(record, 'caller')).toHaveLength(3)
  })

  it('survives a restart: the next process follows it to its end', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const clock = steadyClock()
    const simulator = await startSimulator({ clock, scenarios: [dentist] })
    const config = parseConfig({
      ...simulator.environment,
      ...PATIENT,
      PORT: '0',
      DATABASE_URL: `file:${join(folder, 'parley.db')}`,
    })
    const serve = async () => {
      const parley = await compose(config, { log: quiet, clock })
      const url = await parley.app.listen({ host: config.HOST, port: config.PORT })
      simulator.serverAt(url)
      return { parley, url }
    }
    const first = await serve()
    const callId = await placeCall(first.url, CALL)
    await vi.waitFor(
      async () => {
        const { turns } = await first.parley.calls.get(callId)
        expect(turns.length).toBeGreaterThan(0)
      },
      { timeout: 20_000, interval: 20 },
    )
    await first.parley.close()
    expect(simulator.smallest.calls()[0]?.isOver).toBe(false)
    const second = await serve()
    onTestFinished(async () => {
      await second.parley.close()
      await simulator.close()
      expect(simulator.violations.list).toEqual([])
    })
    const record = await closedRecord(second.url, callId, clock, 300_000)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'caller_hung_up' })
    expect(textsOf(record, 'caller')).toHaveLength(3)
    const text = await (await fetch(`${second.url}/api/phone/calls/${callId}/events`)).text()
    const ids = Array.from(text.matchAll(/^id: (.*)$/gm), ([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const kinds = Array.from(text.matchAll(/^event: (.*)$/gm), ([, kind]) => kind)
    expect(kinds.filter((kind) => kind === 'call.created')).toHaveLength(1)
    expect(kinds.filter((kind) => kind === 'turn')).toHaveLength(record.transcript.length)
  })

  it.each([
    ['active', 'completed'],
    ['in_queue', 'canceled'],
  ])('is hung up by us while it is %s', async (when, status) => {
    const world = await atomsWorld({ knobs: { queueMs: 2000 } })
    const callId = await placeCall(world.url, CALL)
    await world.reaches(when)
    if (when === 'active') {
      await vi.waitFor(async () => {
        expect(await world.get(`/calls/${callId}`)).toMatchObject({ status: 'in_progress' })
      })
    }
    expect((await world.post(`/calls/${callId}/hangup`, {})).status).toBe(202)
    expect(await world.closed(callId)).toMatchObject({ status, end_reason: 'requested' })
    expect(world.smallest.calls()[0]?.status).toBe('cancelled')
  })

  it('is ended when its time is up, which the service does not know', async () => {
    const world = await atomsWorld()
    const callId = await placeCall(world.url, { ...CALL, max_duration_s: 10 })
    expect(await world.closed(callId)).toMatchObject({
      status: 'completed',
      end_reason: 'time_limit',
    })
  })

  it.each([
    ['busy', 'busy', 'not_answered'],
    ['no-answer', 'no_answer', 'not_answered'],
    ['failed', 'failed', 'failed'],
  ] as const)('that meets %s is on record as %s', async (answer, status, end_reason) => {
    const scenario: Scenario = { ...dentist, person: { answer, does: [] } }
    const world = await atomsWorld({ scenario })
    const record = await world.closed(await placeCall(world.url, CALL))
    expect(record).toMatchObject({ status, end_reason })
    expect(record.failure?.message).toBe(status === 'failed' ? 'Unreachable' : undefined)
  })
})

describe('a call that Atoms is not to carry', () => {
  it('is refused before anybody is asked, with everything that is wrong', async () => {
    const world = await atomsWorld()
    const { status, json } = await world.post('/call', {
      ...CALL,
      disclosure: 'This call is recorded.',
      voice_id: 'x',
    })
    expect(status).toBe(400)
    expect(json['error']).toMatchObject({
      details: [{ field: 'voice_id' }, { field: 'disclosure' }],
    })
    const listed = `${world.url}/api/phone/do-not-call/${encodeURIComponent(CALL.phone_number)}`
    await fetch(listed, { method: 'PUT' })
    expect((await world.post('/call', CALL)).status).toBe(403)
    expect(world.smallest.calls()).toHaveLength(0)
  })

  it('is refused by a server that has no agent there', async () => {
    const world = await atomsWorld({ environment: { ATOMS_AGENT_ID: '' } })
    const { status, json } = await world.post('/call', CALL)
    expect(status).toBe(400)
    expect(json['error']).toMatchObject({ details: [{ field: 'backend' }] })
  })

  it.each([
    [400, 422, 'dial_refused'],
    [401, 502, 'dial_failed'],
    [429, 503, 'dial_failed'],
    [500, 502, 'dial_failed'],
  ])('by HTTP %i is told as HTTP %i, and asked for once', async (vendor, status, code) => {
    const refuse = { path: /outbound/, status: vendor, times: 1 }
    const world = await atomsWorld({ knobs: { refuse } })
    const answer = await world.post('/call', CALL)
    expect(answer).toMatchObject({ status, json: { error: { code } } })
    expect(world.smallest.calls()).toHaveLength(0)
    const { calls } = (await world.get('/calls')) as { calls: unknown[] }
    expect(calls).toMatchObject([{ status: 'failed', failure: { by: 'smallest' } }])
  })
})

describe('a webhook of Atoms', () => {
  it('is believed with the right signature over its very bytes only', async () => {
    const world = await atomsWorld()
    const send = async (body: string, signature: string) => {
      const response = await fetch(`${world.url}/api/phone/atoms/webhook`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-signature': signature },
        body,
      })
      return response.status
    }
    const sign = (body: string) => createHmac('sha256', 'sm-webhooks').update(body).digest('hex')
    const body = JSON.stringify({
      id: 'delivery-1',
      metadata: { eventType: 'post-conversation', callId: 'CALL-0' },
    })
    expect(await send(body, sign(body))).toBe(204)
    expect(await send(body, sign(body))).toBe(204)
    expect(await send(`${body} `, sign(body))).toBe(403)
    expect(await send(body, '')).toBe(403)
    expect(await send(body, sign(body).slice(2))).toBe(403)
    expect(await send('{}', sign('{}'))).toBe(400)
  })
})
