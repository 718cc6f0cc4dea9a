import fastify from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import type { Scope } from '../../src/access/api-key.ts'
import { guarded } from '../helpers/guarded.ts'
import { startApp, type TestApp } from '../helpers/parley-app.ts'

let app: TestApp

afterEach(() => app.close())

const KEYS: Readonly<Record<Scope, string>> = {
  'calls:create': 'k-create',
  'calls:read': 'k-read',
  'metrics:read': 'k-metrics',
  admin: 'k-admin',
}
const apiKeys = Object.entries(KEYS).map(([scope, key]) => `${key}:${scope}:${key}`)
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** The routes of others, which serve no data: the description of the API. */
const OPEN = /^\/docs(\/|$)/

/** Asks a route for nothing in particular, and does not wait for the end of a stream. */
async function statusOf(method: string, path: string, headers: Record<string, string> = {}) {
  const aborted = new AbortController()
  const url = app.url + path.replace(':call_id', 'call_x').replace(':phone_number', '+12125551234')
  const { status } = await fetch(url, { method, headers, signal: aborted.signal })
  aborted.abort()
  return status
}

describe('every route', () => {
  it('says who may use it, and lets nobody else in', async () => {
    app = await startApp({ apiKeys })
    const seen: string[] = []
    for (const { method, url, config } of app.routes) {
      if (OPEN.test(url)) continue
      const access = config?.access
      expect([method, url, access]).not.toContain(undefined)
      if (access === undefined || access === 'public' || access === 'twilio' || access === 'atoms')
        continue
      for (const each of [method].flat()) {
        const id = `${each} ${url}`
        seen.push(id)
        expect([id, 'stranger', await statusOf(each, url)]).toEqual([id, 'stranger', 401])
        expect([id, await statusOf(each, url, bearer('wrong'))]).toEqual([id, 401])
        for (const [scope, key] of Object.entries(KEYS)) {
          const isAllowed = scope === access || scope === 'admin'
          const status = await statusOf(each, url, bearer(key))
          expect([id, scope, status === 401 || status === 403]).toEqual([id, scope, !isAllowed])
        }
      }
    }
    expect(seen.length).toBeGreaterThan(20)
    // Nobody was let through by mistake.
    expect(app.telephony.dialled).toEqual([])
  })

  it('that is Twilio’s wants a signature, whatever key comes with it', async () => {
    app = await startApp({ apiKeys })
    const routes = app.routes.filter(({ config }) => config?.access === 'twilio')
    expect(routes.length).toBeGreaterThan(4)
    for (const { url } of routes.filter(({ method }) => method === 'POST')) {
      const { status } = await app.request('POST', url, {
        headers: bearer('k-admin'),
        body: new URLSearchParams({ AccountSid: 'AC1' }),
      })
      expect([url, status]).toEqual([url, 403])
    }
  })

  it('that says nothing does not start', async () => {
    app = await startApp()
    const other = fastify()
    guarded(other, [])
    expect(() => other.get('/forgotten', () => 'secret')).toThrow('GET /forgotten does not say who')
    await other.close()
  })
})

describe('a key that lacks a scope', () => {
  it('is told which, and what it asked for is not done', async () => {
    app = await startApp({ apiKeys })
    const body = { phone_number: '+12125551234', action: 'Say hello' }
    const { status, json } = await app.post('/api/phone/call', body, bearer('k-read'))
    expect(status).toBe(403)
    expect(json.error).toEqual({
      code: 'forbidden',
      message: 'this key may not do that: it needs the scope calls:create',
      details: { scope: 'calls:create' },
    })
    expect(app.telephony.dialled).toEqual([])
  })
})

