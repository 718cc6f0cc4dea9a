import { describe, expect, it } from 'vitest'
import { CallEvents, type CallHappening } from '../../src/calls/call-events.ts'
import { newRecord } from '../../src/calls/record.ts'
import { scaledClock } from '../../src/clock.ts'
import { Metrics } from '../../src/metrics/metrics.ts'
import type { TurnTimings } from '../../src/pipeline/timings.ts'
import { FakeLine } from '../helpers/fake-ports.ts'
import { samplesOf } from '../helpers/prometheus.ts'

const NUMBER = '+15551234567'

function measured() {
  const clock = scaledClock(1)
  const state = { draining: false, outbox: 0 }
  const failures: string[] = []
  const metrics = new Metrics({
    clock,
    isDraining: () => state.draining,
    outboxDepth: () => state.outbox,
    onVendorFailed: (vendor, code) => failures.push(`${vendor} ${code}`),
  })
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  events.subscribe((event) => {
    metrics.heed(event)
  })
  const create = (callId: string, direction: 'inbound' | 'outbound' = 'outbound') => {
    const spec = { phoneNumber: NUMBER, action: 'talk' }
    const record = newRecord({ callId, direction, status: 'queued', spec, createdAt: clock.date() })
    events.publish(callId, { type: 'call.created', record })
  }
  const end = (
    callId: string,
    how: Partial<Extract<CallHappening, { type: 'call.ended' }>> = {},
  ) => {
    const ended = { status: 'completed', endReason: 'agent_hung_up', ...how } as const
    events.publish(callId, { ...ended, type: 'call.ended' })
  }
  const read = async () => samplesOf(await metrics.text())
  return { metrics, events, create, end, read, state, failures }
}

const answer: TurnTimings = {
  reply: 2,
  kind: 'answer',
  speechEndMs: 1000,
  turnEndMs: 1300,
  firstTextMs: 1700,
  firstPhraseMs: 1750,
  firstAudioMs: 1900,
  heardMs: 1950,
}

describe('calls', () => {
  it('that another process goes on with are active and ended there alone', async () => {
    const { metrics, create, read } = measured()
    create('a')
    create('b')
    metrics.letGo('a')
    const after = await read()
    expect(after.of('phone_calls_active', { direction: 'outbound' })).toBe(1)
    expect(after.sum('phone_calls_total')).toBe(0)
  })

  it('are active from their beginning to their end', async () => {
    const { create, end, read } = measured()
    create('a')
    create('b')
    create('c', 'inbound')
    const during = await read()
    expect(during.of('phone_calls_active', { direction: 'outbound' })).toBe(2)
    expect(during.of('phone_calls_active', { direction: 'inbound' })).toBe(1)
    end('a')
    end('b', { status: 'busy', endReason: 'not_answered' })
    end('c', { endReason: 'caller_hung_up' })
    const after = await read()
    expect(after.of('phone_calls_active', { direction: 'outbound' })).toBe(0)
    expect(after.of('phone_calls_active', { direction: 'inbound' })).toBe(0)
    const outbound = { direction: 'outbound' }
    expect(after.of('phone_calls_total', { ...outbound, outcome: 'agent_hung_up' })).toBe(1)
    expect(after.of('phone_calls_total', { ...outbound, outcome: 'busy' })).toBe(1)
    expect(after.of('phone_calls_total', { direction: 'inbound', outcome: 'caller_hung_up' })).toBe(
      1,
    )
  })

  it('last from the answer on, and one that nobody answered does not last', async () => {
    const { events, create, end, read } = measured()
    create('a')
    events.publish('a', { type: 'call.answered' })
    events.publish('a', { type: 'call.answered' })
    end('a')
    create('b')
    end('b', { status: 'no_answer', endReason: 'not_answered' })
    const samples = await read()
    const outbound = { direction: 'outbound' }
    expect(samples.of('phone_call_duration_seconds_count', outbound)).toBe(1)
    expect(samples.of('phone_call_setup_seconds_count', outbound)).toBe(1)
  })

  it('that were registered and never dialled are counted as expired', async () => {
    const { end, read } = measured()
    end('registered', { status: 'canceled', endReason: 'expired' })
    const labels = { direction: 'outbound', outcome: 'expired' }
    expect((await read()).of('phone_calls_total', labels)).toBe(1)
  })

  it.each([
    ['deepgram', 'quota:402', 'quota'],
    ['twilio', 'sip_404', 'sip'],
    ['parley', 'internal', 'internal'],
  ] as const)('that failed by %s with %s blame it once', async (by, code, label) => {
    const { create, end, read, failures } = measured()
    create('a')
    end('a', { status: 'failed', endReason: 'failed', failure: { by, code, message: NUMBER } })
    const samples = await read()
    const labels = { provider: by, kind: 'call', code: label }
    expect(samples.of('phone_provider_errors_total', labels)).toBe(1)
    expect(samples.text).not.toContain(NUMBER)
    // The call's end is told to those who keep the vendors' state anyway.
    expect(failures).toEqual([])
  })

  it('leave nothing behind when they are over', async () => {
    const { metrics, events, create, end, read } = measured()
    create('a')
    end('a')
    const line = new FakeLine()
    expect(metrics.tapLine('a', line)).toBe(line)
    events.publish('a', { type: 'timings', timings: answer })
    expect((await read()).of('phone_turn_latency_seconds_count')).toBe(0)
  })
})

