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

    const elsewhere = await at('/api/phone/calls', { headers: { ...withKey, origin: STUDIO } })
    expect(elsewhere.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('can be used by Studio, in a browser and with a key: agents, their memory, workflows', async () => {
    const environment = {
      ...{ MASTRA_API: 'true', MASTRA_STUDIO_ORIGIN: STUDIO, API_KEYS: KEY },
      ...{ MASTRA_ENABLED: 'true', MASTRA_DATABASE_URL: 'file::memory:' },
    }
    const world = await scenarioWorld([silent], { environment })
    const at = (path: string, init?: RequestInit) => fetch(`${world.url}/mastra/${path}`, init)
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const preflight = await at('agents', {
        method: 'OPTIONS',
        headers: {
          origin: STUDIO,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization,content-type,x-mastra-client-type',
        },
      })
      expect(preflight.status).toBe(204)
      const allowed = (what: string) => preflight.headers.get(`access-control-allow-${what}`)
      expect(allowed('origin')).toBe(STUDIO)
      // It asks with `credentials: 'include'`.
      expect(allowed('credentials')).toBe('true')
      expect(allowed('methods')?.split(/, ?/)).toContain(method)
      for (const name of ['authorization', 'content-type', 'x-mastra-client-type'])
        expect(allowed('headers')).toContain(name)
    }
    const headers = { ...withKey, origin: STUDIO }
    const memory = { thread: 'thread_1', resource: 'dispatch' }
    const ask = async (how: string) => {
      const body = JSON.stringify({ messages: 'Whom can you call?', memory })
      return at(`agents/dispatch/${how}`, { method: 'POST', headers, body })
    }
    expect(await (await ask('generate')).json()).toMatchObject({
      text: expect.stringMatching(/\w/) as string,
    })
    expect(await (await ask('stream')).text()).toMatch(/^data: .*"type":"text-delta"/m)
    for (const path of [
      ...[
        'auth/capabilities',
        'agents',
        'agents/dispatch',
        'agents/providers',
        'tools',
        'workflows',
      ],
      ...['workflows/call-and-follow-up', 'workflows/run-counts', 'mcp/v0/servers'],
      ...['system/packages', 'workspaces', 'scores/scorers', 'memory/status?agentId=dispatch'],
      'memory/threads?resourceId=dispatch&agentId=dispatch',
      'memory/threads/thread_1/messages?agentId=dispatch',
    ]) {
      const answer = await at(path, { headers })
      expect([path, answer.status]).toEqual([path, 200])
      expect(answer.headers.get('access-control-allow-origin')).toBe(STUDIO)
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
    }
    const path = 'memory/threads/thread_1/messages?agentId=dispatch'
    expect(await (await at(path, { headers })).text()).toContain('Whom can you call?')
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
