import { afterEach, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

const PATH = '/api/phone/do-not-call'

describe('the do-not-call list', () => {
  it('takes a number on and off, and says so to whoever wants to call it', async () => {
    app = await startApp()
    const call = { phone_number: '+15551234567', action: 'x' }
    const added = await app.request('PUT', `${PATH}/+15551234567`)
    expect(added.status).toBe(200)
    expect(added.json).toEqual({
      phone_number: '+15551234567',
      added_at: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      call_id: null,
    })
    expect((await app.request('PUT', `${PATH}/%2B15551234567`)).json).toEqual(added.json)
    expect((await app.post('/api/phone/call', call)).status).toBe(403)
    expect((await app.request('DELETE', `${PATH}/+15551234567`)).status).toBe(204)
    expect((await app.request('DELETE', `${PATH}/+15551234567`)).status).toBe(204)
    expect((await app.post('/api/phone/call', call)).status).toBe(201)
  })

  it('shows its numbers page by page, and the call in which the person said so', async () => {
    app = await startApp()
    for (const number of ['+15550000003', '+15550000001']) app.doNotCall.add(number, {})
    app.doNotCall.add('+15550000002', { callId: 'call_2' })
    const first = await app.get(`${PATH}?limit=2`)
    expect(first.json).toMatchObject({
      entries: [
        { phone_number: '+15550000001', call_id: null },
        { phone_number: '+15550000002', call_id: 'call_2' },
      ],
      next_cursor: '+15550000002',
    })
    const cursor = encodeURIComponent(String(first.json['next_cursor']))
    const second = await app.get(`${PATH}?limit=2&cursor=${cursor}`)
    expect(second.json).toMatchObject({
      entries: [{ phone_number: '+15550000003' }],
      next_cursor: null,
    })
  })

  it.each(['5551234567', 'anonymous', '+0', '+1555123456789012', '+1555%20123'])(
    'takes no %s',
    async (number) => {
      app = await startApp()
      for (const method of ['PUT', 'DELETE']) {
        const { status, json } = await app.request(method, `${PATH}/${number}`)
        expect(status).toBe(400)
        expect(json.error.message).toMatch(/^phone_number: expected an E.164 phone number/)
      }
      expect(app.doNotCall.list({ limit: 1 }).entries).toEqual([])
    },
  )

  it.each(['limit=0', 'limit=1001', 'sort=age'])('refuses ?%s', async (query) => {
    app = await startApp()
    expect((await app.get(`${PATH}?${query}`)).status).toBe(400)
  })

  it('is for those with a key', async () => {
    app = await startApp({ apiKeys: ['secret'] })
    app.doNotCall.add('+15551234567', {})
    expect((await app.get(PATH)).status).toBe(401)
    expect((await app.request('PUT', `${PATH}/+15550000001`)).status).toBe(401)
    expect((await app.request('DELETE', `${PATH}/+15551234567`)).status).toBe(401)
    const { json } = await app.get(PATH, { authorization: 'Bearer secret' })
    expect(json['entries']).toHaveLength(1)
  })
})