describe('turns', () => {
  it('are measured as heard', async () => {
    const { events, create, read } = measured()
    create('a')
    events.publish('a', { type: 'timings', timings: answer })
    const samples = await read()
    expect(samples.of('phone_turn_latency_seconds_sum')).toBeCloseTo(0.95)
    expect(samples.of('phone_turn_latency_seconds_bucket', { le: '0.9' })).toBe(0)
    expect(samples.of('phone_turn_latency_seconds_bucket', { le: '1.2' })).toBe(1)
    expect(samples.of('phone_dead_air_seconds_sum')).toBeCloseTo(0.95)
    expect(samples.of('phone_stage_latency_seconds_sum', { stage: 'llm' })).toBeCloseTo(0.4)
  })

  it('that the caller cut off are told from those that only paused', async () => {
    const { events, create, read } = measured()
    create('a')
    const cleared = { ...answer, bargeInMs: 2500, clearedMs: 2505 }
    const said = { role: 'agent', text: 'It is', startMs: 1900, endMs: 2500 } as const
    // Cut off; cut off before the first word was heard; paused by an "uh-huh", and heard to its end.
    events.publish('a', { type: 'turn', turn: { ...said, interrupted: true } })
    events.publish('a', { type: 'timings', timings: cleared })
    events.publish('a', { type: 'timings', timings: cleared })
    events.publish('a', { type: 'turn', turn: { ...said, interrupted: false } })
    events.publish('a', { type: 'timings', timings: cleared })
    // The person hung up while the agent spoke.
    events.publish('a', { type: 'turn', turn: { ...said, interrupted: true } })
    events.publish('a', { type: 'timings', timings: answer })
    const samples = await read()
    expect(samples.of('phone_barge_in_total')).toBe(2)
    expect(samples.of('phone_interrupt_stop_seconds_count')).toBe(3)
    expect(samples.of('phone_interrupt_stop_seconds_sum')).toBeCloseTo(0.015)
  })

  it('tell how long tools ran, each once', async () => {
    const { events, create, read } = measured()
    create('a')
    const tool = { role: 'tool', id: 't', name: 'look_up', input: {}, startMs: 1400 } as const
    events.publish('a', { type: 'turn', turn: { ...tool, result: 'still running', endMs: 1400 } })
    events.publish('a', { type: 'turn', turn: { ...tool, result: '{}', endMs: 3400 } })
    // What is done after speaking is on record with its result, and takes no time.
    events.publish('a', { type: 'turn', turn: { ...tool, result: 'ok', endMs: 1400 } })
    const samples = await read()
    expect(samples.of('phone_stage_latency_seconds_count', { stage: 'tool' })).toBe(1)
    expect(samples.of('phone_stage_latency_seconds_sum', { stage: 'tool' })).toBeCloseTo(2)
  })

  it('with a filler are counted, and are late by the answer', async () => {
    const { metrics, events, create, read } = measured()
    create('a')
    const line = metrics.tapLine('a', new FakeLine())
    line.send(new Uint8Array(800))
    const filled = { ...answer, fillerMs: -500, firstTextMs: -1, speechEndMs: -1000, heardMs: 0 }
    events.publish('a', { type: 'timings', timings: { ...filled, firstAudioMs: 0 } })
    const samples = await read()
    expect(samples.of('phone_fillers_total', { reason: 'dead_air' })).toBe(1)
    expect(samples.of('phone_turn_latency_seconds_count')).toBe(1)
    expect(samples.of('phone_turn_latency_seconds_sum')).toBeGreaterThanOrEqual(1)
    expect(samples.of('phone_turn_latency_seconds_sum')).toBeLessThan(1.5)
  })
})

