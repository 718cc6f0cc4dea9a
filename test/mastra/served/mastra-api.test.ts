import { createAnthropic } from '@ai-sdk/anthropic'
import { Mastra } from '@mastra/core'
import { Agent } from '@mastra/core/agent'
import { createCustomTransport } from '@mastra/core/logger'
import fastify from 'fastify'
import { Transform } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { mastraLogger } from '../../../src/mastra/served/mastra-logger.ts'
import { mastraApi } from '../../../src/mastra/served/mastra-api.ts'
import { mastraTraces } from '../../../src/mastra/served/mastra-traces.ts'
import { Caller } from '../../../src/mastra/served/caller.ts'
import { parseApiKeys } from '../../../src/access/api-key.ts'
import { keyGuard } from '../../../src/routes/access.ts'
import { silent } from '../../../src/simulator/scenarios/unanswered.ts'
import { openOtlpExport } from '../../../src/tracing/otlp-export.ts'
import { KEY as CLAUDE_KEY, silentLog, simulateClaude } from '../../helpers/claude.ts'
import { otlpCollector } from '../../helpers/otlp-collector.ts'
import { scenarioWorld } from '../../helpers/scenario-world.ts'

const KEY = 'studio-key'
const STUDIO = 'http://localhost:4922'
const json = { 'content-type': 'application/json' }
const withKey = { ...json, authorization: `Bearer ${KEY}` }

describe('Mastra’s own API', () => {
  it('runs the call tools for whoever has a key, and for nobody else', async () => {
    const environment = { MASTRA_API: 'true', MASTRA_STUDIO_ORIGIN: STUDIO, API_KEYS: KEY }
    const world = await scenarioWorld([silent], { environment })
    const at = (path: string, init?: RequestInit) => fetch(`${world.url}${path}`, init)
    const start = (headers: Record<string, string>) => {
      const { phone_number: phoneNumber, action } = silent.call
      const body = JSON.stringify({ data: { phoneNumber, action } })
      return at('/mastra/tools/start-phone-call/execute', { method: 'POST', headers, body })
    }
    expect((await start(json)).status).toBe(401)
    expect((await at('/mastra/agents')).status).toBe(401)
    const placed = (await (await start(withKey)).json()) as { success: boolean; callId: string }
    expect(placed).toMatchObject({ success: true })
    const headers = withKey
    const call = await at(`/api/phone/calls/${placed.callId}/hangup`, {
      method: 'POST',
      headers,
      body: '{}',
    })
    expect(call.ok).toBe(true)
    // Its ways stay its own: elsewhere a body is read as it always was.
    const poisoned = await at('/api/phone/call', {
      method: 'POST',
      headers,
      body: '{"__proto__":{}}',
    })
    expect(poisoned.status).toBe(400)
    const unread = await at('/api/phone/call', {
      method: 'POST',
      headers: { ...headers, 'content-type': 'multipart/form-data' },
    })
    expect(unread.status).toBe(415)

    // What Studio asks for when it is opened, from a page of another origin.
    const preflight = await at('/mastra/agents', {
      method: 'OPTIONS',
      headers: {
        origin: STUDIO,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(STUDIO)
    for (const path of [
      'agents',
      'tools',
      'workflows',
      'mcp/v0/servers',
      'system/packages',
      'auth/capabilities',
    ]) {
      const answer = await at(`/mastra/${path}`, { headers: { ...withKey, origin: STUDIO } })
      expect([path, answer.status]).toEqual([path, 200])
      expect(answer.headers.get('access-control-allow-origin')).toBe(STUDIO)
    }
    const elsewhere = await at('/api/phone/calls', { headers: { ...withKey, origin: STUDIO } })
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('is not there unless it is wanted', async () => {
    const world = await scenarioWorld([silent], { environment: { API_KEYS: KEY } })
    expect((await fetch(`${world.url}/mastra/agents`, { headers: withKey })).status).toBe(404)
  })

  it('talks with an agent, traces it, and logs no word of it', async () => {
    const secret = 'the code is 4711'
    await using sim = await simulateClaude({
      scripts: [{ marker: 'Be brief.', rules: [{ when: /./, say: 'Very well.' }] }],
    })
    const collector = await otlpCollector()
    const exported = openOtlpExport({ endpoint: collector.url, log: silentLog })
    const lines: string[] = []
    const sink = new Transform({
      transform(chunk: Buffer, _, done) {
        lines.push(chunk.toString())
        done()
      },
    })
    const model = createAnthropic({ apiKey: CLAUDE_KEY, baseURL: `${sim.claude.url}/v1` })
    const agent = new Agent({
      id: 'desk',
      name: 'Desk',
      instructions: 'Be brief.',
      model: model('claude-haiku-5-5'),
      maxRetries: 0,
    })
    const observability = mastraTraces(exported.spans)
    const mastra = new Mastra({
      agents: { desk: agent },
      logger: mastraLogger({
        level: 'debug',
        showPii: false,
        transport: createCustomTransport(sink),
      }),
      observability,
    })
    const server = fastify()
    const parts = {
      mastra,
      guard: keyGuard(parseApiKeys([KEY]).keys, 'admin'),
      caller: new Caller(),
      studioOrigin: undefined,
    }
    server.register(mastraApi(parts), { prefix: '/mastra' })
    onTestFinished(() => server.close())
    const ask = (words: string) =>
      server.inject({
        method: 'POST',
        url: '/mastra/agents/desk/generate',
        headers: withKey,
        payload: { messages: words, modelSettings: { maxOutputTokens: 100 } },
      })
    expect((await ask(secret)).json()).toMatchObject({ text: 'Very well.' })
    sim.claude.knobs.faults = [{ kind: 'status', status: 529, times: 9 }]
    expect((await ask(secret)).statusCode).toBeGreaterThanOrEqual(500)
    expect(lines.join('')).toContain('"level":50')
    expect(lines.join('')).not.toContain(secret)
    expect(lines.join('')).not.toContain('Be brief.')
    await observability.shutdown()
    await exported.close()
    const run = collector.spans.filter(({ name }) => name.startsWith('mastra agent run'))
    expect(run).toHaveLength(2)
    const children = collector.spans.filter(({ parentSpanId }) => parentSpanId === run[0]?.spanId)
    expect(children.length).toBeGreaterThan(0)
    expect(collector.bodies.join('')).not.toContain(secret)
  })
})
