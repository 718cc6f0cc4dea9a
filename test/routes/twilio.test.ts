import { pino } from 'pino'
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

async function openStream(token = 'none') {
  const client = await app.openStream().opened()
  client.start({ parameters: { token } })
  return client
}

/** A call that has its stream. */
async function talking() {
  const callId = await placed()
  const { text } = await app.postForm(`/api/phone/twilio/voice?call_id=${callId}`, voiceForm)
  const client = await openStream(tokenIn(text))
  const conversation = app.conversations[0]!
  conversation.isPatient = true
  await expect.poll(() => conversation.line).toBeDefined()
  return { callId, client, conversation }
}

describe('POST /api/phone/twilio/fallback', () => {
  const failed = { ...voiceForm, ErrorCode: '11205', ErrorUrl: 'https://calls.example.com/voice' }

  it('answers as the voice url would have: the call gets its stream after all', async () => {
    const callId = await placed()
    const { status, text } = await app.postForm(
      `/api/phone/twilio/fallback?call_id=${callId}`,
      failed,
    )
    expect(status).toBe(200)
    expect(tokenIn(text)).toMatch(/^[\w-]{43}$/)
    const client = await openStream(tokenIn(text))
    await expect.poll(() => app.conversations[0]?.line).toBeDefined()
    client.socket.terminate()
  })

  it('has the carrier apologise when even that cannot be answered', async () => {
    const callId = await placed()
    app.calls.answered = () => {
      throw new Error('broken')
    }
    const { status, text } = await app.postForm(
      `/api/phone/twilio/fallback?call_id=${callId}`,
      failed,
    )
    expect(status).toBe(200)
    expect(text).toMatch(/<Say language="en-US">I'm sorry.*Goodbye\.<\/Say><Hangup\/>/)
  })
})

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

  it('turns an inbound call away for which there is no line, or no subject, or soon no server', async () => {
    app.calls.drain()
    const closing = await app.postForm('/api/phone/twilio/voice', inboundForm)
    expect(closing.text).toMatch(/<Say language="en-US">.*call again.*<\/Say><Hangup\/>/)
    await app.close()
    app = await startApp({ settings: { maxCalls: 0 } })
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

  it('is followed by a hang-up when the call is none of ours', async () => {
    const { text, headers } = await app.postForm('/api/phone/twilio/stream-ended', voiceForm)
    expect(text).toContain('<Hangup/>')
    expect(headers.get('content-type')).toMatch(/^text\/xml/)
  })
})

describe('a call that has lost its stream', () => {
  const streamEnded = (form: Record<string, string> = {}) =>
    app.postForm('/api/phone/twilio/stream-ended', { ...voiceForm, ...form })

  it('gets another one, on which the conversation goes on', async () => {
    const { client, conversation } = await talking()
    client.socket.terminate()
    const { text, headers } = await streamEnded()
    expect(headers.get('content-type')).toMatch(/^text\/xml/)
    expect(text).not.toContain('Hangup')
    expect(conversation.did.at(-1)).toBe('line lost')
    const again = await openStream(tokenIn(text))
    await expect.poll(() => conversation.did.at(-1)).toBe('attach')
    again.media(new Uint8Array(160), 20)
    await expect.poll(() => conversation.heard).toContain('audio 160 at 20')
  })

  it('has its old socket closed when that was only half dead', async () => {
    const { client, conversation } = await talking()
    const { text } = await streamEnded()
    await openStream(tokenIn(text))
    await client.closed
    expect(conversation.heard).toEqual([])
  })

  it('is over when Twilio says so', async () => {
    const { conversation } = await talking()
    const { text } = await streamEnded({ CallStatus: 'completed' })
    expect(text).toContain('<Hangup/>')
    expect(conversation.did).not.toContain('line lost')
    expect(conversation.did).toContain('end caller_hung_up')
  })
})

describe('POST /api/phone/twilio/transfer-ended', () => {
  async function transferred() {
    const call = await talking()
    await call.conversation.control.transfer('+15557654321')
    return call
  }
  const ended = (DialCallStatus: string, CallStatus = 'in-progress') =>
    app.postForm('/api/phone/twilio/transfer-ended', { ...voiceForm, CallStatus, DialCallStatus })

  it('ends the call when they have talked', async () => {
    const { callId } = await transferred()
    const { status, headers, text } = await ended('completed')
    expect(status).toBe(200)
    expect(headers.get('content-type')).toMatch(/^text\/xml/)
    expect(text).toContain('<Hangup/>')
    await app.calls.idle()
    expect(await app.calls.get(callId)).toMatchObject({ endReason: 'transferred' })
    expect(app.telephony.did).toHaveLength(1)
  })

  it.each([
    ['busy', 'busy'],
    ['no-answer', 'no_answer'],
    ['canceled', 'no_answer'],
    ['failed', 'failed'],
    ['something new', 'failed'],
  ])('brings the person back after %s, and says %s', async (theirs, ours) => {
    const { conversation } = await transferred()
    const { text } = await ended(theirs)
    expect(conversation.did.at(-1)).toBe(`transfer ${ours}`)
    await openStream(tokenIn(text))
    await expect.poll(() => conversation.did.at(-1)).toBe('attach')
  })

  it('lets a call end whose person has hung up meanwhile', async () => {
    const { conversation } = await transferred()
    const { text } = await ended('no-answer', 'completed')
    expect(text).toContain('<Hangup/>')
    expect(conversation.did).toContain('end caller_hung_up')
  })

  it('hangs up when the call is none of ours', async () => {
    expect((await ended('busy')).text).toContain('<Hangup/>')
  })
})

describe('a call that another process on the same store has, or had when it was killed', () => {
  const asksAgain = (query = '') =>
    `<Pause length="1"/><Redirect method="POST">https://calls.example.com/api/phone/twilio/voice${query}</Redirect>`

  async function beside(elsewhere: (call: { callSid: string }) => Promise<boolean>) {
    await app.close()
    app = await startApp({ elsewhere })
  }

  it.each([
    ['fallback', '?call_id=call_x', voiceForm],
    ['voice', '?call_id=call_x', voiceForm],
    ['voice', '', { ...inboundForm, CallStatus: 'in-progress' }],
    ['stream-ended', '', voiceForm],
    ['transfer-ended', '', { ...voiceForm, DialCallStatus: 'busy' }],
  ])('is asked for again in a second: %s%s', async (route, query, form) => {
    await beside(({ callSid }) => Promise.resolve(callSid === form.CallSid))
    const { status, text } = await app.postForm(`/api/phone/twilio/${route}${query}`, form)
    expect(status).toBe(200)
    expect(text).toContain(asksAgain(query))
    expect(app.conversations).toEqual([])
  })

  it('is not confused with a call of our own, and nobody waits for a store that does not answer', async () => {
    const asked: string[] = []
    await beside(({ callSid }) => {
      asked.push(callSid)
      return new Promise(() => undefined)
    })
    const { client } = await talking()
    client.socket.terminate()
    expect((await app.postForm('/api/phone/twilio/stream-ended', voiceForm)).text).toContain(
      '<Stream',
    )
    expect(asked).toEqual([])
    // Whoever rings just now is answered at once.
    const inbound = await app.postForm('/api/phone/twilio/voice', inboundForm)
    expect(tokenIn(inbound.text)).toBeDefined()
    expect(asked).toEqual([])
    const onTheLine = { ...inboundForm, CallSid: 'CA6', CallStatus: 'in-progress' }
    const unknown = await app.postForm('/api/phone/twilio/voice', onTheLine)
    expect(tokenIn(unknown.text)).toBeDefined()
    expect(asked).toEqual(['CA6'])
    await beside(() => Promise.reject(new Error('the store is away')))
    expect((await app.postForm('/api/phone/twilio/voice', onTheLine)).text).toContain('<Stream')
  })
})

describe('POST /api/phone/twilio/amd', () => {
  it('tells the conversation what Twilio believes to have answered', async () => {
    const callId = await placed()
    const form = { CallSid: 'CA1', AnsweredBy: 'machine_start', MachineDetectionDuration: '3200' }
    const { status } = await app.postForm(`/api/phone/twilio/amd?call_id=${callId}`, form)
    expect(status).toBe(204)
    expect(app.conversations[0]?.did).toEqual(['start', 'carrier heard machine_start'])
    expect((await app.postForm('/api/phone/twilio/amd', { ...form, CallSid: 'CA9' })).status).toBe(
      204,
    )
    expect((await app.postForm('/api/phone/twilio/amd', { CallSid: 'CA1' })).status).toBe(400)
  })
})

describe('POST /api/phone/twilio/recording-status', () => {
  it('puts what became of a recording in the log, and refuses what is none', async () => {
    const lines: { msg: string }[] = []
    const write = (line: string) => lines.push(JSON.parse(line) as { msg: string })
    const logged = await startApp({ log: pino({ level: 'info' }, { write }) })
    const path = '/api/phone/twilio/recording-status'
    const form = { CallSid: 'CA1', RecordingSid: 'RE1', RecordingDuration: '42' }
    const report = (status: string) =>
      logged.postForm(`${path}?call_id=call_1`, { ...form, RecordingStatus: status })
    expect((await report('completed')).status).toBe(204)
    expect((await report('absent')).status).toBe(204)
    expect((await report('gone')).status).toBe(400)
    await logged.close()
    const about = { callId: 'call_1', callSid: 'CA1', recordingSid: 'RE1', durationS: 42 }
    expect(lines.filter(({ msg }) => msg === 'recording by the carrier reported')).toMatchObject([
      { level: 30, ...about, status: 'completed' },
      { level: 40, ...about, status: 'absent' },
    ])
  })
})

describe('a webhook that Twilio has not sent', () => {
  const paths = [
    'voice',
    'fallback',
    'status',
    'amd',
    'stream-status',
    'stream-ended',
    'transfer-ended',
    'recording-status',
  ].map((name) => `/api/phone/twilio/${name}`)
  const form = {
    ...inboundForm,
    StreamSid: 'MZ1',
    StreamEvent: 'stream-error',
    DialCallStatus: 'completed',
    AnsweredBy: 'fax',
    RecordingSid: 'RE1',
    RecordingStatus: 'completed',
  }

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
