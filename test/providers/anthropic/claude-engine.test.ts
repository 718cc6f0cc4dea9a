import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { vi } from 'vitest'
import { ProviderError } from '../../../src/errors.ts'
import type { ReplyPart } from '../../../src/pipeline/ports.ts'
import { stockPhrases } from '../../../src/pipeline/stock-phrases.ts'
import { toolRounds } from '../../../src/pipeline/tool-rounds.ts'
import { toolsFor } from '../../../src/pipeline/tools.ts'
import { createAnthropicClient } from '../../../src/providers/anthropic/client.ts'
import { ClaudeEngine } from '../../../src/providers/anthropic/claude-engine.ts'
import type { ClaudeFault } from '../../../src/simulator/claude.ts'
import {
  agentSaid,
  callerSays,
  collect,
  dentist,
  engineFor,
  simulateClaude,
  textOf,
} from '../../helpers/claude.ts'
import { httpTool, toolCalls } from '../../helpers/tool-calls.ts'
import { describe, expect, it } from '../../helpers/together.ts'

const never = new AbortController().signal
const rules = [
  { when: /answered/, say: 'Hi John, this is Alex from Downtown Dental.' },
  { when: /book (\w+)/, say: 'Booking $1.', tool: { name: 'end_call', input: { reason: 'done' } } },
  { when: /hang up/, tool: { name: 'end_call', input: {} } },
  { when: /./, say: 'The appointment is on Thursday at two in the afternoon. Does that work?' },
]
const scripts = [{ marker: dentist.action, rules }]

async function simulate(...faults: ClaudeFault[]) {
  return simulateClaude({ scripts, knobs: { faults } })
}

