import { setImmediate } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { pino } from 'pino'
import { CallEvents } from '../../../src/calls/call-events.ts'
import { MemoryCallStore } from '../../../src/calls/call-store.ts'
import type { CallRecord } from '../../../src/calls/record.ts'
import type { Delivery } from '../../../src/calls/webhooks/delivery.ts'
import { PAUSES_MS } from '../../../src/calls/webhooks/retry-schedule.ts'
import { WebhookSigner } from '../../../src/calls/webhooks/webhook-signer.ts'
import { Webhooks, type WebhooksParts } from '../../../src/calls/webhooks/webhooks.ts'
import { CallError } from '../../../src/errors.ts'
import { WebhookClient } from '../../../src/providers/webhooks/webhook-client.ts'
import { SteppingClock } from '../../helpers/stepping-clock.ts'
import { startReceiver } from '../../helpers/webhook-receiver.ts'
import { endedCall } from '../outcome/ended-call.ts'

const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
const HOUR = 3_600_000

/** A store that fails when it is told to. */
class Store extends MemoryCallStore {
  failures = 0
  isAway = false

  override claimDueDeliveries(query: Parameters<MemoryCallStore['claimDueDeliveries']>[0]) {
    if (this.isAway) return Promise.reject(new Error('the database is away'))
    return super.claimDueDeliveries(query)
  }

  override updateDelivery(delivery: Delivery): Promise<void> {
    if (this.isAway) return Promise.reject(new Error('the database is away'))
    return super.updateDelivery(delivery)
  }

  override addDelivery(delivery: Delivery): Promise<void> {
    if (this.failures-- > 0) return Promise.reject(new Error('the disk is full'))
    return super.addDelivery(delivery)
  }
}

type Options = Partial<WebhooksParts> & { store?: Store; clock?: SteppingClock }

function setUp(options: Options = {}) {
  // Receivers compare the time of a message with their own.
  const clock = options.clock ?? new SteppingClock(new Date().toISOString())
  const store = options.store ?? new Store({ clock })
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  const lines: string[] = []
  const http = new WebhookClient()
  const webhooks = new Webhooks({
    events,
    records: {
      get: async (callId) => {
        const record = await store.get(callId)
        if (record) return record
        throw new CallError('no such call', { code: 'call_not_found' })
      },
    },
    store,
    http,
    signer: new WebhookSigner([secret]),
    url: undefined,
    clock,
    log: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }),
    ...options,
  })
  let isClosed = false
  const close = async () => {
    if (isClosed) return
    isClosed = true
    const closing = webhooks.close()
    for (let i = 0; i < 50; i++) await setImmediate()
    clock.advance(5000)
    await closing
    await http.close()
  }
  onTestFinished(async () => {
    await close()
    expect(clock.pending).toBe(0)
  })
  /** Lets time pass until all that became due was sent. */
  const pass = async (ms: number) => {
    await webhooks.idle()
    clock.advance(ms)
    await webhooks.idle()
    // What was looked up on the way may have found something that is due by now.
    clock.advance(0)
    await webhooks.idle()
  }
  const begin = async (record: CallRecord) => {
    await store.save(record)
    events.publish(record.callId, { type: 'call.created', record })
  }
  const end = ({ callId, status, endReason = 'agent_hung_up' }: CallRecord) => {
    events.publish(callId, { type: 'call.ended', status, endReason })
  }
  return { clock, store, events, webhooks, lines, close, pass, begin, end }
}

const call = (url: string, change: Partial<CallRecord> = {}) =>
  endedCall(change, { webhookUrl: url })

