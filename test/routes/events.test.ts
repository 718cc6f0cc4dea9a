import fc from 'fast-check'
import type { CallHappening } from '../../src/calls/call-events.ts'
import type { CallOutcome } from '../../src/calls/outcome/outcome.ts'
import { scaledClock } from '../../src/clock.ts'
import { EventView } from '../../src/routes/event-view.ts'
import { connect, type Connection, type SentEvent } from '../helpers/event-source.ts'
import { startApp, type TestApp } from '../helpers/parley-app.ts'
import { describe, expect, it, onTestFinished } from '../helpers/together.ts'

async function started(...options: Parameters<typeof startApp>): Promise<TestApp> {
  const app = await startApp(...options)
  onTestFinished(() => app.close())
  return app
}

const body = { phone_number: '+15551234567', action: 'Confirm the appointment' }
const outcome: CallOutcome = {
  disposition: 'callback_requested',
  callbackAt: 'tomorrow',
  turns: {},
  unknown: [],
  problems: [],
}

function said(text: string): CallHappening {
  return { type: 'turn', turn: { role: 'caller', text, startMs: 1.4, endMs: 2.6 } }
}

async function placeCall(app: TestApp): Promise<{ callId: string; path: string; url: string }> {
  const { json } = await app.post('/api/phone/call', body)
  const callId = String(json['call_id'])
  const path = `/api/phone/calls/${callId}/events`
  return { callId, path, url: app.url + path }
}

/** Ends the last call that was placed, after a word. */
async function endCall(app: TestApp, callId: string): Promise<void> {
  app.calls.answered({ callId, callSid: `CA1`, from: '', direction: 'outbound' })
  app.conversations[0]?.finish({ reason: 'agent_hung_up' })
  await app.calls.idle()
}

const dataOf = (events: readonly SentEvent[]) =>
  events.map(({ data }) => EventView.parse(JSON.parse(data ?? '')))

