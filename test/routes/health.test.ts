import { afterEach, expect, it } from 'vitest'
import { spec } from '../helpers/fake-calls.ts'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

it('says that the process runs, and that calls are taken', async () => {
  app = await startApp()
  expect((await app.get('/api/phone/health/live')).json).toEqual({ status: 'pass' })
  for (const path of ['/api/phone/health', '/api/phone/health/ready']) {
    const { status, json } = await app.get(path)
    expect(status).toBe(200)
    expect(json).toMatchObject({ status: 'pass', active_calls: 0, max_calls: 3 })
  }
})

it('is not ready while all lines are taken, and still alive', async () => {
  app = await startApp({ settings: { maxCalls: 1 } })
  await app.calls.place(spec)
  const ready = await app.get('/api/phone/health/ready')
  expect(ready).toMatchObject({ status: 503, json: { status: 'fail', reason: 'at_capacity' } })
  expect(await app.get('/api/phone/health')).toMatchObject({
    status: 200,
    json: { status: 'fail', active_calls: 1 },
  })
  expect((await app.get('/api/phone/health/live')).status).toBe(200)
})

it('is not ready while it shuts down', async () => {
  app = await startApp()
  app.calls.drain()
  const ready = await app.get('/api/phone/health/ready')
  expect(ready).toMatchObject({ status: 503, json: { reason: 'draining' } })
})

it('tells how each vendor did in the calls so far', async () => {
  app = await startApp()
  const { callId, callSid } = await app.calls.place(spec)
  app.conversations[0]?.turns.push({ role: 'caller', text: 'Hi.', startMs: 0, endMs: 1 })
  app.calls.statusChanged({ callId, callSid: callSid!, status: 'completed' })
  await app.calls.idle()
  const { json } = await app.get('/api/phone/health')
  const ok = { last_ok_at: expect.stringMatching(/Z$/) as string, last_error: null }
  expect(json).toMatchObject({
    status: 'pass',
    vendors: { twilio: ok, deepgram: ok, anthropic: ok, elevenlabs: ok },
  })

  await app.calls.place(spec)
  const failure = { by: 'deepgram', code: 'quota:402', message: 'used up' } as const
  app.conversations[1]?.finish({ reason: 'failed', failure })
  await app.calls.idle()
  const ready = await app.get('/api/phone/health/ready')
  expect(ready).toMatchObject({
    status: 200,
    json: {
      status: 'warn',
      vendors: { deepgram: { last_error: { code: 'quota:402' } }, anthropic: ok },
    },
  })
  expect(ready.text).not.toContain('used up')
})
