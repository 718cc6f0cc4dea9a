import { afterEach, describe, expect, it } from 'vitest'
import { scaledClock } from '../../src/clock.ts'
import { ProviderError } from '../../src/errors.ts'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

const body = {
  phone_number: '+1234567890',
  action: 'Confirm your dentist appointment Thursday at 2pm',
  context: 'Dr. Smith, Suite 200. Rescheduling available Mon-Fri.',
  callee_name: 'John',
  agent_name: 'Alex',
  organization: 'Downtown Dental',
}

describe('POST /api/phone/call', () => {
  it('rings the number, and tells which call it is', async () => {
    app = await startApp()
    const { status, json, headers } = await app.post('/api/phone/call', body)
    expect(status).toBe(201)
    expect(json).toEqual({
      call_id: expect.stringMatching(/^call_/) as string,
      call_sid: 'CA1',
      status: 'queued',
    })
    expect(headers.get('location')).toBe(`/api/phone/calls/${String(json['call_id'])}`)
    expect(app.telephony.dialled).toMatchObject([{ to: '+1234567890' }])
    expect(app.conversations[0]?.plan.brief).toMatchObject({
      action: body.action,
      context: body.context,
      calleeName: 'John',
      agentName: 'Alex',
      organization: 'Downtown Dental',
    })
  })

  it('takes every field there is', async () => {
    app = await startApp()
    const full = {
      ...body,
      language: 'de-DE',
      voice_id: 'voice-1',
      opening: ' Guten Tag! ',
      first_speaker: 'auto',
      max_duration_s: 120,
      metadata: { order: '42' },
    }
    const placed = await app.post('/api/phone/call', full)
    expect(placed.status).toBe(201)
    expect(app.conversations[0]?.plan).toMatchObject({
      firstSpeaker: 'auto',
      maxDurationS: 120,
      voiceId: 'voice-1',
      brief: { language: 'de-DE', opening: 'Guten Tag!' },
    })
    const { json } = await app.get(`/api/phone/calls/${String(placed.json['call_id'])}`)
    expect(json).toMatchObject({
      spec: { ...full, opening: 'Guten Tag!' },
      metadata: { order: '42' },
    })
  })

  it.each<[string, unknown, object[]]>([
    ['no number', { action: 'x' }, [{ field: 'phone_number', expected: 'string' }]],
    [
      'something that is no number',
      { ...body, phone_number: '555-1234' },
      [
        {
          field: 'phone_number',
          expected: 'an E.164 phone number, such as +15551234567',
          received: '555-1234',
        },
      ],
    ],
    [
      'a number of digits only',
      { ...body, phone_number: 15551234567 },
      [{ field: 'phone_number', expected: 'string', received: 15551234567 }],
    ],
    [
      'an address for a number',
      { ...body, phone_number: 'sip:a@b' },
      [{ field: 'phone_number', received: 'sip:a@b' }],
    ],
    [
      'full-width digits',
      { ...body, phone_number: '+１５５５１２３４５６７' },
      [{ field: 'phone_number' }],
    ],
    ['no action', { phone_number: '+15551234567' }, [{ field: 'action', expected: 'string' }]],
    [
      'an empty action',
      { ...body, action: '  ' },
      [{ field: 'action', expected: 'string to have >=1 characters' }],
    ],
    [
      'an unknown field',
      { ...body, phone: '+1', nmae: 'x' },
      [
        { field: 'phone', expected: 'no such field', received: '+1' },
        { field: 'nmae', expected: 'no such field', received: 'x' },
      ],
    ],
    [
      'too much context',
      { ...body, context: 'x'.repeat(8001) },
      [
        {
          field: 'context',
          expected: 'string to have <=8000 characters',
          received: `${'x'.repeat(80)}…`,
        },
      ],
    ],
    [
      'a first speaker that is none',
      { ...body, first_speaker: 'dog' },
      [{ field: 'first_speaker', expected: 'one of "agent"|"callee"|"auto"', received: 'dog' }],
    ],
    [
      'half a second',
      { ...body, max_duration_s: 10.5 },
      [{ field: 'max_duration_s', expected: 'int' }],
    ],
    ['a day', { ...body, max_duration_s: 86_400 }, [{ field: 'max_duration_s', received: 86_400 }]],
    [
      'no language',
      { ...body, language: 'English, please' },
      [{ field: 'language', expected: 'a BCP 47 language, such as en or de-DE' }],
    ],
    ['a voice with a path', { ...body, voice_id: '../../v1' }, [{ field: 'voice_id' }]],
    [
      'metadata that is no text',
      { ...body, metadata: { a: [1] } },
      [{ field: 'metadata.a', expected: 'string', received: 'an array' }],
    ],
    [
      'metadata without end',
      {
        ...body,
        metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])),
      },
      [{ field: 'metadata', expected: 'at most 50 entries', received: 'an object' }],
    ],
    ['a list', [body], [{ field: 'body', expected: 'object', received: 'an array' }]],
    ['null', 'null', [{ field: 'body', expected: 'object' }]],
    [
      'several mistakes',
      { phone_number: 1, extra: 1 },
      [{ field: 'phone_number' }, { field: 'action' }, { field: 'extra' }],
    ],
  ])('refuses %s, and says what is wrong', async (_, wrong, details) => {
    app = await startApp()
    const { status, json } = await app.post('/api/phone/call', wrong)
    expect(status).toBe(400)
    expect(json).toMatchObject({ error: { code: 'invalid_request', details } })
    expect(json.error.details).toHaveLength(details.length)
    expect(app.telephony.dialled).toEqual([])
    expect(app.conversations).toEqual([])
  })

  it('says it in words as well', async () => {
    app = await startApp()
    const wrong = await app.post('/api/phone/call', { phone_number: '555', language: 7 })
    expect(wrong.json.error.message).toBe(
      'phone_number: expected an E.164 phone number, such as +15551234567; got "555" (and 2 more)',
    )
    const missing = await app.post('/api/phone/call', { phone_number: '+15551234567' })
    expect(missing.json.error.message).toBe('action: expected string; it is missing')
  })

  it.each<[string, RequestInit, number, string]>([
    [
      'broken JSON',
      { body: '{"phone', headers: { 'content-type': 'application/json' } },
      400,
      'invalid_request',
    ],
    ['no body', { headers: { 'content-type': 'application/json' } }, 400, 'invalid_request'],
    ['nothing at all', {}, 400, 'invalid_request'],
    [
      'a poisoned prototype',
      { body: '{"__proto__":{"x":1}}', headers: { 'content-type': 'application/json' } },
      400,
      'invalid_request',
    ],
    ['text', { body: JSON.stringify(body) }, 415, 'unsupported_media_type'],
    ['a form', { body: new URLSearchParams(body) }, 415, 'unsupported_media_type'],
    [
      'more than anybody needs',
      {
        body: JSON.stringify({ ...body, context: 'x'.repeat(70_000) }),
        headers: { 'content-type': 'application/json' },
      },
      413,
      'payload_too_large',
    ],
  ])('refuses %s', async (_, init, status, code) => {
    app = await startApp({ clock: scaledClock(20) })
    const answer = await app.request('POST', '/api/phone/call', init)
    expect(answer.status).toBe(status)
    expect(answer.json.error.code).toBe(code)
    expect(app.conversations).toEqual([])
  })

  it.each([
    ['rejected', '21211', 422, 'dial_refused'],
    ['rejected', '21215', 422, 'dial_refused'],
    ['auth', '20003', 502, 'dial_failed'],
    ['unavailable', '503', 502, 'dial_failed'],
    ['timeout', undefined, 502, 'dial_failed'],
    ['rate_limited', '20429', 503, 'dial_failed'],
  ] as const)('passes on that Twilio says %s (%s)', async (kind, vendorCode, status, code) => {
    app = await startApp({ clock: scaledClock(20) })
    app.telephony.dialError = new ProviderError('Twilio says no', {
      provider: 'twilio',
      code: kind,
      ...(vendorCode !== undefined && { vendorCode }),
    })
    const answer = await app.post('/api/phone/call', body)
    expect(answer.status).toBe(status)
    expect(answer.headers.has('retry-after')).toBe(status === 503)
    expect(answer.json.error).toMatchObject({
      code,
      message: 'twilio did not place the call: Twilio says no',
      details: { provider: 'twilio', code: vendorCode ?? kind, message: 'Twilio says no' },
    })
    const { call_id } = answer.json.error.details as { call_id: string }
    const { json } = await app.get(`/api/phone/calls/${call_id}`)
    expect(json).toMatchObject({ status: 'failed', failure: { by: 'twilio' } })
  })

  it('refuses tools that could not be used, before a phone rings', async () => {
    app = await startApp()
    const tool = {
      name: 'end_call',
      description: 'Looks an order up',
      input_schema: { type: 'object', properties: { order: { type: 'text' } } },
      url: 'https://crm.example.com/orders',
      secret_headers: { authorization: 'CRM_TOKEN', 'x-key': 'TYPO' },
    }
    const { status, json } = await app.post('/api/phone/call', { ...body, tools: [tool] })
    expect(status).toBe(400)
    expect(json.error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/^tools\.0\.name: expected .* \(and 2 more\)$/) as string,
      details: [
        { field: 'tools.0.name', received: 'end_call' },
        { field: 'tools.0.input_schema' },
        { field: 'tools.0.secret_headers.x-key', received: 'TYPO' },
      ],
    })
    const registered = await app.post('/api/phone/register-call', { ...body, tools: [tool] })
    expect(registered.status).toBe(400)
    expect(app.conversations).toEqual([])
  })

  it('does not ring somebody who does not want to be called', async () => {
    app = await startApp()
    app.doNotCall.add(body.phone_number, {})
    for (const path of ['/api/phone/call', '/api/phone/register-call']) {
      const { status, json } = await app.post(path, body)
      expect(status).toBe(403)
      expect(json.error).toEqual({
        code: 'do_not_call',
        message:
          'the person at this number does not want to be called; DELETE /api/phone/do-not-call/{number} takes it off the list',
        details: {
          rule: 'do_not_call',
          phone_number: body.phone_number,
        },
      })
    }
    expect(app.conversations).toEqual([])
  })

  it('is refused when all lines are taken, before a phone rings', async () => {
    app = await startApp({ settings: { maxCalls: 1 } })
    await app.post('/api/phone/call', body)
    const { status, json, headers } = await app.post('/api/phone/call', body)
    expect(status).toBe(503)
    expect(json.error.code).toBe('at_capacity')
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(app.telephony.dialled).toHaveLength(1)
  })

  it('is refused while the server shuts down', async () => {
    app = await startApp()
    app.calls.drain()
    const { status, json } = await app.post('/api/phone/call', body)
    expect(status).toBe(503)
    expect(json.error).toEqual({ code: 'draining', message: 'the server is shutting down' })
  })
})