describe('GET /api/phone/calls/{call_id}/events', () => {
  it('tells a call from its beginning to its outcome, and ends', async () => {
    const app = await started()
    const { callId, url } = await placeCall(app)
    const stream = await connect(url)
    expect(stream).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      },
    })
    await stream.got(1)
    app.calls.statusChanged({ callId, callSid: 'CA1', status: 'ringing' })
    app.calls.answered({ callId, callSid: 'CA1', from: '', direction: 'outbound' })
    await stream.got(4)
    app.events.pass(callId, { type: 'caller.partial', text: 'Hel' })
    await stream.got(5)
    app.events.publish(callId, said('Hello'))
    app.events.publish(callId, { type: 'call.answered_by', answeredBy: 'person' })
    app.events.publish(callId, {
      type: 'timings',
      timings: { reply: 1, kind: 'answer', heardMs: 3.6 },
    })
    app.events.pass(callId, { type: 'agent.heard', reply: 1, text: 'Hi' })
    await stream.got(9)
    app.conversations[0]?.finish({ reason: 'agent_hung_up' })
    await app.calls.idle()
    app.events.publish(callId, { type: 'call.outcome', outcome })
    await stream.over
    const at = expect.stringMatching(/^20.*Z$/) as string
    expect(stream.events.map(({ id, event }) => [id, event])).toEqual([
      ['1', 'call.created'],
      ['2', 'call.status'],
      ['3', 'call.answered'],
      ['4', 'call.status'],
      [undefined, 'caller.partial'],
      ['5', 'turn'],
      ['6', 'call.answered_by'],
      ['7', 'timings'],
      [undefined, 'agent.heard'],
      ['8', 'call.ended'],
      ['9', 'call.outcome'],
    ])
    const events = dataOf(stream.events)
    expect(events).toMatchObject([
      { type: 'call.created', seq: 1, at, call: { call_id: callId, status: 'queued' } },
      { type: 'call.status', status: 'ringing' },
      { type: 'call.answered' },
      { type: 'call.status', status: 'in_progress' },
      { type: 'caller.partial', text: 'Hel' },
      { type: 'turn', turn: { role: 'caller', text: 'Hello', start_ms: 1, end_ms: 3 } },
      { type: 'call.answered_by', answered_by: 'person' },
      { type: 'timings', timings: { reply: 1, heard_ms: 4 } },
      { type: 'agent.heard', reply: 1, text: 'Hi' },
      { type: 'call.ended', status: 'completed', end_reason: 'agent_hung_up', failure: null },
      { type: 'call.outcome', outcome: { disposition: 'callback_requested', data: null } },
    ])
    for (const { call_id } of events) expect(call_id).toBe(callId)
    await expect.poll(() => app.feed.size).toBe(0)
  })

  it('goes on after the event that was seen last, by either way of saying so', async () => {
    const app = await started()
    const { callId, url } = await placeCall(app)
    for (const text of ['a', 'b', 'c']) app.events.publish(callId, said(text))
    const byQuery = await connect(`${url}?after=2`)
    expect((await byQuery.got(2)).map(({ id }) => id)).toEqual(['3', '4'])
    const byHeader = await connect(`${url}?after=2`, { lastId: '3' })
    expect((await byHeader.got(1)).map(({ id }) => id)).toEqual(['4'])
    byQuery.cut()
    byHeader.cut()
    await expect.poll(() => app.feed.size).toBe(0)
  })

  it('ends for good once all is told, so that a browser does not come again', async () => {
    const app = await started()
    const { callId, url } = await placeCall(app)
    await endCall(app, callId)
    await app.store.saveOutcome(callId, outcome)
    app.events.publish(callId, { type: 'call.outcome', outcome })
    const whole = await connect(url)
    await whole.over
    expect(whole.events.at(-1)?.event).toBe('call.outcome')
    const again = await connect(url, { lastId: whole.lastId() })
    await again.over
    expect(again.status).toBe(204)
    expect(again.events).toEqual([])
  })

  it(
    'waits a minute for an outcome, and no longer',
    async () => {
      const app = await started({ clock: scaledClock(300) })
      const { callId, url } = await placeCall(app)
      const stream = await connect(url)
      await endCall(app, callId)
      await stream.over
      const told = stream.events.map(({ event, comment }) => event ?? comment)
      expect(told.slice(-4)).toEqual(['call.ended', 'still here', 'still here', 'still here'])
    },
    // A quarter of a minute lasts 50 ms here: others would make it longer.
    { concurrent: false },
  )

  it('says every 15 seconds that it is still there', async () => {
    const app = await started({ clock: scaledClock(100), feedLimits: { slowMs: 1e6 } })
    const { url } = await placeCall(app)
    const stream = await connect(url)
    await expect.poll(() => stream.events.length).toBeGreaterThanOrEqual(3)
    const before = app.clock.now()
    const count = stream.events.length
    await expect.poll(() => stream.events.length).toBeGreaterThan(count + 3)
    expect(app.clock.now() - before).toBeGreaterThan(3 * 15_000)
    expect(stream.events.at(-1)?.comment).toBe('still here')
    stream.cut()
  })

  it('refuses what it does not know', async () => {
    const app = await started()
    expect((await app.get('/api/phone/calls/call_x/events')).json.error.code).toBe('call_not_found')
    const { path } = await placeCall(app)
    const negative = await app.get(`${path}?after=-1`)
    expect(negative.status).toBe(400)
    expect(negative.json.error.message).toBe(
      'after: expected the id of an event, a whole number; got "-1"',
    )
    const header = await app.get(path, { 'last-event-id': 'call_1:7' })
    expect(header.json.error.details).toMatchObject([
      { field: 'last-event-id', received: 'call_1:7' },
    ])
    expect((await app.get(`${path}?since=1`)).status).toBe(400)
    // Nobody reads the body of such an answer, which might never end.
    expect((await fetch(app.url + path, { method: 'HEAD' })).status).toBe(404)
  })

  it('is for holders of a key', async () => {
    const app = await started({ apiKeys: ['key'] })
    for (const path of ['/api/phone/events', '/api/phone/calls/call_1/events']) {
      expect((await app.get(path)).status).toBe(401)
    }
    expect(app.feed.size).toBe(0)
  })
})

