import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sign, startApp, type TestApp } from '../helpers/parley-app.ts'
import { spec } from '../helpers/fake-calls.ts'

let app: TestApp

beforeEach(async () => {
  app = await startApp()
})

afterEach(() => app.close())

const voiceForm = {
  CallSid: 'CA1',
  From: '+15005550006',
  To: '+15551234567',
  CallStatus: 'in-progress',
  Direction: 'outbound-api',
  FromCity: '',
}
const inboundForm = { ...voiceForm, CallSid: 'CA5', CallStatus: 'ringing', Direction: 'inbound' }

const tokenIn = (twiml: string) => /name="token" value="([^"]+)"/.exec(twiml)?.[1]

async function placed(): Promise<string> {
  return (await app.calls.place(spec)).callId
}

describe('POST /api/phone/twilio/voice', () => {
  it('connects a call of ours to its stream', async () => {
    const callId = await placed()
    const { status, headers, text } = await app.postForm(
      `/api/phone/twilio/voice?call_id=${callId}`,
      voiceForm,
    )
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^text\/xml/)
    expect(text).toMatch(/^<\?xml/)
    expect(text).toContain('<Stream url="wss://calls.example.com/api/phone/media-stream"')
    expect(tokenIn(text)).toMatch(/^[\w-]{43}$/)
    expect(app.conversations[0]?.did).toEqual(['start', 'answered'])
  })

  it('puts nothing of the call into the document', async () => {
    const { callId } = await app.calls.place({
      ...spec,
      action: '"/><Dial>+1900',
      calleeName: '<&',
    })
    const { text } = await app.postForm(`/api/phone/twilio/voice?call_id=${callId}`, voiceForm)
    expect(text).not.toContain('Dial')
    expect(text.length).toBeLessThan(500)
  })

  it('answers an inbound call', async () => {
    const { text } = await app.postForm('/api/phone/twilio/voice', inboundForm)
    expect(tokenIn(text)).toBeDefined()
    expect(app.conversations[0]?.plan.brief.direction).toBe('inbound')
  })

  it('hangs up an outbound call that is not ours', async () => {
    const { status, text } = await app.postForm('/api/phone/twilio/voice?call_id=call_x', voiceForm)
    expect(status).toBe(200)
    expect(text).toContain('<Hangup/>')
  })

  it('rejects an inbound call for which there is no line, or no subject', async () => {
    app.calls.drain()
    const busy = await app.postForm('/api/phone/twilio/voice', inboundForm)
    expect(busy.text).toContain('<Reject reason="busy"/>')
    await app.close()
    app = await startApp({ settings: { inbound: undefined } })
    const unwanted = await app.postForm('/api/phone/twilio/voice', inboundForm)
    expect(unwanted.text).toContain('<Reject reason="rejected"/>')
    expect(app.conversations).toEqual([])
  })
})

describe('POST /api/phone/twilio/status', () => {
  const report = (callId: string, status: string, more: Record<string, string> = {}) =>
    app.postForm(`/api/phone/twilio/status?call_id=${callId}`, {
      CallSid: 'CA1',
      CallStatus: status,
      SequenceNumber: '1',
      ...more,
    })

  it.each([
    ['initiated', 'queued'],
    ['ringing', 'ringing'],
    ['in-progress', 'in_progress'],
  ])('brings %s to the record as %s', async (carrier, ours) => {
    const callId = await placed()
    expect((await report(callId, carrier)).status).toBe(204)
    expect(await app.calls.get(callId)).toMatchObject({ status: ours })
  })

  it.each([
    ['completed', 'completed'],
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['canceled', 'canceled'],
  ])('ends the call with %s', async (carrier, ours) => {
    const callId = await placed()
    await report(callId, carrier)
    await report(callId, 'ringing')
    await report(callId, carrier)
    await app.calls.idle()
    expect(await app.calls.get(callId)).toMatchObject({ status: ours })
  })

  it.each([
    [{ SipResponseCode: '404' }, 'sip_404'],
    [{}, 'call_failed'],
  ])('says why a number could not be reached: %o', async (more, code) => {
    const callId = await placed()
    await report(callId, 'failed', more)
    await app.calls.idle()
    expect(await app.calls.get(callId)).toMatchObject({
      status: 'failed',
      failure: { by: 'twilio', code, message: 'Twilio could not reach the number' },
    })
  })

  it('may come without our id, and for calls that nobody knows', async () => {
    const callId = await placed()
    await app.postForm('/api/phone/twilio/status', { CallSid: 'CA1', CallStatus: 'ringing' })
    expect(await app.calls.get(callId)).toMatchObject({ status: 'ringing' })
    expect((await report('call_x', 'completed')).status).toBe(204)
  })
})