it('POST /api/phone/register-call keeps a spec for whoever dials', async () => {
  app = await startApp()
  const { status, json } = await app.post('/api/phone/register-call', body)
  expect(status).toBe(201)
  const callId = String(json['call_id'])
  expect(json).toEqual({
    call_id: callId,
    voice_url: `https://calls.example.com/api/phone/twilio/voice?call_id=${callId}`,
    expires_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
  })
  const call = await app.get(`/api/phone/calls/${callId}`)
  expect(call.json).toMatchObject({ status: 'registered', call_sid: null, transcript: [] })
  expect(app.telephony.dialled).toEqual([])
  expect((await app.post('/api/phone/register-call', {})).status).toBe(400)
})

describe('GET /api/phone/calls', () => {
  it('lists calls, newest first, page by page', async () => {
    app = await startApp()
    for (let i = 0; i < 3; i++) await app.post('/api/phone/call', body)
    const first = await app.get('/api/phone/calls?limit=2')
    expect(first.json['calls']).toMatchObject([{ call_sid: 'CA3' }, { call_sid: 'CA2' }])
    const second = await app.get(
      `/api/phone/calls?limit=2&cursor=${String(first.json['next_cursor'])}`,
    )
    expect(second.json).toMatchObject({ calls: [{ call_sid: 'CA1' }], next_cursor: null })
  })

  it.each(['limit=0', 'limit=101', 'limit=x', 'sort=age'])('refuses ?%s', async (query) => {
    app = await startApp()
    const { status, json } = await app.get(`/api/phone/calls?${query}`)
    expect(status).toBe(400)
    const [name, value] = query.split('=')
    expect(json.error.message).toContain(`${String(name)}: expected`)
    expect(json.error.details).toHaveLength(1)
    if (value !== 'x') expect(json.error.message).toContain(String(value))
  })
})

