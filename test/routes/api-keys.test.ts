import { afterEach, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

const wrongKeys: Record<string, string>[] = [
  {},
  { authorization: 'Bearer wrong' },
  { authorization: 'Bearer first-ke' },
  { authorization: 'Bearer first-key-and-more' },
  { authorization: 'Basic first-key' },
  { authorization: 'first-key' },
  { 'x-api-key': '' },
  { 'x-api-key': 'wrong' },
]

const routes: [string, string][] = [
  ['POST', '/api/phone/call'],
  ['POST', '/api/phone/register-call'],
  ['GET', '/api/phone/calls'],
  ['GET', '/api/phone/calls/call_1'],
  ['POST', '/api/phone/calls/call_1/hangup'],
]

describe('with API keys', () => {
  it.each(routes)('%s %s needs one of them', async (method, path) => {
    app = await startApp({ apiKeys: ['first-key', 'second-key'] })
    const answers = await Promise.all(
      wrongKeys.map((headers) => app.request(method, path, { headers })),
    )
    for (const { status, json, headers } of answers) {
      expect(status).toBe(401)
      expect(json.error.code).toBe('unauthorized')
      expect(headers.get('www-authenticate')).toBe('Bearer')
    }
    expect(app.conversations).toEqual([])
  })

  it.each([
    { authorization: 'Bearer first-key' },
    { authorization: 'bearer  second-key' },
    { 'x-api-key': 'second-key' },
  ])('lets %o in', async (headers) => {
    app = await startApp({ apiKeys: ['first-key', 'second-key'] })
    expect((await app.get('/api/phone/calls', { ...headers })).status).toBe(200)
  })

  it('shows health and the description to anybody', async () => {
    app = await startApp({ apiKeys: ['first-key'] })
    for (const path of ['/api/phone/health', '/docs/json']) {
      expect((await app.get(path)).status).toBe(200)
    }
  })
})

describe('without API keys', () => {
  it('serves this machine', async () => {
    app = await startApp()
    expect((await app.get('/api/phone/calls')).status).toBe(200)
  })

  it.each([
    { host: 'calls.example.com' },
    { host: 'localhost.evil.example' },
    { 'x-forwarded-for': '203.0.113.9' },
    { 'x-forwarded-host': 'calls.example.com' },
    { forwarded: 'for=203.0.113.9' },
  ])('serves nobody who comes through a tunnel: %o', async (headers) => {
    app = await startApp()
    const answer = await app.app.inject({
      method: 'POST',
      url: '/api/phone/call',
      headers: { host: '127.0.0.1:8000', ...headers } as Record<string, string>,
      payload: { phone_number: '+15551234567', action: 'Ring at my expense' },
    })
    expect(answer.statusCode).toBe(401)
    expect(app.conversations).toEqual([])
  })
})
