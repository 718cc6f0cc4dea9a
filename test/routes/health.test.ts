import { parseApiKeys } from '../../src/access/api-key.ts'
import fastify from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import type { VendorState } from '../../src/calls/vendor-health.ts'
import type { Provider } from '../../src/errors.ts'
import type { StoreState } from '../../src/metrics/store-check.ts'
import { healthRoutes } from '../../src/routes/health.ts'
import { VERSION } from '../../src/version.ts'
import { spec } from '../helpers/fake-calls.ts'
import { startApp } from '../helpers/parley-app.ts'

const READY = ['/api/phone/health', '/api/phone/ready', '/api/phone/health/ready']
const LIVE = ['/api/phone/live', '/api/phone/health/live']
const KEY = { 'x-api-key': 'key' }

const at = new Date('2026-11-21T10:00:00Z')
const later = new Date('2026-11-21T10:00:01Z')

type Check = { observedValue: unknown; observedUnit: string; status: string; output?: string }
type HealthJson = {
  status: string
  version?: string
  reasons?: string[]
  checks?: Record<string, Check[]>
}

/** The routes alone, about a server that is as the test says. */
async function serverThatIs(
  state: {
    vendors?: [Provider, VendorState][]
    store?: StoreState
    hasAnswered?: boolean
    isOverloaded?: boolean
    apiKeys?: string[]
  } = {},
) {
  const app = fastify()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.register(
    healthRoutes({
      calls: {
        load: { active: 2, max: 5, draining: false },
        closedFor: state.isOverloaded ? ['overloaded'] : [],
        vendors: new Map(state.vendors ?? [['deepgram', {}]]),
      },
      apiKeys: parseApiKeys(state.apiKeys ?? []).keys,
      machine: {
        store: {
          state: () => Promise.resolve(state.store ?? { ok: true, pingMs: 1.23, at }),
          hasAnswered: state.hasAnswered ?? true,
        },
        outboxDepth: () => 4,
        loop: { p99Ms: 3.14 },
      },
    }),
    { prefix: '/api/phone' },
  )
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => app.close())
  return async (path = '/api/phone/health', headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, { headers })
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      headers: response.headers,
      json: (await response.json()) as HealthJson,
    }
  }
}

describe('a server that takes calls', () => {
  it('says so', async () => {
    const get = await serverThatIs()
    for (const path of READY) {
      const { status, type, headers, json } = await get(path)
      expect(status).toBe(200)
      expect(type).toMatch(/^application\/health\+json/)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(json).toMatchObject({ status: 'pass', version: VERSION, reasons: [] })
    }
    for (const path of LIVE) {
      expect(await get(path)).toMatchObject({ status: 200, json: { status: 'pass' } })
    }
  })

  it('tells how it is in particular', async () => {
    const { json } = await (await serverThatIs())()
    const values = Object.fromEntries(
      Object.entries(json.checks ?? {}).map(([name, [check]]) => [
        name,
        [check?.observedValue, check?.observedUnit],
      ]),
    )
    expect(values).toMatchObject({
      uptime: [expect.any(Number), 's'],
      'memory:resident': [expect.any(Number), 'B'],
      'calls:active': [2, 'calls'],
      'calls:capacity': [5, 'calls'],
      'loop:delayP99': [3.1, 'ms'],
      'store:responseTime': [1.2, 'ms'],
      'store:outbox': [4, 'records'],
    })
    expect(values['memory:resident']?.[0]).toBeGreaterThan(10_000_000)
  })

  it('tells strangers no more than that', async () => {
    const get = await serverThatIs({ apiKeys: ['key'], isOverloaded: true })
    expect((await get()).json).toEqual({ status: 'fail' })
    expect((await get('/api/phone/ready', { 'x-api-key': 'wrong' })).json).toEqual({
      status: 'fail',
    })
    expect((await get('/api/phone/health', KEY)).json.reasons).toEqual(['overloaded'])
  })
})

describe('vendors', () => {
  it('are shown with their last success and their last error', async () => {
    const error = { code: 'quota:402', at: later }
    const get = await serverThatIs({
      vendors: [
        ['twilio', {}],
        ['deepgram', { lastOkAt: at, lastError: error }],
        ['anthropic', { lastOkAt: later, lastError: { ...error, at } }],
      ],
    })
    const { status, json } = await get('/api/phone/ready')
    expect([status, json.status]).toEqual([200, 'warn'])
    expect(json.checks).toMatchObject({
      'twilio:lastSuccess': [{ observedValue: null }],
      'twilio:lastError': [{ observedValue: null, status: 'pass' }],
      'deepgram:lastSuccess': [{ observedValue: at.toISOString() }],
      'deepgram:lastError': [
        { observedValue: later.toISOString(), status: 'warn', output: 'quota:402' },
      ],
      // It has done well since.
      'anthropic:lastError': [{ observedValue: at.toISOString(), status: 'pass' }],
    })
  })
})

describe('a server that takes no calls says why', () => {
  it('while its loop is late', async () => {
    const { status, headers, json } = await (await serverThatIs({ isOverloaded: true }))()
    expect([status, headers.get('retry-after')]).toEqual([503, '10'])
    expect(json).toMatchObject({
      status: 'fail',
      reasons: ['overloaded'],
      checks: { 'loop:delayP99': [{ status: 'fail' }] },
    })
  })

  it('while its store has not answered since the start; later that is a warning', async () => {
    const store = { ok: false, at }
    const { status, json } = await (await serverThatIs({ store, hasAnswered: false }))()
    expect(status).toBe(503)
    expect(json).toMatchObject({
      reasons: ['store_unavailable'],
      checks: { 'store:responseTime': [{ observedValue: null, status: 'fail' }] },
    })
    const warned = await (await serverThatIs({ store }))()
    expect(warned).toMatchObject({
      status: 200,
      json: {
        status: 'warn',
        reasons: [],
        checks: { 'store:responseTime': [{ observedValue: null, status: 'warn' }] },
      },
    })
  })
})

describe('a whole server', () => {
  let app: Awaited<ReturnType<typeof startApp>>

  afterEach(() => app.close())

  it('is not ready while all lines are taken, and still alive', async () => {
    app = await startApp({ settings: { maxCalls: 1 } })
    await app.calls.place(spec)
    for (const path of READY) {
      expect(await app.get(path)).toMatchObject({
        status: 503,
        json: { status: 'fail', reasons: ['at_capacity'] },
      })
    }
    for (const path of LIVE) expect((await app.get(path)).status).toBe(200)
  })

  it('is not ready while it shuts down, and says when to ask again', async () => {
    app = await startApp()
    app.calls.drain()
    const ready = await app.get('/api/phone/ready')
    expect(ready).toMatchObject({ status: 503, json: { reasons: ['draining'] } })
    expect(ready.headers.get('retry-after')).toBe('10')
  })

  it('warns when a vendor failed the last time, in no more words than its code', async () => {
    app = await startApp()
    await app.calls.place(spec)
    const failure = { by: 'deepgram', code: 'quota:402', message: 'used up' } as const
    app.conversations[0]?.finish({ reason: 'failed', failure })
    await app.calls.idle()
    const ready = await app.get('/api/phone/ready')
    expect(ready).toMatchObject({ status: 200, json: { status: 'warn' } })
    expect(ready.json).toMatchObject({
      checks: { 'deepgram:lastError': [{ status: 'warn', output: 'quota:402' }] },
    })
    expect(ready.text).not.toContain('used up')
  })
})
