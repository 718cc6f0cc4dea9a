import { afterEach, expect, it } from 'vitest'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

async function call(spec: object = {}): Promise<string> {
  app = await startApp()
  const { json } = await app.post('/api/phone/call', {
    phone_number: '+15551234567',
    action: 'Confirm the appointment',
    ...spec,
  })
  app.conversations[0]?.turns.push(
    { role: 'agent', text: 'Hi John, I am', interrupted: true, startMs: 420.4, endMs: 2100 },
    { role: 'caller', text: 'Yes?', startMs: 1800, endMs: 2300 },
  )
  return `/api/phone/calls/${String(json['call_id'])}/transcript`
}

it('is there as text while the call goes on', async () => {
  const path = await call({ agent_name: 'Alex', callee_name: 'John' })
  const { status, text, headers } = await app.get(`${path}.txt`)
  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(text).toBe('[00:00.4] Alex: Hi John, I am —\n[00:01.8] John: Yes?\n')
})

it('is there as subtitles', async () => {
  const path = await call()
  const { text, headers } = await app.get(`${path}.vtt`)
  expect(headers.get('content-type')).toBe('text/vtt; charset=utf-8')
  expect(text).toBe(
    'WEBVTT\n\n1\n00:00:00.420 --> 00:00:02.100\n<v Agent>Hi John, I am —\n' +
      '\n2\n00:00:01.800 --> 00:00:02.300\n<v Caller>Yes?\n',
  )
})

it('is there as JSON', async () => {
  const path = await call({ callee_name: 'John' })
  const { json } = await app.get(`${path}.json`)
  expect(json).toEqual({
    call_id: path.split('/').at(-2),
    speakers: { agent: 'Agent', caller: 'John' },
    turns: [
      { role: 'agent', text: 'Hi John, I am', interrupted: true, start_ms: 420, end_ms: 2100 },
      { role: 'caller', text: 'Yes?', start_ms: 1800, end_ms: 2300 },
    ],
  })
})

it.each(['txt', 'vtt', 'json'])('is not there of a call that nobody made (%s)', async (kind) => {
  app = await startApp()
  const { status, json } = await app.get(`/api/phone/calls/call_x/transcript.${kind}`)
  expect(status).toBe(404)
  expect(json.error.code).toBe('call_not_found')
})
