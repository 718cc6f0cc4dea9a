import { afterEach, describe, expect, it } from 'vitest'
import { ProviderError, StoreError } from '../../src/errors.ts'
import { OnceOnly } from '../../src/calls/once-only.ts'
import { quiet } from '../helpers/fake-ports.ts'
import { scaledClock } from '../../src/clock.ts'
import { startApp, type TestApp } from '../helpers/parley-app.ts'
import { SteppingClock } from '../helpers/stepping-clock.ts'

let app: TestApp

afterEach(() => app.close())

const body = { phone_number: '+12125551234', action: 'Say hello', metadata: { order: '1' } }
const named = { 'idempotency-key': 'appointment-4711' }

const place = (more: object = {}, headers: Record<string, string> = named) =>
  app.post('/api/phone/call', { ...body, ...more }, headers)

describe('a call that is asked for twice', () => {
  it('is one call, with one answer', async () => {
    app = await startApp()
    const first = await place()
    const second = await place()
    expect(first.status).toBe(201)
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second).toMatchObject({ status: 201, text: first.text })
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(second.headers.get('location')).toBe(first.headers.get('location'))
    expect(app.telephony.dialled).toHaveLength(1)
    expect((await place({}, {})).text).not.toBe(first.text)
  })

  it('is one call also while the first is being dialled, and when the key stands in the body', async () => {
    app = await startApp()
    const gate = Promise.withResolvers<undefined>()
    app.telephony.dialGate = gate.promise
    const asked = [place(), place(), place({ idempotency_key: 'appointment-4711' }, {})]
    await expect.poll(() => app.telephony.dialled.length).toBe(1)
    gate.resolve(undefined)
    const answers = await Promise.all(asked)
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(app.telephony.dialled).toHaveLength(1)
  })

  it('is a mistake when it is another call', async () => {
    app = await startApp()
    await place()
    for (const { status, json } of [
      await place({ action: 'Say goodbye' }),
      await app.post('/api/phone/register-call', body, named),
    ]) {
      expect([status, json.error.code]).toEqual([422, 'idempotency_key_reused'])
    }
    expect(app.telephony.dialled).toHaveLength(1)
  })

  it('is two calls when two users ask, or when a day has passed', async () => {
    const clock = new SteppingClock()
    app = await startApp({ clock, apiKeys: ['a:calls:create:k-a', 'b:calls:create:k-b'] })
    const by = (key: string) => place({}, { ...named, 'x-api-key': key })
    const first = await by('k-a')
    expect((await by('k-b')).text).not.toBe(first.text)
    clock.advance(86_399_000)
    expect((await by('k-a')).text).toBe(first.text)
    clock.advance(1000)
    expect((await by('k-a')).text).not.toBe(first.text)
  })

  it('may be asked for again when nothing was begun, and not when the phone may have rung', async () => {
    app = await startApp({ clock: scaledClock(20), settings: { maxCalls: 1 } })
    await place({}, {})
    expect((await place()).status).toBe(503)
    await app.calls.hangUp(app.conversations[0]!.plan.callId)
    await app.calls.idle()
    app.telephony.dialError = new ProviderError('no answer', {
      provider: 'twilio',
      code: 'timeout',
    })
    const failed = await place()
    expect(failed.status).toBe(502)
    app.telephony.dialError = undefined
    expect(await place()).toMatchObject({ status: 502, text: failed.text })
    expect(app.telephony.dialled).toHaveLength(2)
  })

  it('does not ring twice when the server dies in between', async () => {
    app = await startApp()
    const { requests } = app.store
    const work = (rung: string[]) => ({
      carryOut: (callId: string) => {
        rung.push(callId)
        return Promise.resolve({ status: 201, body: '{}' })
      },
      recover: (callId: string) => Promise.resolve({ status: 201, body: callId }),
    })
    const request = { owner: '', key: 'k', fingerprint: 'f' }
    const rung: string[] = []
    // Dies after it has begun, and before it has answered.
    const dying = new OnceOnly({ requests, clock: app.clock, log: quiet })
    const { carryOut, recover } = work(rung)
    void dying.run(request, {
      carryOut: async (callId) => {
        await carryOut(callId)
        return new Promise(() => undefined)
      },
      recover,
    })
    await expect.poll(() => rung.length).toBe(1)
    const next = new OnceOnly({ requests, clock: app.clock, log: quiet })
    expect(await next.run(request, work(rung))).toMatchObject({ body: rung[0] })
    expect(rung).toHaveLength(1)
    const unknown = { ...work(rung), recover: () => Promise.resolve(undefined) }
    await expect(next.run(request, unknown)).rejects.toMatchObject({ code: 'request_in_progress' })
  })

  it('rings nobody when it cannot be known whether it has before', async () => {
    app = await startApp()
    app.store.requests.reserve = () =>
      Promise.reject(new StoreError('database is locked', { code: 'unavailable' }))
    expect((await place()).status).toBe(503)
    expect(app.telephony.dialled).toEqual([])
    expect((await place({}, {})).status).toBe(201)
  })

  it('has a key that can be written in a header', async () => {
    app = await startApp()
    for (const key of ['with space', 'x'.repeat(256)]) {
      expect((await place({ idempotency_key: key }, {})).status).toBe(400)
    }
  })
})
