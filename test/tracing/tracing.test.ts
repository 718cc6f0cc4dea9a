import { pino } from 'pino'
import { CallEvents, type CallHappening } from '../../src/calls/call-events.ts'
import { newRecord } from '../../src/calls/record.ts'
import type { CallSpec } from '../../src/calls/spec.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import { Tracing } from '../../src/tracing/tracing.ts'
import { type CollectedSpan, otlpCollector } from '../helpers/otlp-collector.ts'
import { describe, expect, it } from '../helpers/together.ts'

const NUMBER = '+15551234567'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
/** When the fake clock says 0. */
const BEGAN = Date.parse('2026-11-21T10:00:00Z')

/** Calls whose events the test tells, at times that it says. */
function traced(url: string, options: { showPii?: boolean } = {}) {
  let now = 0
  const clock: Clock = { ...systemClock, now: () => now, date: () => new Date(BEGAN + now) }
  const lines: string[] = []
  const tracing = new Tracing({
    endpoint: url,
    model: 'claude-haiku-5-5',
    showPii: options.showPii ?? false,
    clock,
    log: pino({ level: 'warn' }, { write: (line: string) => lines.push(line) }),
  })
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  events.subscribe((event) => {
    tracing.heed(event)
  })
  const tell = (at: number, happening: CallHappening, callId = 'call_1') => {
    now = at
    events.publish(callId, happening)
  }
  const create = (at: number, spec: Partial<CallSpec> = {}, callId = 'call_1') => {
    const record = newRecord({
      callId,
      direction: 'outbound',
      status: 'queued',
      spec: { phoneNumber: NUMBER, action: 'talk', ...spec },
      createdAt: clock.date(),
    })
    tell(at, { type: 'call.created', record }, callId)
  }
  const letGo = (at: number, callId = 'call_1') => {
    now = at
    tracing.letGo(callId)
  }
  return { tracing, tell, create, letGo, lines }
}

/** A call of which the line is attached at 3000: an opening, and an answer with a tool. */
function carry({ tell, create }: ReturnType<typeof traced>, spec: Partial<CallSpec> = {}) {
  create(0, spec)
  tell(500, { type: 'call.status', status: 'ringing' })
  tell(2900, { type: 'call.answered' })
  tell(4000, { type: 'call.answered_by', answeredBy: 'person' })
  const agent = { role: 'agent', interrupted: false, startMs: 50 } as const
  tell(6000, { type: 'turn', turn: { ...agent, text: 'Hello, John?', endMs: 3000 } })
  tell(6000, {
    type: 'timings',
    timings: {
      reply: 1,
      kind: 'opening',
      firstTextMs: -1500,
      firstPhraseMs: -1400,
      firstAudioMs: 50,
      heardMs: 100,
    },
  })
  const caller = { role: 'caller', text: 'Is Friday free?', startMs: 3200, endMs: 4000 } as const
  tell(7300, { type: 'turn', turn: caller })
  const tool = { role: 'tool', id: 'toolu_1', name: 'look_up', input: { day: 'Friday' } } as const
  const begun = { ...tool, result: 'still running', startMs: 4600, endMs: 4600 }
  tell(7600, { type: 'turn', turn: begun })
  tell(8600, { type: 'turn', turn: { ...begun, result: '{"free":true}', endMs: 5600 } })
  const answered = { ...agent, interrupted: true, text: 'It is', startMs: 6100, endMs: 7000 }
  tell(10_000, { type: 'turn', turn: answered })
  tell(10_000, {
    type: 'timings',
    timings: {
      reply: 2,
      kind: 'answer',
      speechEndMs: 4000,
      turnEndMs: 4300,
      firstTextMs: 6000,
      firstPhraseMs: 6050,
      firstAudioMs: 6100,
      heardMs: 6150,
      bargeInMs: 6900,
      clearedMs: 6905,
    },
  })
}

const ENDED: CallHappening = {
  type: 'call.ended',
  status: 'completed',
  endReason: 'agent_hung_up',
}