describe('what Twilio says of a stream', () => {
  const stream = { CallSid: 'CA1', StreamSid: 'MZ1' }

  it('tells why there is none', async () => {
    const callId = await placed()
    await app.postForm(`/api/phone/twilio/voice?call_id=${callId}`, voiceForm)
    const { status } = await app.postForm('/api/phone/twilio/stream-status', {
      ...stream,
      StreamEvent: 'stream-error',
      StreamError: '31920 WebSocket handshake failed',
    })
    expect(status).toBe(204)
    await app.calls.idle()
    expect(await app.calls.get(callId)).toMatchObject({
      status: 'failed',
      failure: { by: 'twilio', code: 'stream_error', message: '31920 WebSocket handshake failed' },
    })
  })

  it.each(['stream-started', 'stream-stopped'])('changes nothing with %s', async (event) => {
    const callId = await placed()
    const form = { ...stream, StreamEvent: event }
    expect((await app.postForm('/api/phone/twilio/stream-status', form)).status).toBe(204)
    expect(await app.calls.get(callId)).toMatchObject({ status: 'queued' })
  })

  it('may lack a reason', async () => {
    const callId = await placed()
    const form = { ...stream, StreamEvent: 'stream-error' }
    await app.postForm('/api/phone/twilio/stream-status', form)
    await app.calls.idle()
    expect((await app.calls.get(callId)).failure?.message).toMatch(/could not open/)
  })

  it('is followed by a hang-up', async () => {
    const { text, headers } = await app.postForm('/api/phone/twilio/stream-ended', voiceForm)
    expect(text).toContain('<Hangup/>')
    expect(headers.get('content-type')).toMatch(/^text\/xml/)
  })
})

describe('a webhook that Twilio has not sent', () => {
  const paths = ['voice', 'status', 'stream-status', 'stream-ended'].map(
    (name) => `/api/phone/twilio/${name}`,
  )
  const form = { ...inboundForm, StreamSid: 'MZ1', StreamEvent: 'stream-error' }

  it.each(paths)('is refused before anything happens: %s', async (path) => {
    const callId = await placed()
    const attempts = [
      await app.postForm(path, form, ''),
      await app.postForm(path, form, 'guess'),
      await app.postForm(path, form, sign(`https://evil.example${path}`, form)),
      await app.postForm(
        `${path}?call_id=${callId}`,
        form,
        sign(`https://calls.example.com${path}`),
      ),
      await app.postForm(path, { ...form, AccountSid: 'AC2' }),
      await app.request('POST', path),
    ]
    for (const { status, json } of attempts) {
      expect(status).toBe(403)
      expect(json.error.code).toBe('bad_signature')
    }
    expect(app.conversations).toHaveLength(1)
    expect(app.conversations[0]?.did).toEqual(['start'])
  })

  it('is refused as JSON, and as GET', async () => {
    expect((await app.post('/api/phone/twilio/voice', form)).status).toBe(403)
    expect((await app.get('/api/phone/twilio/voice')).status).toBe(404)
  })
})

it('a signed form that is not as documented is refused, and nothing happens', async () => {
  const { status, json } = await app.postForm('/api/phone/twilio/voice', { CallSid: 'CA1' })
  expect(status).toBe(400)
  expect(json.error.code).toBe('invalid_request')
})