describe('ClaudeEngine', () => {
  it('opens the call with what the model says', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim)
    const parts = await collect(engine.getOpening({ signal: never }))
    expect(textOf(parts)).toBe('Hi John, this is Alex from Downtown Dental.')
    expect(parts.at(-1)).toEqual({ type: 'done', reason: 'end' })
    expect(parts.length).toBeGreaterThan(5)
    expect(sim.violations.list).toEqual([])
  })

  it('opens with the given words, and warms up meanwhile', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim, { brief: { ...dentist, opening: ' Hello from us. ' } })
    expect(await collect(engine.getOpening({ signal: never }))).toEqual([
      { type: 'text', text: 'Hello from us.' },
      { type: 'done', reason: 'end' },
    ])
    expect(sim.claude.requests()).toMatchObject([{ maxTokens: 0, stream: false }])
    expect(sim.violations.list).toEqual([])
    expect(await collect(engine.getOpening({ signal: AbortSignal.abort() }))).toEqual([])
  })

  it('finds the prompt of the warm-up in the cache', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim, { brief: { ...dentist, opening: 'Hello.' } })
    await engine.getResponse([agentSaid('Hello.'), callerSays('Hi')], { signal: never })
    await engine.getResponse([agentSaid('Hello.'), callerSays('Hi'), agentSaid('Yes?')], {
      signal: never,
    })
    const [warmUp, first, second] = sim.claude.requests().map((request) => request.promptTokens)
    expect(warmUp).toMatchObject({ read: 0 })
    expect(first?.read).toBe(warmUp?.written)
    expect(second?.read).toBeGreaterThan(first!.read)
  })

  it('answers what the caller said', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim)
    const text = await engine.getResponse([agentSaid('Hi.'), callerSays('When is it?')], {
      signal: never,
    })
    expect(text).toBe('The appointment is on Thursday at two in the afternoon. Does that work?')
    expect(sim.claude.requests()[0]?.body).toMatchObject({
      thinking: { type: 'disabled' },
      output_config: { effort: 'low' },
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      cache_control: { type: 'ephemeral' },
      max_tokens: 300,
    })
  })

  it.each([
    ['claude-sonnet-5-5', { thinking: { type: 'disabled' }, output_config: { effort: 'low' } }],
    ['claude-opus-5-5', { output_config: { effort: 'low' } }],
    ['claude-haiku-4-5', {}],
  ])('asks %s only for what it takes', async (model, settings) => {
    await using sim = await simulate()
    const engine = await engineFor(sim, { model })
    await engine.getResponse([callerSays('Hello?')], { signal: never })
    const { thinking, output_config } = sim.claude.requests()[0]!.body
    expect({ thinking, output_config }).toEqual({
      thinking: undefined,
      output_config: undefined,
      ...settings,
    })
    expect(sim.violations.list).toEqual([])
  })

  it('calls a tool after its words', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim)
    const parts = await collect(
      engine.streamResponse([callerSays('book Friday')], { signal: never }),
    )
    expect(textOf(parts)).toBe('Booking Friday.')
    expect(parts.slice(-2)).toEqual([
      { type: 'tool_call', id: expect.any(String), name: 'end_call', input: { reason: 'done' } },
      { type: 'done', reason: 'tool_call' },
    ])
  })

  it('calls a tool without a word and without input', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim)
    const parts = await collect(engine.streamResponse([callerSays('hang up')], { signal: never }))
    expect(parts).toMatchObject([
      { type: 'tool_call', name: 'end_call', input: {} },
      { type: 'done', reason: 'tool_call' },
    ])
  })

  it('passes over thoughts', async () => {
    await using sim = await simulate({ kind: 'thinking_first' })
    const engine = await engineFor(sim)
    expect(await engine.getResponse([callerSays('When?')], { signal: never })).toMatch(/^The app/)
  })

  it('says that a reply was cut at the limit, and drops a tool call cut with it', async () => {
    await using sim = await simulate(
      { kind: 'max_tokens', after: 3 },
      { kind: 'max_tokens', after: 5 },
    )
    const engine = await engineFor(sim)
    const cut = await collect(engine.streamResponse([callerSays('When?')], { signal: never }))
    expect(textOf(cut)).toBe('The appointment')
    expect(cut.at(-1)).toEqual({ type: 'done', reason: 'length' })
    const tool = await collect(engine.streamResponse([callerSays('book it')], { signal: never }))
    expect(tool.map(({ type }) => type)).toEqual(['text', 'text', 'text', 'done'])
    expect(tool.at(-1)).toEqual({ type: 'done', reason: 'length' })
  })

  it('says that the model refused', async () => {
    await using sim = await simulate({ kind: 'refusal', after: 2 }, { kind: 'refusal' })
    const engine = await engineFor(sim)
    const parts = await collect(engine.streamResponse([callerSays('Hm')], { signal: never }))
    expect(parts.at(-1)).toEqual({ type: 'done', reason: 'refusal' })
    expect(await collect(engine.streamResponse([callerSays('Hm')], { signal: never }))).toEqual([
      { type: 'done', reason: 'refusal' },
    ])
  })

  it('offers the tools of its call, in their order, as valid text', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim)
    const tools = toolsFor({
      direction: 'outbound',
      httpTools: [
        {
          name: 'look_up',
          description: 'Half a \uD83D',
          inputSchema: { type: 'object', properties: { day: { description: '\uDE00' } } },
        },
      ],
    })
    await engine.setup(dentist, { signal: never, tools })
    await engine.getResponse([callerSays('When?')], { signal: never })
    const { body } = sim.claude.requests()[0]!
    expect(body.tools?.map(({ name }) => name)).toEqual(tools.map(({ name }) => name))
    expect(body.tools?.at(-1)).toEqual({
      name: 'look_up',
      description: 'Half a \uFFFD',
      input_schema: { type: 'object', properties: { day: { description: '\uFFFD' } } },
    })
    expect(body.tools?.every((tool) => 'input_schema' in tool)).toBe(true)
    await engine.getResponse([callerSays('When?')], { signal: never })
    expect(JSON.stringify(sim.claude.requests()[1]!.body.tools)).toBe(JSON.stringify(body.tools))
    expect(sim.violations.list).toEqual([])
  })

  it('asks for no choice of tools where there are none', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim)
    await engine.setup(dentist, { signal: never, tools: [] })
    await engine.getResponse([callerSays('When?')], { signal: never })
    expect(sim.claude.requests()[0]!.body).not.toHaveProperty('tools')
    expect(sim.claude.requests()[0]!.body).not.toHaveProperty('tool_choice')
    expect(sim.violations.list).toEqual([])
  })

  it('answers with what a tool has found', async () => {
    const lookUp = { say: 'Let me check.', tool: { name: 'look_up', input: { day: 'Friday' } } }
    await using sim = await simulateClaude({
      scripts: [
        {
          marker: dentist.action,
          rules: [
            { when: /two places/, say: 'Friday has two places left.' },
            { when: /Friday/, ...lookUp },
          ],
        },
      ],
    })
    const engine = await engineFor(sim)
    const call = toolCalls()
    const tools = toolsFor({ direction: 'outbound', httpTools: [httpTool('look_up')] })
    await engine.setup(dentist, { signal: never, tools })
    call.turns.push(callerSays('Is Friday free?'))
    const parts: ReplyPart[] = []
    const reply = toolRounds({
      ask: (turns, options) => engine.streamResponse(turns, options),
      turns: () => call.turns,
      said: () => textOf(parts),
      tools: call.toolRuns,
      stock: () => stockPhrases('en'),
      clock: sim.clock,
      signal: never,
    })
    for await (const part of reply) {
      if (part.type !== 'broken') parts.push(part)
      if (textOf(parts) !== 'Let me check.') continue
      void vi.waitFor(() => {
        expect(call.runs).toHaveLength(1)
        call.runs[0]!.answer('two places')
      })
    }
    const answer = parts.filter((part) => part.type !== 'text' || !part.filler)
    expect(textOf(answer)).toBe('Let me check.Friday has two places left.')
    expect(parts.at(-1)).toEqual({ type: 'done', reason: 'end' })
    expect(sim.violations.list).toEqual([])
  })

  it('is not set up by itself', () => {
    const { client } = createAnthropicClient({ apiKey: 'k', baseUrl: 'http://127.0.0.1:9' })
    const engine = new ClaudeEngine({ client } as never)
    expect(() => engine.streamResponse([], { signal: never })).toThrow('setup comes before')
  })
})

