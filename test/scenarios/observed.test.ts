import { closedRecord } from '../../src/cli/call-record.ts'
import type { DemoResult } from '../../src/cli/demo-call.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { interruptLate } from '../../src/simulator/scenarios/interruptions.ts'
import { toolSlow } from '../../src/simulator/scenarios/tools.ts'
import { withToolServer } from '../../src/simulator/tool-server.ts'
import { documentedMetrics } from '../helpers/documented-metrics.ts'
import { type CollectedSpan, otlpCollector } from '../helpers/otlp-collector.ts'
import { type Samples, samplesOf } from '../helpers/prometheus.ts'
import { scenarioWorld, type TestWorld } from '../helpers/scenario-world.ts'
import { expect, it } from '../helpers/together.ts'

async function scrape({ url }: TestWorld): Promise<Samples> {
  const response = await fetch(`${url}/metrics`)
  expect(response.status).toBe(200)
  return samplesOf(await response.text())
}

type Timings = DemoResult['record']['timings'][number]

/** Seconds from the end of the caller's speech to the first sound, of each answer on record. */
function waits(results: readonly DemoResult[]): number[] {
  return results.flatMap(({ record }) =>
    record.timings.flatMap(({ kind, speech_end_ms: from, heard_ms: heard }: Timings) =>
      kind === 'answer' && from !== undefined && heard !== undefined ? [(heard - from) / 1000] : [],
    ),
  )
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

it('whoever scrapes finds every metric, and in it what the person heard', async () => {
  const world = await scenarioWorld([dentist, interruptLate])
  const results = [await world.run(dentist), await world.run(interruptLate)]
  expect(results.flatMap(({ problems }) => problems)).toEqual([])
  const samples = await scrape(world)
  for (const name of documentedMetrics()) expect(samples.names).toContain(name)

  expect(samples.sum('phone_calls_active')).toBe(0)
  expect(samples.sum('phone_calls_total')).toBe(2)
  expect(samples.sum('phone_call_setup_seconds_count')).toBe(2)
  const heard = waits(results)
  expect(heard.length).toBeGreaterThanOrEqual(4)
  expect(samples.of('phone_turn_latency_seconds_count')).toBe(heard.length)
  expect(samples.of('phone_turn_latency_seconds_sum')).toBeCloseTo(total(heard), 1)
  // The stages are all of it.
  expect(samples.sum('phone_stage_latency_seconds_sum')).toBeCloseTo(total(heard), 1)
  expect(samples.of('phone_dead_air_seconds_sum')).toBeGreaterThanOrEqual(total(heard) - 0.1)
  expect(samples.of('phone_barge_in_total')).toBe(1)
  expect(samples.of('phone_interrupt_stop_seconds_count')).toBeGreaterThanOrEqual(1)

  const seconds = total(results.map(({ record }) => (record.transcript.at(-1)?.end_ms ?? 0) / 1000))
  const duration = samples.sum('phone_call_duration_seconds_sum')
  expect(duration).toBeGreaterThan(seconds)
  expect(samples.of('phone_media_frames_total', { dir: 'in' })).toBeGreaterThan(seconds * 45)
  expect(samples.of('phone_media_frames_total', { dir: 'in' })).toBeLessThan(duration * 55)
  expect(samples.of('phone_media_frames_total', { dir: 'out' })).toBeGreaterThan(500)
  const spoken = results.flatMap(({ record }) =>
    record.transcript.flatMap(({ role, text = '' }) => (role === 'agent' ? [text.length] : [])),
  )
  expect(samples.of('phone_tts_chars_total')).toBeGreaterThan(total(spoken) * 0.9)
  expect(samples.of('phone_tokens_total', { kind: 'output' })).toBeGreaterThan(50)
  expect(samples.of('phone_tokens_total', { kind: 'cache_write' })).toBeGreaterThan(100)
  expect(samples.sum('phone_provider_errors_total')).toBe(0)
  expect(samples.sum('phone_webhook_signature_failures_total')).toBe(0)

  const secrets = results.flatMap(({ record }) => [record.call_id, record['call_sid']])
  expect(secrets).toHaveLength(4)
  for (const value of samples.labelValues) {
    expect(secrets).not.toContain(value)
    expect(value).not.toMatch(/\d{7}|call_|[A-Z]{2}[0-9a-f]{32}/)
  }

  const health = await fetch(`${world.url}/api/phone/health`)
  const { checks } = (await health.json()) as {
    checks: Record<string, { observedValue: unknown }[]>
  }
  for (const vendor of ['twilio', 'deepgram', 'anthropic', 'elevenlabs']) {
    expect(checks[`${vendor}:lastSuccess`]?.[0]?.observedValue).toMatch(/Z$/)
    expect(checks[`${vendor}:lastError`]?.[0]?.observedValue).toBeNull()
  }
})

it('a filler is never taken for the answer', async () => {
  const world = await scenarioWorld([toolSlow])
  const result = await world.run(toolSlow)
  expect(result.problems).toEqual([])
  const filled = result.record.timings.find(({ filler_ms: filler }) => filler !== undefined)!
  const { speech_end_ms: asked = 0, first_text_ms: text = 0, heard_ms: fillerHeard = 0 } = filled
  const samples = await scrape(world)
  expect(samples.of('phone_fillers_total', { reason: 'tool' })).toBe(1)
  const others = total(waits([result])) - (fillerHeard - asked) / 1000
  const answered = samples.of('phone_turn_latency_seconds_sum')! - others
  // The tool takes four seconds; after the model's first word it takes the voice to be heard.
  expect(answered).toBeGreaterThan((text - asked) / 1000)
  expect(answered).toBeLessThan((text - asked) / 1000 + 2)
  expect(samples.of('phone_stage_latency_seconds_sum', { stage: 'tool' })).toBeGreaterThan(3.9)
  // From the end of the filler to the answer nothing was heard.
  const silence = samples.of('phone_dead_air_seconds_sum')! - others - (fillerHeard - asked) / 1000
  expect(silence).toBeGreaterThan(0.5)
})

it('whoever calls within a trace finds the call in it', async () => {
  const collector = await otlpCollector()
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  const world = await scenarioWorld([toolSlow], {
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  })
  const response = await fetch(`${world.url}/api/phone/call`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify(withToolServer(toolSlow.call, world.simulator.tools.url)),
  })
  const { call_id: callId } = (await response.json()) as { call_id: string }
  const record = await closedRecord(world.url, callId, world.clock, 120_000)
  const turns = record.timings.filter(({ heard_ms: heard }) => heard !== undefined)
  // Batches are sent every two seconds.
  await expect
    .poll(() => collector.spans.some(({ name }) => name === 'call'), { timeout: 10_000 })
    .toBe(true)
  const { spans } = collector
  expect(collector.problems).toEqual([])
  expect(spans.every((span) => span.traceId === traceId)).toBe(true)
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const parentOf = (span: CollectedSpan) => byId.get(span.parentSpanId ?? '')?.name
  const named = (name: string) => spans.filter((span) => span.name === name)
  expect(named('call')).toMatchObject([
    { parentSpanId: '00f067aa0ba902b7', attributes: { 'phone.call.id': record.call_id } },
  ])
  expect(named('turn').map(parentOf)).toEqual(turns.map(() => 'call'))
  for (const name of ['stt', 'llm', 'tool', 'tts', 'playout']) {
    expect(named(name), name).not.toEqual([])
    expect(new Set(named(name).map(parentOf)), name).toEqual(new Set(['turn']))
  }
  for (const span of spans) {
    const parent = byId.get(span.parentSpanId ?? '')
    expect(span.endMs).toBeGreaterThanOrEqual(span.startMs)
    if (parent) {
      expect(span.startMs).toBeGreaterThanOrEqual(parent.startMs - 1)
      expect(span.endMs).toBeLessThanOrEqual(parent.endMs + 1)
    }
  }
  const [tool] = named('tool')
  expect(tool!.endMs - tool!.startMs).toBeGreaterThan(3900)
  expect(collector.bodies.join()).not.toMatch(/\+?12345678941|Friday/)
})

it('whoever is turned away is counted', async () => {
  const world = await scenarioWorld([dentist])
  const number = encodeURIComponent(dentist.call.phone_number)
  const listed = await fetch(`${world.url}/api/phone/do-not-call/${number}`, { method: 'PUT' })
  expect(listed.status).toBe(200)
  const refused = await fetch(`${world.url}/api/phone/call`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(dentist.call),
  })
  expect(refused.status).toBe(403)
  const forged = await fetch(`${world.url}/api/phone/twilio/voice`, {
    method: 'POST',
    headers: { 'x-twilio-signature': 'forged' },
    body: new URLSearchParams({ AccountSid: 'AC1', CallSid: 'CA1' }),
  })
  expect(forged.status).toBe(403)
  const samples = await scrape(world)
  expect(samples.of('phone_dial_blocked_total', { reason: 'do_not_call' })).toBe(1)
  expect(samples.of('phone_webhook_signature_failures_total')).toBe(1)
  expect(samples.sum('phone_calls_total')).toBe(0)
})