describe('GET /api/phone/calls/{call_id}', () => {
  it('tells everything about a call', async () => {
    app = await startApp()
    const placed = await app.post('/api/phone/call', body)
    const callId = String(placed.json['call_id'])
    app.calls.answered({ callId, callSid: 'CA1', from: '', direction: 'outbound' })
    const [conversation] = app.conversations
    conversation?.turns.push(
      { role: 'agent', text: 'Hi John.', interrupted: true, startMs: 10.4, endMs: 900.6 },
      { role: 'caller', text: 'Hello?', startMs: 700, endMs: 1100 },
      {
        role: 'tool',
        id: 't1',
        name: 'end_call',
        input: { reason: 'done' },
        result: 'ok',
        startMs: 1200,
        endMs: 1200,
      },
    )
    conversation?.timings.push({
      reply: 1,
      kind: 'answer',
      speechEndMs: 1.2,
      turnEndMs: 2,
      firstTextMs: 3,
      firstPhraseMs: 4,
      firstAudioMs: 5,
      heardMs: 6,
      bargeInMs: 7,
      clearedMs: 7.7,
    })
    conversation?.finish({ reason: 'agent_hung_up' })
    await app.calls.idle()
    const { status, json } = await app.get(`/api/phone/calls/${callId}`)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      call_id: callId,
      call_sid: 'CA1',
      direction: 'outbound',
      status: 'completed',
      phone_number: '+1234567890',
      end_reason: 'agent_hung_up',
      failure: null,
      answered_by: null,
      opted_out: false,
      transferred_to: null,
      message_left: null,
      notes: [],
      metadata: {},
      spec: body,
      transcript: [
        { role: 'agent', text: 'Hi John.', interrupted: true, start_ms: 10, end_ms: 901 },
        { role: 'caller', text: 'Hello?', start_ms: 700, end_ms: 1100 },
        { role: 'tool', id: 't1', name: 'end_call', input: { reason: 'done' }, result: 'ok' },
      ],
      timings: [
        {
          reply: 1,
          kind: 'answer',
          speech_end_ms: 1,
          turn_end_ms: 2,
          first_text_ms: 3,
          first_phrase_ms: 4,
          first_audio_ms: 5,
          heard_ms: 6,
          barge_in_ms: 7,
          cleared_ms: 8,
        },
      ],
    })
    expect(json['duration_s']).toBeGreaterThanOrEqual(0)
    for (const time of ['created_at', 'answered_at', 'ended_at']) {
      expect(Date.parse(String(json[time]))).toBeGreaterThan(0)
    }
  })

  it('tells what came out, also while the call goes on', async () => {
    app = await startApp()
    const placed = await app.post('/api/phone/call', body)
    const path = `/api/phone/calls/${String(placed.json['call_id'])}`
    app.conversations[0]!.facts = {
      answeredBy: 'voicemail',
      notes: [{ result: 'left word' }, { result: 'moved', details: { to: 'Friday' } }],
      optedOut: true,
      transferredTo: 'the front desk',
      messageLeft: 'Please call us back.',
    }
    const outcome = {
      answered_by: 'voicemail',
      opted_out: true,
      transferred_to: 'the front desk',
      message_left: 'Please call us back.',
      notes: [{ result: 'left word' }, { result: 'moved', details: { to: 'Friday' } }],
    }
    expect((await app.get(path)).json).toMatchObject(outcome)
    app.calls.answered({
      callId: String(placed.json['call_id']),
      callSid: 'CA1',
      from: '',
      direction: 'outbound',
    })
    app.conversations[0]!.finish({ reason: 'message_left' })
    await app.calls.idle()
    expect((await app.get(path)).json).toMatchObject({ ...outcome, end_reason: 'message_left' })
    const { json } = await app.get('/api/phone/calls')
    expect(json['calls']).toMatchObject([{ answered_by: 'voicemail', opted_out: true }])
  })

  it('knows nothing of other calls', async () => {
    app = await startApp()
    const { status, json } = await app.get('/api/phone/calls/call_x')
    expect(status).toBe(404)
    expect(json.error).toEqual({
      code: 'call_not_found',
      message: 'no such call',
      details: { call_id: 'call_x' },
    })
    const tooLong = await app.get(`/api/phone/calls/${'x'.repeat(65)}`)
    expect(tooLong.json.error.message).toContain('call_id: expected string to have <=64')
  })

  it('shows an inbound call whose subject is longer than a spec may have', async () => {
    app = await startApp({ settings: { inbound: { action: 'x'.repeat(3000) } } })
    app.calls.answered({ callSid: 'CA5', from: 'anonymous', direction: 'inbound' })
    const list = await app.get('/api/phone/calls')
    const [{ call_id }] = list.json['calls'] as unknown as [{ call_id: string }]
    const { status, json } = await app.get(`/api/phone/calls/${call_id}`)
    expect(status).toBe(200)
    expect(json).toMatchObject({ direction: 'inbound', phone_number: 'anonymous' })
  })
})