describe('an interrupted reply', () => {
  // Slow enough that it is still being sent when it is interrupted.
  const simulateSlowly = () => simulateClaude({ scripts, knobs: { tokenMs: 500 } })

  it('ends quietly, and the vendor sees that nobody listens any more', async () => {
    await using sim = await simulateSlowly()
    const engine = await engineFor(sim)
    const controller = new AbortController()
    const parts: ReplyPart[] = []
    const { signal } = controller
    for await (const part of engine.streamResponse([callerSays('When?')], { signal })) {
      parts.push(part)
      if (parts.length === 3) controller.abort(new Error('barge-in'))
    }
    expect(parts).toHaveLength(3)
    await vi.waitFor(() => {
      expect(sim.claude.requests()[0]?.aborted).toBe(true)
    })
  })

  it('ends quietly before the first word', async () => {
    await using sim = await simulate({ kind: 'slow', firstTokenMs: 3000 })
    const engine = await engineFor(sim)
    const controller = new AbortController()
    const pending = collect(engine.streamResponse([callerSays('When?')], controller))
    await vi.waitFor(() => {
      expect(sim.claude.requests()).toHaveLength(1)
    })
    controller.abort(new Error('barge-in'))
    expect(await pending).toEqual([])
    await vi.waitFor(() => {
      expect(sim.claude.requests()[0]?.aborted).toBe(true)
    })
  })

  it('asks nothing when it was aborted before', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim)
    const signal = AbortSignal.abort(new Error('hang-up'))
    expect(await collect(engine.streamResponse([], { signal }))).toEqual([])
    await expect(engine.getResponse([], { signal })).rejects.toThrow('hang-up')
    expect(sim.claude.requests()).toHaveLength(0)
  })

  it('ends quietly while waiting for its second try', async () => {
    await using sim = await simulate({ kind: 'status', status: 529, times: 2 })
    const controller = new AbortController()
    const write = (line: string) => {
      if (line.includes('claude asked again')) controller.abort(new Error('barge-in'))
    }
    const engine = await engineFor(sim, { log: pino({ level: 'debug' }, { write }) })
    expect(await collect(engine.streamResponse([callerSays('When?')], controller))).toEqual([])
    expect(controller.signal.aborted).toBe(true)
    expect(sim.claude.requests()).toHaveLength(1)
  })

  it('is given up when its listener stops listening', async () => {
    await using sim = await simulateSlowly()
    const engine = await engineFor(sim)
    for await (const part of engine.streamResponse([callerSays('When?')], { signal: never })) {
      expect(part.type).toBe('text')
      break
    }
    await vi.waitFor(() => {
      expect(sim.claude.requests()[0]?.aborted).toBe(true)
    })
  })
})

/** Runs one reply that has to fail; gives its words and its error. */
async function failing(faults: ClaudeFault[], deadlines = {}) {
  await using sim = await simulate(...faults)
  const engine = await engineFor(sim, deadlines)
  const parts: ReplyPart[] = []
  const error: unknown = await (async () => {
    for await (const part of engine.streamResponse([callerSays('When?')], { signal: never })) {
      parts.push(part)
    }
  })().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProviderError)
  const { code, vendorCode, provider } = error as ProviderError
  expect(provider).toBe('anthropic')
  return { code, vendorCode, text: textOf(parts), requests: sim.claude.requests() }
}

