import { afterEach, describe, expect, it } from 'vitest'
import type { CallOutcome } from '../../src/calls/outcome/outcome.ts'
import { StoreError } from '../../src/errors.ts'
import { connect } from '../helpers/event-source.ts'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

const body = { phone_number: '+15551234567', action: 'Confirm the appointment' }

async function place(more: object = {}): Promise<string> {
  const { json } = await app.post('/api/phone/call', { ...body, ...more })
  return String(json['call_id'])
}

async function carryOut(callId: string): Promise<void> {
  const { call_sid: callSid } = (await app.get(`/api/phone/calls/${callId}`)).json
  app.calls.statusChanged({ callId, callSid: String(callSid), status: 'ringing' })
  app.calls.answered({ callId, callSid: String(callSid), from: '', direction: 'outbound' })
  app.conversations.at(-1)?.finish({ reason: 'agent_hung_up' })
  await expect.poll(() => app.calls.get(callId)).toMatchObject({ status: 'completed' })
}

async function idsFor(query: string): Promise<string[]> {
  const { status, json } = await app.get(`/api/phone/calls?${query}`)
  expect(status).toBe(200)
  return (json['calls'] as unknown as { call_id: string }[]).map(({ call_id }) => call_id)
}

describe('GET /api/phone/calls', () => {
  it('finds calls by number, also when the plus is not escaped', async () => {
    app = await startApp()
    const [mine] = [await place(), await place({ phone_number: '+15557654321' })]
    for (const number of ['%2B15551234567', '+15551234567']) {
      expect(await idsFor(`phone_number=${number}`)).toEqual([mine])
    }
    expect(await idsFor('phone_number=15551234567')).toEqual([])
  })

  it('finds calls by status', async () => {
    app = await startApp()
    const over = await place()
    await carryOut(over)
    const open = await place()
    expect(await idsFor('status=completed')).toEqual([over])
    expect(await idsFor('status=queued')).toEqual([open])
    expect((await app.get('/api/phone/calls?status=done')).json.error.message).toContain(
      'status: expected one of',
    )
  })

  it('finds calls by when they were made', async () => {
    app = await startApp()
    const callId = await place()
    const at = (ms: number) => encodeURIComponent(new Date(Date.now() + ms).toISOString())
    expect(await idsFor(`from=${at(-60_000)}&to=${at(60_000)}`)).toEqual([callId])
    expect(await idsFor(`from=${at(60_000)}`)).toEqual([])
    expect(await idsFor(`to=${at(-60_000)}`)).toEqual([])
    // An offset whose plus is not escaped.
    expect(await idsFor('from=2020-01-01T00:00:00+02:00')).toEqual([callId])
    const wrong = await app.get('/api/phone/calls?from=yesterday')
    expect(wrong.json.error.message).toBe(
      'from: expected an ISO 8601 time, such as 2026-11-21T10:00:00Z; got "yesterday"',
    )
  })

  it('finds calls by what the user has noted with them', async () => {
    app = await startApp()
    const ids = [
      await place({ metadata: { shop: 'a', order: '1' } }),
      await place({ metadata: { shop: 'a', order: '2' } }),
      await place(),
    ]
    expect(await idsFor('metadata[shop]=a')).toEqual([ids[1], ids[0]])
    expect(await idsFor('metadata%5Bshop%5D=a&metadata[order]=1')).toEqual([ids[0]])
    expect(await idsFor('metadata[shop]=b')).toEqual([])
    for (const query of [
      'metadata=a',
      'metadata[]=a',
      'metadata[__proto__]=a',
      'meta[shop]=a',
      'metadata[a]=1&metadata[a]=2',
    ]) {
      expect((await app.get(`/api/phone/calls?${query}`)).status).toBe(400)
    }
    const many = Array.from({ length: 11 }, (_, i) => `metadata[k${i}]=v`).join('&')
    expect((await app.get(`/api/phone/calls?${many}`)).json.error.message).toContain(
      'at most 10 entries',
    )
  })

  it('pages through what it has found', async () => {
    app = await startApp()
    const ids: string[] = []
    for (let i = 0; i < 3; i++)
      ids.unshift(await place({ metadata: { shop: i === 1 ? 'b' : 'a' } }))
    const first = await app.get('/api/phone/calls?limit=1&metadata[shop]=a')
    expect(first.json['calls']).toMatchObject([{ call_id: ids[0] }])
    const cursor = String(first.json['next_cursor'])
    const second = await app.get(`/api/phone/calls?limit=1&metadata[shop]=a&cursor=${cursor}`)
    expect(second.json).toMatchObject({ calls: [{ call_id: ids[2] }], next_cursor: null })
  })
})