describe('POST /api/phone/calls/{call_id}/hangup', () => {
  it('ends a call, once', async () => {
    app = await startApp()
    const placed = await app.post('/api/phone/call', body)
    const path = `/api/phone/calls/${String(placed.json['call_id'])}/hangup`
    expect(await app.request('POST', path)).toMatchObject({ status: 202 })
    await app.calls.idle()
    expect(app.telephony.did).toEqual(['hang up CA1'])
    const again = await app.request('POST', path)
    expect(again.status).toBe(409)
    expect(again.json.error).toMatchObject({
      code: 'call_not_live',
      details: { status: 'canceled' },
    })
    expect((await app.request('POST', '/api/phone/calls/call_x/hangup')).status).toBe(404)
  })
})

it('answers in one form for errors, whatever was asked', async () => {
  app = await startApp()
  const unknown = await app.get('/api/phone/nothing?secret=1')
  expect(unknown).toMatchObject({
    status: 404,
    json: { error: { code: 'not_found', message: 'no route GET /api/phone/nothing' } },
  })
  expect((await app.get('/api/phone/calls/%ff')).json.error.code).toBe('invalid_request')
  app.calls.get = () => Promise.reject(new Error('boom, with details'))
  const broken = await app.get('/api/phone/calls/call_1')
  expect(broken).toMatchObject({
    status: 500,
    json: { error: { code: 'internal', message: 'something went wrong on our side' } },
  })
})