/** Spans as a tree: name, and times since the call began; children in the order of their beginnings. */
function treeOf(spans: readonly CollectedSpan[], span: CollectedSpan): unknown[] {
  const children = spans
    .filter(({ parentSpanId }) => parentSpanId === span.spanId)
    .toSorted((a, b) => a.startMs - b.startMs)
  const times = [Math.round(span.startMs - BEGAN), Math.round(span.endMs - BEGAN)]
  return [span.name, ...times, ...children.map((child) => treeOf(spans, child))]
}

describe('a call', () => {
  it('reaches the collector as a trace, with everything where and when it was', async () => {
    const collector = await otlpCollector()
    const world = traced(collector.url)
    carry(world)
    world.tell(11_000, ENDED)
    await world.tracing.close()
    const { spans, problems } = collector
    expect(problems).toEqual([])
    const call = spans.find(({ name }) => name === 'call')!
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    expect(call.parentSpanId ?? '').toBe('')
    expect(treeOf(spans, call)).toEqual([
      'call',
      0,
      11_000,
      ['turn', 0, 6000, ['llm', 0, 1500], ['tts', 1600, 3050], ['playout', 3100, 6000]],
      [
        'turn',
        7000,
        10_000,
        ['stt', 7000, 7300],
        ['llm', 7300, 7600],
        ['tool', 7600, 8600],
        ['llm', 8600, 9000],
        ['tts', 9050, 9100],
        ['playout', 9150, 10_000],
      ],
    ])
    expect(call.resource).toMatchObject({ 'service.name': 'parley' })
    expect(call.attributes).toMatchObject({
      'phone.call.id': 'call_1',
      'phone.call.direction': 'outbound',
      'phone.call.status': 'completed',
      'phone.call.end_reason': 'agent_hung_up',
      'phone.call.answered_by': 'person',
    })
    expect(call.events.map(({ name }) => name)).toEqual(['ringing', 'answered'])
    expect(call.status.code).toBe(0)
    const [, answer] = spans.filter(({ name }) => name === 'turn')
    expect(answer?.attributes).toMatchObject({
      'phone.reply': 2,
      'phone.reply.kind': 'answer',
      'phone.turn.interrupted': true,
      'phone.turn.barge_in': true,
      'phone.turn.filler': false,
      'phone.turn.first_sound_ms': 2150,
    })
  })

  it('tells the collector neither numbers nor words, unless it may', async () => {
    const secret = await otlpCollector()
    const quiet = traced(secret.url)
    carry(quiet)
    quiet.tell(11_000, ENDED)
    await quiet.tracing.close()
    expect(secret.spans).not.toEqual([])
    expect(secret.bodies.join()).not.toMatch(/15551234567|Friday|John|phone\.pii/)

    const open = await otlpCollector()
    const talkative = traced(open.url, { showPii: true })
    carry(talkative)
    talkative.tell(11_000, ENDED)
    await talkative.tracing.close()
    const attributes = Object.assign({}, ...open.spans.map((span) => span.attributes)) as object
    expect(attributes).toMatchObject({ 'phone.pii.number': NUMBER })
    expect(open.spans.filter(({ name }) => name === 'turn')[1]?.attributes).toMatchObject({
      'phone.pii.caller_text': 'Is Friday free?',
      'phone.pii.agent_text': 'It is',
    })
  })

  it('continues the trace of whoever asked for it', async () => {
    const collector = await otlpCollector()
    const world = traced(collector.url)
    carry(world, { traceparent: `00-${TRACE}-${PARENT}-01` })
    world.tell(11_000, ENDED)
    await world.tracing.close()
    expect(collector.spans.every(({ traceId }) => traceId === TRACE)).toBe(true)
    expect(collector.spans.find(({ name }) => name === 'call')?.parentSpanId).toBe(PARENT)
  })

  it('is not sent when whoever asked for it does not sample', async () => {
    const collector = await otlpCollector()
    const world = traced(collector.url)
    carry(world, { traceparent: `00-${TRACE}-${PARENT}-00` })
    world.tell(11_000, ENDED)
    world.create(12_000, { traceparent: 'nonsense' }, 'call_2')
    world.tell(13_000, ENDED, 'call_2')
    await world.tracing.close()
    expect(collector.spans.map(({ attributes }) => attributes['phone.call.id'])).toEqual(['call_2'])
  })

  it('that failed is an error, and says by whom', async () => {
    const collector = await otlpCollector()
    const world = traced(collector.url)
    world.create(0)
    const failure = { by: 'twilio', code: 'auth:20003', message: `not ${NUMBER}` } as const
    world.tell(100, { type: 'call.ended', status: 'failed', endReason: 'failed', failure })
    await world.tracing.close()
    expect(collector.spans).toMatchObject([
      {
        name: 'call',
        status: { code: 2, message: 'twilio: auth:20003' },
        attributes: { 'phone.failure.by': 'twilio', 'phone.failure.code': 'auth:20003' },
      },
    ])
    expect(collector.bodies.join()).not.toContain(NUMBER)
  })

  it('has its tools where they began, also those that outlived their turn or had none', async () => {
    const collector = await otlpCollector()
    const world = traced(collector.url)
    carry(world)
    const tool = { role: 'tool', id: 'late', name: 'book', input: {}, result: 'ok' } as const
    world.tell(12_000, { type: 'turn', turn: { ...tool, startMs: 6500, endMs: 9000 } })
    const alone = { ...tool, id: 'alone', name: 'transfer_call' }
    world.tell(13_000, { type: 'turn', turn: { ...alone, startMs: 8000, endMs: 10_000 } })
    world.tell(14_000, ENDED)
    await world.tracing.close()
    const { spans } = collector
    const [late, own] = ['book', 'transfer_call'].map((name) =>
      spans.find(({ attributes }) => attributes['gen_ai.tool.name'] === name),
    )
    const parentOf = (span?: CollectedSpan) =>
      spans.find(({ spanId }) => spanId === span?.parentSpanId)?.name
    expect([parentOf(late), parentOf(own)]).toEqual(['turn', 'call'])
    expect(late).toMatchObject({ startMs: BEGAN + 9500, endMs: BEGAN + 12_000 })
  })

  it('that began before anybody listened is not traced', async () => {
    const collector = await otlpCollector()
    const world = traced(collector.url)
    world.tell(100, { type: 'call.answered' }, 'older')
    world.tell(200, ENDED, 'older')
    await world.tracing.close()
    expect(collector.bodies).toEqual([])
  })

  it('that another process goes on with is shown as far as it was here', async () => {
    const collector = await otlpCollector()
    const world = traced(collector.url)
    carry(world)
    world.letGo(12_000)
    world.tell(13_000, ENDED)
    await world.tracing.close()
    const call = collector.spans.find(({ name }) => name === 'call')
    expect(call).toMatchObject({ endMs: BEGAN + 12_000 })
    expect(call?.attributes).not.toHaveProperty('phone.call.status')
  })

  it('of which nothing was heard has no turn', async () => {
    const collector = await otlpCollector()
    const world = traced(collector.url)
    world.create(0)
    world.tell(100, { type: 'timings', timings: { reply: 1, kind: 'opening' } })
    world.tell(200, ENDED)
    await world.tracing.close()
    expect(collector.spans.map(({ name }) => name)).toEqual(['call'])
  })
})

describe('a collector', () => {
  it('that refuses costs a line in the log, and no more', async () => {
    const collector = await otlpCollector({ status: 400 })
    const world = traced(collector.url)
    carry(world)
    world.tell(11_000, ENDED)
    await world.tracing.close()
    expect(world.lines.join()).toContain('traces were not sent')
    expect(world.lines.join()).not.toContain(NUMBER)
  })

  it('that is away does not keep the server from stopping', async () => {
    const collector = await otlpCollector()
    await collector.close()
    const world = traced(collector.url)
    carry(world)
    world.tell(11_000, ENDED)
    const startedMs = performance.now()
    await world.tracing.close()
    expect(performance.now() - startedMs).toBeLessThan(8000)
    expect(world.lines.join()).toContain('traces were not sent')
  })
})