describe('webhooks', () => {
  it('tell of a call as it goes on, signed, each once', async () => {
    const receiver = await startReceiver()
    const { begin, end, events, webhooks } = setUp()
    const record = call(receiver.url)
    await begin(record)
    events.publish(record.callId, { type: 'call.answered' })
    events.publish(record.callId, { type: 'call.status', status: 'in_progress' })
    end(record)
    const outcome = { disposition: 'completed', turns: {}, unknown: [], problems: [] } as const
    events.publish(record.callId, { type: 'call.outcome', outcome })
    await webhooks.idle()
    await vi.waitFor(() => {
      expect(receiver.types()).toEqual([
        'call.started',
        'call.answered',
        'call.ended',
        'call.outcome',
      ])
    })
    for (const { headers, body, path } of receiver.received) {
      expect(path).toBe('/hooks')
      expect(headers['content-type']).toBe('application/json')
      expect(headers['user-agent']).toMatch(/^parley\//)
      expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({
        data: { call_id: 'call_1' },
      })
    }
    const ids = receiver.received.map(({ headers }) => headers['webhook-id'])
    expect(ids).toEqual([
      'msg_call_1_started',
      'msg_call_1_answered',
      'msg_call_1_ended',
      'msg_call_1_outcome',
    ])
    const deliveries = await webhooks.list('call_1')
    expect(
      deliveries.map(({ state, attempts, lastStatus }) => [state, attempts, lastStatus]),
    ).toEqual(Array.from({ length: 4 }, () => ['delivered', 1, 204]))
  })

  it('go where the call says, or else where the server says, or nowhere', async () => {
    const [own, global] = [await startReceiver(), await startReceiver()]
    const one = setUp({ url: global.url })
    await one.begin(call(own.url))
    await one.begin(endedCall({ callId: 'call_2' }))
    await one.webhooks.idle()
    expect([own.types(), global.types()]).toEqual([['call.started'], ['call.started']])
    const two = setUp()
    await two.begin(endedCall())
    await two.webhooks.idle()
    expect(await two.webhooks.list('call_1')).toEqual([])
  })

  it('are sent again with the same id until they are taken, and for three days', async () => {
    const receiver = await startReceiver(503)
    const { begin, pass, webhooks, clock, lines } = setUp()
    await begin(call(receiver.url))
    await pass(0)
    const startMs = clock.now()
    const hours: number[] = []
    for (let attempts = 1; attempts < 10; attempts++) {
      expect(receiver.received).toHaveLength(attempts)
      const [pending] = await webhooks.list('call_1')
      expect(pending).toMatchObject({ state: 'pending', attempts, lastError: 'answered 503' })
      const waitMs = pending!.nextAttemptAt!.getTime() - clock.date().getTime()
      expect(Math.abs(waitMs / PAUSES_MS[attempts - 1]! - 1)).toBeLessThan(0.11)
      await pass(waitMs - 1)
      expect(receiver.received).toHaveLength(attempts)
      await pass(1)
      hours.push((clock.now() - startMs) / HOUR)
    }
    expect(hours.at(-1)).toBeGreaterThan(65)
    expect(receiver.received).toHaveLength(10)
    expect((await webhooks.list('call_1'))[0]).toMatchObject({ state: 'dead', attempts: 10 })
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    const times = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']))
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(65 * 3600)
    expect(lines.some((line) => line.includes('webhook given up'))).toBe(true)
    await pass(100 * HOUR)
    expect(receiver.received).toHaveLength(10)
  })

  it('survive every way in which a receiver can fail', async () => {
    const receiver = await startReceiver('drop', 302, 400, 200)
    const { begin, pass, webhooks } = setUp()
    await begin(call(receiver.url))
    const errors: unknown[] = []
    for (const ms of [0, 6000, 340_000, 2_000_000]) {
      await pass(ms)
      errors.push((await webhooks.list('call_1'))[0]?.lastError)
    }
    expect(errors).toEqual([
      'no answer (ECONNRESET)',
      'answered 302: redirects are not followed',
      'answered 400',
      undefined,
    ])
    // A redirect that was followed would have led elsewhere.
    expect(receiver.received.map(({ path }) => path)).toEqual([
      '/hooks',
      '/hooks',
      '/hooks',
      '/hooks',
    ])
  })

  it('do not wait for ever', async () => {
    const receiver = await startReceiver('hang', 200)
    const { begin, webhooks, clock, pass } = setUp()
    await begin(call(receiver.url))
    await vi.waitFor(() => {
      expect(receiver.received).toHaveLength(1)
    })
    clock.advance(14_999)
    expect((await webhooks.list('call_1'))[0]).toMatchObject({ attempts: 0 })
    clock.advance(1)
    await webhooks.idle()
    expect((await webhooks.list('call_1'))[0]).toMatchObject({
      attempts: 1,
      lastError: 'no answer in 15 s',
    })
    await pass(6000)
    expect((await webhooks.list('call_1'))[0]).toMatchObject({ state: 'delivered', attempts: 2 })
  })

  it('come in order, and one that is not taken holds back the next only for minutes', async () => {
    const receiver = await startReceiver(500)
    const { begin, end, pass } = setUp()
    const record = call(receiver.url)
    await begin(record)
    end(record)
    await pass(0)
    await pass(6000)
    expect(receiver.types()).toEqual(['call.started', 'call.started'])
    await pass(340_000)
    await pass(1000)
    expect(receiver.types()).toEqual(['call.started', 'call.started', 'call.started', 'call.ended'])
  })

  it('come in order once the receiver is back', async () => {
    const receiver = await startReceiver(500, 200)
    const { begin, end, pass, events, webhooks } = setUp()
    const record = call(receiver.url)
    await begin(record)
    await pass(0)
    events.publish(record.callId, { type: 'call.answered' })
    end(record)
    await pass(1000)
    expect(receiver.types()).toEqual(['call.started'])
    await pass(6000)
    await pass(1000)
    expect(receiver.types()).toEqual([
      'call.started',
      'call.started',
      'call.answered',
      'call.ended',
    ])
    expect((await webhooks.list('call_1')).map(({ state }) => state)).toEqual([
      'delivered',
      'delivered',
      'delivered',
    ])
  })

  it('leave an address alone that says it is gone, until somebody asks for it', async () => {
    const receiver = await startReceiver(410)
    const { begin, end, pass, events, webhooks } = setUp()
    const record = call(receiver.url)
    await begin(record)
    events.publish(record.callId, { type: 'call.answered' })
    await pass(0)
    end(record)
    await pass(100 * HOUR)
    expect(receiver.types()).toEqual(['call.started'])
    const deliveries = await webhooks.list('call_1')
    expect(deliveries.map(({ state, lastError }) => [state, lastError])).toEqual([
      ['dead', 'answered 410'],
      ['dead', 'the address has said that it is gone (410)'],
      ['dead', 'the address has said that it is gone (410)'],
    ])

    receiver.answer(200)
    expect(await webhooks.resend('msg_call_1_ended')).toMatchObject({
      state: 'pending',
      attempts: 0,
    })
    await pass(0)
    expect(receiver.types()).toEqual(['call.started', 'call.ended'])
    // It is there after all.
    const outcome = { disposition: 'completed', turns: {}, unknown: [], problems: [] } as const
    events.publish(record.callId, { type: 'call.outcome', outcome })
    await pass(0)
    expect(receiver.types()).toEqual(['call.started', 'call.ended', 'call.outcome'])
  })

  it('are sent again by hand whatever has become of them, and only if they are known', async () => {
    const receiver = await startReceiver(200)
    const { begin, pass, webhooks } = setUp()
    await begin(call(receiver.url))
    await pass(0)
    expect(await webhooks.resend('msg_nobody')).toBeUndefined()
    await webhooks.resend('msg_call_1_started')
    await pass(0)
    expect(receiver.received.map(({ body }) => body)).toEqual([
      receiver.received[0]?.body,
      receiver.received[0]?.body,
    ])
    expect((await webhooks.list('call_1'))[0]).toMatchObject({ state: 'delivered', attempts: 1 })
  })

  it('are taken up by the next process, and what was going on is made again', async () => {
    const receiver = await startReceiver('hang')
    const before = setUp()
    await before.begin(call(receiver.url))
    await vi.waitFor(() => {
      expect(receiver.received).toHaveLength(1)
    })
    await before.close()
    expect((await before.webhooks.list('call_1'))[0]).toMatchObject({
      state: 'pending',
      attempts: 0,
    })

    receiver.answer(200)
    const { store, clock } = before
    const after = setUp({ store, clock })
    after.webhooks.start()
    await after.webhooks.idle()
    expect(receiver.types()).toEqual(['call.started', 'call.started'])
    expect((await after.webhooks.list('call_1'))[0]).toMatchObject({
      state: 'delivered',
      attempts: 1,
    })
  })

  it('are taken up from a process that was killed, once its lease is over', async () => {
    const receiver = await startReceiver(200)
    const { store, clock, webhooks, pass, begin } = setUp({ url: undefined })
    await begin(endedCall())
    const now = clock.date()
    await store.addDelivery({
      id: 'msg_1',
      callId: 'call_1',
      type: 'call.ended',
      url: receiver.url,
      payload: '{"type":"call.ended"}',
      createdAt: now,
      state: 'pending',
      attempts: 0,
      nextAttemptAt: now,
    })
    await store.claimDueDeliveries({ now, leaseUntil: new Date(now.getTime() + 60_000), limit: 1 })
    webhooks.start()
    await pass(59_000)
    expect(receiver.types()).toEqual([])
    await pass(1000)
    expect(receiver.types()).toEqual(['call.ended'])
  })

  it('do not let a slow receiver be flooded, nor others wait for it', async () => {
    const slow = await startReceiver('hang')
    const quick = await startReceiver(200)
    const { begin, clock, pass, webhooks } = setUp()
    for (let i = 0; i < 40; i++) {
      await begin(call(i % 2 === 0 ? slow.url : quick.url, { callId: `call_${i}` }))
    }
    await vi.waitFor(() => {
      expect(slow.received).toHaveLength(4)
    })
    // Those that had to wait for one of the four places come back soon.
    await vi.waitFor(
      () => {
        clock.advance(100)
        expect(new Set(quick.received.map(({ body }) => body)).size).toBe(20)
      },
      { timeout: 5000 },
    )
    expect(slow.mostOpen()).toBe(4)
    slow.answer(200)
    clock.advance(15_000)
    for (let i = 0; i < 20; i++) await pass(60_000)
    expect(new Set(slow.received.map(({ body }) => body)).size).toBe(20)
    const [last] = await webhooks.list('call_38')
    expect(last?.state).toBe('delivered')
  })

  it('leave a host in peace that does not answer', async () => {
    const receiver = await startReceiver('drop')
    const { begin, pass } = setUp()
    for (let i = 0; i < 30; i++) await begin(call(receiver.url, { callId: `call_${i}` }))
    await pass(0)
    for (let i = 0; i < 50; i++) await pass(1000)
    expect(receiver.received.length).toBeLessThanOrEqual(8)
    receiver.answer(200)
    for (let i = 0; i < 30; i++) await pass(60_000)
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(30)
  })

  it('never go to an address that is not allowed', async () => {
    const receiver = await startReceiver(200)
    const { begin, pass, webhooks } = setUp({
      allowUrl: ({ hostname }) => hostname !== '127.0.0.1',
    })
    await begin(call(receiver.url))
    await pass(0)
    await pass(HOUR)
    expect(receiver.received).toEqual([])
    expect((await webhooks.list('call_1'))[0]).toMatchObject({
      state: 'dead',
      attempts: 1,
      lastError: 'the address is not allowed',
    })
  })

  it('wait for a store that is out of order, in order', async () => {
    const receiver = await startReceiver(200)
    const { begin, end, pass, store, clock } = setUp()
    store.failures = 2
    const record = call(receiver.url)
    await begin(record)
    end(record)
    for (const ms of [1000, 5000]) {
      for (let i = 0; i < 20; i++) await setImmediate()
      expect(receiver.types()).toEqual([])
      clock.advance(ms)
    }
    await pass(0)
    await pass(1000)
    expect(receiver.types()).toEqual(['call.started', 'call.ended'])
  })

  it('are dropped for a call that has been erased, without a fuss', async () => {
    const receiver = await startReceiver(200)
    const { end, lines, clock, webhooks } = setUp({ url: receiver.url })
    end(endedCall({ callId: 'call_erased' }))
    for (const ms of [1000, 5000, 30_000]) {
      for (let i = 0; i < 20; i++) await setImmediate()
      clock.advance(ms)
    }
    await webhooks.idle()
    expect(receiver.received).toEqual([])
    expect(lines).toEqual([])
  })

  it('say nothing in the log of an address but its host', async () => {
    const receiver = await startReceiver(500, 410)
    const { begin, pass, lines } = setUp()
    await begin(call(`${receiver.url}?token=hush`))
    await pass(0)
    await pass(6000)
    expect(lines).toHaveLength(2)
    expect(lines.join('\n')).toContain('"host":"127.0.0.1:')
    expect(lines.join('\n')).not.toMatch(/hush|hooks|\+1555/)
  })

  it('are not held back when the database goes away for a moment in the middle', async () => {
    const receiver = await startReceiver('hang', 200)
    const { begin, store, webhooks, lines, clock } = setUp()
    await begin(call(receiver.url))
    await vi.waitFor(() => {
      expect(receiver.received).toHaveLength(1)
    })
    store.isAway = true
    clock.advance(15_000)
    const goOn = async () => {
      await setImmediate()
      clock.advance(500)
      await setImmediate()
    }
    for (let i = 0; i < 10; i++) await goOn()
    store.isAway = false
    for (let i = 0; i < 3; i++) await goOn()
    // What became of the first attempt is known, and the second was made, long before the lease of the first would have ended.
    await expect
      .poll(async () => (await webhooks.list('call_1'))[0])
      .toMatchObject({ state: 'delivered', attempts: 2 })
    expect(lines.join()).not.toContain('state of a webhook was not stored')
  })

  it('come twice rather than never when the database goes away in the middle', async () => {
    const receiver = await startReceiver('hang', 200)
    const { begin, pass, store, webhooks, lines, clock } = setUp()
    await begin(call(receiver.url))
    await vi.waitFor(() => {
      expect(receiver.received).toHaveLength(1)
    })
    store.isAway = true
    // It is found out that nobody answers, and cannot be written down; nor can anything be looked up.
    clock.advance(15_000)
    for (let i = 0; i < 80; i++) {
      await setImmediate()
      clock.advance(500)
    }
    for (let i = 0; i < 4; i++) await pass(5000)
    store.isAway = false
    for (let i = 0; i < 5; i++) await pass(15_000)
    expect(receiver.types()).toEqual(['call.started', 'call.started'])
    expect((await webhooks.list('call_1'))[0]).toMatchObject({ state: 'delivered', attempts: 1 })
    const said = lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
    expect(said.filter((msg) => msg === 'due webhooks were not looked up')).toHaveLength(1)
    expect(said).toContain('state of a webhook was not stored')
  })

  it('are given up one by one, and said so, when the store takes none for long', async () => {
    const receiver = await startReceiver(200)
    const { begin, store, lines, clock, webhooks } = setUp()
    store.failures = Infinity
    for (let i = 0; i < 2001; i++) await begin(call(receiver.url, { callId: `call_${i}` }))
    for (const ms of [1000, 5000, 30_000, 60_000, 300_000, 600_000]) {
      for (let i = 0; i < 50; i++) await setImmediate()
      clock.advance(ms)
    }
    await webhooks.idle()
    const said = lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
    expect(said.filter((msg) => msg === 'webhook lost')).toHaveLength(2000)
    expect(said.filter((msg) => msg === 'webhook lost: too many wait for the store')).toHaveLength(
      1,
    )
    expect(receiver.received).toEqual([])
  })
})