describe('whoever made a call', () => {
  const both = ['crm', 'shop'].flatMap((name) => [
    `${name}:calls:create+calls:read:k-${name}`,
    `${name}:calls:create+calls:read:k-${name}-new`,
  ])
  const body = { phone_number: '+12125551234', action: 'Say hello', record: true }

  const placed = async (key: string) => {
    const { json } = await app.post('/api/phone/call', body, bearer(key))
    return (json as unknown as { call_id: string }).call_id
  }

  it('sees it, with either of their keys; others do not even see that it is there', async () => {
    app = await startApp({ apiKeys: [...both, 'root'] })
    const callId = await placed('k-crm')
    expect(await app.calls.get(callId)).toMatchObject({ owner: 'crm' })
    app.recordings.files.set(callId, Buffer.from('RIFF'))
    const ofCall = app.routes.filter(
      ({ url, config }) => url.includes(':call_id') && config?.access !== 'admin',
    )
    expect(ofCall.length).toBeGreaterThan(6)
    for (const { method, url } of ofCall) {
      if (method === 'HEAD') continue
      const path = url.replace(':call_id', callId)
      const stranger = await app.request(String(method), path, { headers: bearer('k-shop') })
      const nothing = await app.request(String(method), url.replace(':call_id', 'call_none'), {
        headers: bearer('k-shop'),
      })
      expect([url, stranger.status]).toEqual([url, 404])
      // Word for word what is said of a call that there is not.
      expect(stranger.text.replaceAll(callId, '')).toBe(nothing.text.replaceAll('call_none', ''))
      if (url.endsWith('/events') || url.endsWith('/hangup')) continue
      for (const key of ['k-crm', 'k-crm-new', 'root']) {
        const own = await app.request(String(method), path, { headers: bearer(key) })
        expect([url, key, own.status]).toEqual([url, key, 200])
      }
    }
    // The hang-up of the stranger has not ended it.
    expect((await app.calls.get(callId)).status).toBe('queued')
  })

  it('finds it in their list, and nobody else does but an admin', async () => {
    app = await startApp({ apiKeys: [...both, 'root'] })
    const ours = await placed('k-crm')
    const theirs = await placed('k-shop')
    const listed = async (key: string, query = '') => {
      const { json } = await app.get(`/api/phone/calls${query}`, bearer(key))
      return (json as unknown as { calls: { call_id: string }[] }).calls.map((each) => each.call_id)
    }
    expect(await listed('k-crm-new')).toEqual([ours])
    expect(await listed('k-shop', '?phone_number=%2B12125551234')).toEqual([theirs])
    expect((await listed('root')).sort()).toEqual([ours, theirs].sort())
  })

  it('is told of its events alone, when they follow all', async () => {
    app = await startApp({ apiKeys: [...both, 'root'] })
    const theirs = await placed('k-shop')
    const ours = await placed('k-crm')
    for (const callId of [ours, theirs]) {
      const record = await app.calls.get(callId)
      app.events.publish(callId, { type: 'call.status', status: record.status })
      app.events.pass(callId, { type: 'caller.partial', text: `words of ${callId}` })
    }
    const read = async (key: string) => {
      const { body: stream } = await fetch(`${app.url}/api/phone/events?after=0`, {
        headers: bearer(key),
      })
      let text = ''
      for await (const chunk of stream!.pipeThrough(new TextDecoderStream())) {
        text += chunk
        if (text.includes(ours) || key === 'k-shop') break
      }
      return text
    }
    expect(await read('k-crm')).not.toContain(theirs)
    expect(await read('k-shop')).not.toContain(ours)
    expect(await read('root')).toContain(theirs)
  })
})

describe('the audit log', () => {
  type Entry = Readonly<Record<string, unknown>>
  const entries = async (query = '') => {
    const { json } = await app.get(`/api/phone/audit${query}`, bearer('k-admin'))
    return (json as unknown as { entries: Entry[] }).entries
  }

  it('has who was not rung and why, and what admins have done', async () => {
    app = await startApp({
      apiKeys,
      guard: {
        rules: { countries: ['US'], deniedTypes: [], allowedPrefixes: [], deniedPrefixes: [] },
      },
    })
    const body = { phone_number: '+18765551234', action: 'Say hello' }
    const { status, json } = await app.post('/api/phone/call', body, bearer('k-create'))
    expect(status).toBe(403)
    expect(json.error.code).toBe('dial_not_allowed')
    const erase = `/api/phone/numbers/${encodeURIComponent('+12125551234')}`
    await app.request('DELETE', erase, { headers: bearer('k-admin') })
    await app.request('DELETE', erase, { headers: bearer('k-read') })
    // What happens in one millisecond may be in any order. Looking at the log is on the log.
    const all = async () => (await entries()).map((entry) => JSON.stringify(entry))
    await expect
      .poll(all)
      .toEqual(
        expect.arrayContaining([
          expect.stringMatching(/"admin\.action","key":"k-admin".*"listAudit","status":200/u),
          expect.stringMatching(/"key":"k-read".*"eraseNumber","status":403/u),
          expect.stringMatching(
            /"key":"k-admin","phone_number":null.*"eraseNumber","status":200,"number_ends_in":"1234"/u,
          ),
          expect.stringMatching(/"dial\.blocked","key":"k-create".*"\+18765551234".*"country"/u),
        ]),
      )
    expect(await entries('?type=dial.blocked')).toHaveLength(1)
    const [first] = await entries('?limit=1')
    const older = await entries(`?cursor=${String(first?.['id'])}`)
    expect(older.map(({ id }) => id)).not.toContain(first?.['id'])
  })
})

describe('whoever asks too much', () => {
  it('is asked to wait, each key for itself', async () => {
    app = await startApp({ apiKeys, rateLimits: { perKey: 3, perAddress: 0 } })
    const ask = () => app.get('/api/phone/calls', bearer('k-read'))
    const answers = [await ask(), await ask(), await ask(), await ask()]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    const last = answers.at(-1)!
    expect(last.json.error).toMatchObject({ code: 'rate_limited', details: { limit: 3 } })
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await app.get('/api/phone/calls', bearer('k-admin'))).status).toBe(200)
  })

  it('cannot try one key after the other', async () => {
    app = await startApp({ apiKeys, rateLimits: { perKey: 0, perAddress: 3 } })
    const statuses: number[] = []
    for (let i = 0; i < 5; i++) {
      statuses.push((await app.get('/api/phone/calls', bearer(`guess-${i}`))).status)
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429])
    // Twilio and monitors are not users.
    expect((await app.get('/api/phone/health')).status).toBe(200)
    expect(
      (await app.postForm('/api/phone/twilio/status', { CallSid: 'CA1', CallStatus: 'busy' }))
        .status,
    ).toBe(204)
  })
})