describe('what others count', () => {
  it('is there at the next scrape', async () => {
    const { metrics, read, state, failures } = measured()
    state.draining = true
    state.outbox = 7
    metrics.vendorFailed('elevenlabs', { kind: 'tts', code: 'disconnected' })
    metrics.vendorReconnected('elevenlabs')
    metrics.mediaFrames('in', 3)
    metrics.mediaFrames('out', 50)
    metrics.mediaRejected('no_token')
    metrics.streamTokenRejected('missing')
    metrics.signatureFailed()
    metrics.dialBlocked('do_not_call')
    metrics.storeFailed('save')
    metrics.tokens('cached', 900)
    metrics.spokenChars(42)
    const samples = await read()
    const error = { provider: 'elevenlabs', kind: 'tts', code: 'disconnected' }
    expect(samples.of('phone_provider_errors_total', error)).toBe(1)
    expect(failures).toEqual(['elevenlabs disconnected'])
    expect(samples.of('phone_provider_reconnects_total', { provider: 'elevenlabs' })).toBe(1)
    expect(samples.of('phone_media_frames_total', { dir: 'in' })).toBe(3)
    expect(samples.of('phone_media_frames_total', { dir: 'out' })).toBe(50)
    expect(samples.of('phone_media_rejected_total', { reason: 'no_token' })).toBe(1)
    expect(samples.of('phone_stream_token_rejected_total', { reason: 'missing' })).toBe(1)
    expect(samples.of('phone_webhook_signature_failures_total')).toBe(1)
    expect(samples.of('phone_dial_blocked_total', { reason: 'do_not_call' })).toBe(1)
    expect(samples.of('phone_store_errors_total', { op: 'save' })).toBe(1)
    expect(samples.of('phone_tokens_total', { kind: 'cached' })).toBe(900)
    expect(samples.of('phone_tokens_total', { kind: 'input' })).toBe(0)
    expect(samples.of('phone_tts_chars_total')).toBe(42)
    expect(samples.of('phone_draining')).toBe(1)
    expect(samples.of('phone_outbox_depth')).toBe(7)
  })

  it('is counted once, however often somebody looks', async () => {
    const { metrics, read } = measured()
    metrics.mediaFrames('in', 3)
    await read()
    metrics.mediaFrames('in', 2)
    await read()
    expect((await read()).of('phone_media_frames_total', { dir: 'in' })).toBe(5)
  })

  it('shows the stream that is worst off, as long as it is there', async () => {
    const { metrics, read } = measured()
    metrics.watchSocket(() => 100)
    const unwatch = metrics.watchSocket(() => 5000)
    expect((await read()).of('phone_ws_buffered_bytes')).toBe(5000)
    unwatch()
    expect((await read()).of('phone_ws_buffered_bytes')).toBe(100)
  })
})