describe('GET /api/phone/calls/{call_id}', () => {
  it('tells when the call reached which status', async () => {
    app = await startApp()
    const callId = await place()
    const before = await app.get(`/api/phone/calls/${callId}`)
    expect(before.json).toMatchObject({
      timeline: [{ status: 'queued' }],
      cost: null,
      outcome: null,
      recording: null,
      latencies: [],
    })
    await carryOut(callId)
    const { json } = await app.get(`/api/phone/calls/${callId}`)
    const timeline = json['timeline'] as unknown as { status: string; at: string }[]
    expect(timeline.map(({ status }) => status)).toEqual([
      'queued',
      'ringing',
      'in_progress',
      'completed',
    ])
    const times = timeline.map(({ at }) => at)
    expect(times).toEqual(times.toSorted())
    expect(times.at(-1)).toBe(json['ended_at'])
  })

  it('tells since when a call was registered', async () => {
    app = await startApp()
    const { json } = await app.post('/api/phone/register-call', body)
    const callId = String(json['call_id'])
    const path = `/api/phone/calls/${callId}`
    expect((await app.get(path)).json).toMatchObject({ timeline: [{ status: 'registered' }] })
    app.calls.answered({ callId, callSid: 'CA9', from: '', direction: 'outbound' })
    expect((await app.get(path)).json).toMatchObject({
      timeline: [{ status: 'registered' }, { status: 'ringing' }, { status: 'in_progress' }],
    })
  })

  it('tells the main times of a call whose events are not kept', async () => {
    app = await startApp()
    const callId = await place()
    await carryOut(callId)
    app.feed.forget(callId)
    app.store.events = () => Promise.resolve([])
    expect((await app.get(`/api/phone/calls/${callId}`)).json).toMatchObject({
      timeline: [{ status: 'in_progress' }, { status: 'completed' }],
    })
  })

  it('tells where the time of a turn went, what the call has cost, and what came of it', async () => {
    app = await startApp()
    const callId = await place({ outcome_schema: { type: 'object' } })
    const [conversation] = app.conversations
    conversation?.turns.push({
      role: 'agent',
      text: 'Hello.',
      interrupted: false,
      startMs: 0,
      endMs: 900,
    })
    const times = { reply: 2, kind: 'answer' as const, speechEndMs: 100.4, turnEndMs: 300.2 }
    conversation?.timings.push({ ...times, fillerMs: 400, firstTextMs: 1500, heardMs: 600.6 })
    await carryOut(callId)
    const outcome: CallOutcome = {
      disposition: 'completed',
      summary: 'All is settled.',
      data: { confirmed: true },
      turns: { confirmed: 0 },
      unknown: ['why'],
      problems: [],
    }
    await app.store.saveOutcome(callId, outcome)
    app.recordings.files.set(callId, Buffer.from('RIFF'))
    const { json } = await app.get(`/api/phone/calls/${callId}`)
    expect(json).toMatchObject({
      latencies: [
        {
          reply: 2,
          kind: 'answer',
          wait_ms: null,
          filler_ms: 500,
          stt_ms: 200,
          llm_ms: 1200,
          tts_ms: null,
          stop_ms: null,
        },
      ],
      cost: { currency: 'USD' },
      outcome: {
        disposition: 'completed',
        failed_by: null,
        callback_at: null,
        refused: false,
        summary: 'All is settled.',
        data: { confirmed: true },
        turns: { confirmed: 0 },
        unknown: ['why'],
        problems: [],
      },
      recording: { url: `/api/phone/calls/${callId}/recording.wav` },
    })
    const { lines, total } = json['cost'] as unknown as {
      lines: { vendor: string; item: string; amount: number; based_on: string }[]
      total: number
    }
    expect(lines[0]).toEqual({
      vendor: 'twilio',
      item: 'voice',
      quantity: 1,
      unit: 'minute',
      unit_price: 0.014,
      amount: 0.014,
      based_on: 'minutes begun between the answer and the end',
    })
    expect(total).toBeGreaterThan(0.018)
  })
})

it('says so when the database is away, and when to try again', async () => {
  app = await startApp()
  const callId = await place()
  await carryOut(callId)
  app.store.outcome = () =>
    Promise.reject(new StoreError('database is locked', { code: 'unavailable' }))
  const { status, json, headers } = await app.get(`/api/phone/calls/${callId}`)
  expect(status).toBe(503)
  expect(json.error.code).toBe('store_unavailable')
  expect(headers.get('retry-after')).toBe('10')
  app.store.outcome = () => Promise.reject(new StoreError('too big', { code: 'refused' }))
  expect((await app.get(`/api/phone/calls/${callId}`)).status).toBe(500)
})

describe('DELETE /api/phone/calls/{call_id}', () => {
  it('leaves nothing of a call', async () => {
    app = await startApp()
    const callId = await place()
    await carryOut(callId)
    app.recordings.files.set(callId, Buffer.from('RIFF'))
    const path = `/api/phone/calls/${callId}`
    expect(await app.request('DELETE', path)).toMatchObject({ status: 204, text: '' })
    expect((await app.get(path)).status).toBe(404)
    expect((await app.get(`${path}/events`)).status).toBe(404)
    expect(app.recordings.files.size).toBe(0)
    expect(await app.store.events(callId)).toEqual([])
    const everything = await connect(`${app.url}/api/phone/events?after=0`)
    const other = await place()
    expect((await everything.got(1))[0]?.data).toContain(other)
    everything.cut()
    expect((await app.request('DELETE', path)).status).toBe(404)
  })

  it('waits for the end of the call', async () => {
    app = await startApp()
    const callId = await place()
    const path = `/api/phone/calls/${callId}`
    const { status, json } = await app.request('DELETE', path)
    expect(status).toBe(409)
    expect(json.error).toEqual({
      code: 'call_live',
      message: 'the call is not over: hang it up first',
      details: { call_id: callId, status: 'queued' },
    })
    expect((await app.get(path)).status).toBe(200)
  })

  it('can be tried again when the recording could not be erased', async () => {
    app = await startApp()
    const callId = await place()
    await carryOut(callId)
    const path = `/api/phone/calls/${callId}`
    app.recordings.eraseError = new Error('the disk is read-only')
    expect((await app.request('DELETE', path)).status).toBe(500)
    app.recordings.eraseError = undefined
    expect((await app.request('DELETE', path)).status).toBe(204)
  })
})