describe('a failing vendor', () => {
  it.each([
    ['never answers', { kind: 'stall' }, { code: 'timeout', text: '' }],
    ['answers with nothing but a head', { kind: 'stall', after: 0 }, { code: 'timeout', text: '' }],
    ['stalls', { kind: 'stall', after: 3 }, { code: 'timeout', text: 'The appointment' }],
    ['ends early', { kind: 'early_end', after: 2 }, { code: 'disconnected', text: 'The appoin' }],
    ['hangs up', { kind: 'cut', after: 2 }, { code: 'disconnected', text: 'The appoin' }],
    [
      'is overloaded in mid-sentence',
      { kind: 'error_event', after: 1 },
      { code: 'unavailable', vendorCode: 'overloaded_error', text: 'The' },
    ],
    ['has nothing to say', { kind: 'empty' }, { code: 'empty', text: '' }],
  ] as const)('%s', async (_, fault, expected) => {
    const failure = await failing([fault], { firstTokenTimeoutMs: 5000, stallTimeoutMs: 3000 })
    expect(failure).toMatchObject(expected)
    expect(failure.requests).toHaveLength(1)
  })

  it.each([
    { status: 401, code: 'auth', vendorCode: 'authentication_error', requests: 1 },
    { status: 403, code: 'auth', vendorCode: 'permission_error', requests: 1 },
    { status: 402, code: 'quota', vendorCode: 'billing_error', requests: 1 },
    { status: 400, code: 'rejected', vendorCode: 'invalid_request_error', requests: 1 },
    { status: 429, code: 'rate_limited', vendorCode: 'rate_limit_error', requests: 2 },
    { status: 500, code: 'unavailable', vendorCode: 'api_error', requests: 2 },
    { status: 529, code: 'unavailable', vendorCode: 'overloaded_error', requests: 2 },
  ])('answers $status: $code', async ({ status, code, vendorCode, requests }) => {
    const failure = await failing([{ kind: 'status', status, times: 9 }])
    expect(failure).toMatchObject({ code, vendorCode })
    expect(failure.requests).toHaveLength(requests)
  })

  it('is not asked again when the money is spent', async () => {
    const errorCode = 'enforced_spend_limit_reached'
    const failure = await failing([{ kind: 'status', status: 429, errorCode }])
    expect(failure).toMatchObject({ code: 'quota', vendorCode: errorCode })
    expect(failure.requests).toHaveLength(1)
  })

  it('is not asked again when it wants more patience than a caller has', async () => {
    const fault = { kind: 'status', status: 429, retryAfterS: 6 } as const
    const failure = await failing([fault])
    expect(failure).toMatchObject({ code: 'rate_limited', text: '' })
    expect(failure.requests).toHaveLength(1)
  })

  it.each<[string, ClaudeFault]>([
    ['is overloaded', { kind: 'status', status: 529 }],
    ['limits requests for a second', { kind: 'status', status: 429, retryAfterS: 1 }],
    ['resets the connection', { kind: 'cut' }],
    ['breaks off before the first word', { kind: 'cut', after: 0 }],
    ['ends before the first word', { kind: 'early_end' }],
    ['sends an error before the first word', { kind: 'error_event' }],
  ])('%s once: nobody notices', async (_, fault) => {
    await using sim = await simulate(fault)
    const engine = await engineFor(sim)
    expect(await engine.getResponse([callerSays('When?')], { signal: never })).toMatch(/^The app/)
    expect(sim.claude.requests()).toHaveLength(2)
  })

  it('has one deadline for both tries', async () => {
    const failure = await failing(
      [
        { kind: 'status', status: 529 },
        { kind: 'slow', firstTokenMs: 6000 },
      ],
      { firstTokenTimeoutMs: 5000 },
    )
    expect(failure).toMatchObject({ code: 'timeout', text: '' })
  })

  it('is not blamed for a listener that takes its time', async () => {
    await using sim = await simulate()
    const engine = await engineFor(sim, { stallTimeoutMs: 3000 })
    let text = ''
    for await (const part of engine.streamResponse([callerSays('When?')], { signal: never })) {
      if (part.type !== 'text') continue
      if (text === '') await sleep(450)
      text += part.text
    }
    expect(text).toMatch(/^The app.*work\?$/)
  })

  it('cannot be reached', async () => {
    await using sim = await simulate()
    const gone = createAnthropicClient({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1' })
    const engine = await engineFor({ ...sim, client: gone.client })
    await expect(engine.getResponse([], { signal: never })).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
    })
    await gone.close()
  })
})

describe('a warm-up', () => {
  const brief = { ...dentist, opening: 'Hello.' }

  it.each<[string, ClaudeFault, string]>([
    ['fails', { kind: 'status', status: 529, warmUps: true }, 'unavailable'],
    ['is too slow', { kind: 'stall', warmUps: true }, 'timeout'],
  ])('that %s is only logged', async (_, fault, code) => {
    await using sim = await simulate(fault)
    const lines: string[] = []
    const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) })
    const engine = await engineFor(sim, { brief, log, firstTokenTimeoutMs: 5000 })
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { msg: 'claude warm-up failed', code },
    ])
    expect(await engine.getResponse([callerSays('When?')], { signal: never })).not.toBe('')
  })

  it('that is aborted is nobody’s fault', async () => {
    await using sim = await simulate()
    const lines: string[] = []
    const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) })
    const engine = await engineFor(sim, { log })
    await engine.setup(brief, { signal: AbortSignal.abort() })
    expect(lines).toEqual([])
  })
})