describe('whoever follows', () => {
  it('and loses the connection, wherever, misses nothing and hears nothing twice', async () => {
    const app = await started()
    const { callId } = await placeCall(app)
    const urls = [`/api/phone/calls/${callId}/events`, '/api/phone/events?after=0']
    let count = 0
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...urls),
        fc.array(fc.record({ say: fc.nat(4), read: fc.nat(6) }), { minLength: 1, maxLength: 8 }),
        async (path, steps) => {
          const whole = await connect(app.url + path)
          const cut: SentEvent[] = []
          let lastId: string | undefined
          for (const { say, read } of steps) {
            const stream = await connect(app.url + path, { lastId })
            for (let i = 0; i < say; i++) {
              app.events.publish(callId, said(`${++count}`))
              app.events.pass(callId, { type: 'caller.partial', text: 'not kept' })
            }
            const kept = () => stream.events.filter(({ id }) => id !== undefined)
            const due = app.events.lastSeq(callId)! - cut.length
            await expect.poll(kept).toSatisfy((all: unknown[]) => all.length >= Math.min(read, due))
            stream.cut()
            await stream.over
            cut.push(...kept())
            lastId = stream.lastId()
          }
          const rest = await connect(app.url + path, { lastId })
          const total = app.events.lastSeq(callId)!
          const keptOf = ({ events }: Connection) => events.filter(({ id }) => id !== undefined)
          await expect.poll(() => keptOf(rest).length + cut.length).toBe(total)
          await expect.poll(() => keptOf(whole).length).toBe(total)
          expect([...cut, ...keptOf(rest)]).toEqual(keptOf(whole))
          whole.cut()
          rest.cut()
        },
      ),
      { numRuns: 25 },
    )
    await expect.poll(() => app.feed.size).toBe(0)
  })

  it('without reading is cut off in the end; the call hears nothing of it', async () => {
    const app = await started({ clock: scaledClock(20) })
    const { callId, url } = await placeCall(app)
    const slow = await connect(url)
    slow.pause()
    const other = await connect(url)
    // More than the kernel takes for somebody who does not read.
    const text = 'x'.repeat(100_000)
    for (let i = 0; i < 200; i++) app.events.publish(callId, said(text))
    await expect.poll(() => app.feed.size, { timeout: 10_000 }).toBe(1)
    await other.got(201)
    expect((await app.get(`/api/phone/calls/${callId}`)).json).toMatchObject({ status: 'queued' })
    slow.cut()
    other.cut()
  })

  it('is refused when too many do already', async () => {
    const app = await started({ feedLimits: { maxFeeds: 1 } })
    const { path } = await placeCall(app)
    const first = await connect(app.url + path)
    const { status, json, headers } = await app.get('/api/phone/events')
    expect(status).toBe(503)
    expect(json.error.code).toBe('too_many_feeds')
    expect(headers.get('retry-after')).toBe('10')
    first.cut()
    await expect.poll(() => app.feed.size).toBe(0)
  })

  it('is let go when the server stops', async () => {
    const app = await started()
    const stream = await connect(`${app.url}/api/phone/events`)
    await app.close()
    await stream.over
    expect(stream.events.at(-1)?.comment).toBe('the server is shutting down')
  })
})

describe('GET /api/phone/events', () => {
  it('tells of all calls, from now on', async () => {
    const app = await started()
    await placeCall(app)
    const stream = await connect(`${app.url}/api/phone/events`)
    const [a, b] = [await placeCall(app), await placeCall(app)]
    app.events.publish(a.callId, said('Hello'))
    app.events.pass(b.callId, { type: 'caller.partial', text: 'Hel' })
    const events = await stream.got(4)
    expect(dataOf(events)).toMatchObject([
      { type: 'call.created', call_id: a.callId, seq: 1 },
      { type: 'call.created', call_id: b.callId, seq: 1 },
      { type: 'turn', call_id: a.callId, seq: 2 },
      { type: 'caller.partial', call_id: b.callId },
    ])
    const ids = events.map(({ id }) => Number(id))
    expect(ids[1]).toBeGreaterThan(ids[0]!)
    expect(ids[2]).toBeGreaterThan(ids[1]!)
    expect(events[3]?.id).toBeUndefined()
    stream.cut()
  })
})
