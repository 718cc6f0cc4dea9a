import Anthropic, {
  APIConnectionError,
  type APIError,
  AuthenticationError,
  BadRequestError,
  NotFoundError,
} from '@anthropic-ai/sdk'
import { vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { type ClaudeFault, startClaude } from '../../src/simulator/claude.ts'
import { Violations } from '../../src/simulator/violations.ts'
import { KEY, simulateClaude } from '../helpers/claude.ts'
import { describe, expect, it } from '../helpers/together.ts'

const tools: Anthropic.Tool[] = [
  { name: 'look_up', input_schema: { type: 'object', properties: {} } },
]
const rules = [
  {
    when: /look/,
    say: 'One moment.',
    tool: { name: 'look_up', input: { say: 'a "b" {c}', n: [1] } },
  },
  { when: /name is (\w+)/, say: 'Hello, $1, how are you doing on this fine day?' },
]
const scripts = [{ marker: 'phone call', rules }]
const ask = (content: string) => ({
  model: 'claude-haiku-5-5',
  max_tokens: 300,
  system: 'This is a phone call.',
  tools,
  messages: [{ role: 'user' as const, content }],
})

async function simulate(...faults: ClaudeFault[]) {
  return simulateClaude({ scripts, knobs: { faults } })
}

describe('the official SDK', () => {
  it('streams a message by events', async () => {
    await using sim = await simulate()
    const types: string[] = []
    let text = ''
    const stream = await sim.client.messages.create({ ...ask('My name is Ann'), stream: true })
    for await (const event of stream) {
      if (types.at(-1) !== event.type) types.push(event.type)
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
        text += event.delta.text
      }
    }
    expect(text).toBe('Hello, Ann, how are you doing on this fine day?')
    expect(types).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ])
  })

  it('assembles a message with a tool call', async () => {
    await using sim = await simulate({ kind: 'thinking_first' })
    const message = await sim.client.messages.stream(ask('look it up')).finalMessage()
    expect(message.content).toMatchObject([
      { type: 'thinking', signature: expect.any(String) },
      { type: 'text', text: 'One moment.' },
      { type: 'tool_use', name: 'look_up', input: { say: 'a "b" {c}', n: [1] } },
    ])
    expect(message.stop_reason).toBe('tool_use')
    expect(message.usage.output_tokens).toBeGreaterThan(5)
  })

  it('gets the same message in one piece', async () => {
    await using sim = await simulate({ kind: 'thinking_first' })
    const message = await sim.client.messages.create(ask('look it up'))
    expect(message).toMatchObject({
      type: 'message',
      role: 'assistant',
      stop_reason: 'tool_use',
      content: [
        { type: 'thinking' },
        { type: 'text', text: 'One moment.' },
        { type: 'tool_use', input: { n: [1] } },
      ],
    })
    expect(message._request_id).toMatch(/^req_/)
  })

  it('goes on after a tool', async () => {
    await using sim = await simulate()
    const first = await sim.client.messages.create(ask('look it up'))
    const use = first.content.find((block) => block.type === 'tool_use')
    const answer = await sim.client.messages.create({
      ...ask(''),
      messages: [
        { role: 'user', content: 'look it up' },
        { role: 'assistant', content: first.content },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: use!.id, content: 'his name is Bob' }],
        },
      ],
    })
    expect(answer.content).toMatchObject([{ text: expect.stringMatching(/^Hello, Bob/) }])
    expect(sim.claude.requests().at(-1)).toMatchObject({
      lastUserText: 'his name is Bob',
      system: 'This is a phone call.',
      tools: ['look_up'],
      aborted: false,
      reply: { text: 'Hello, Bob, how are you doing on this fine day?' },
    })
  })

  it('stops at the limit that it asked for', async () => {
    await using sim = await simulate()
    const message = await sim.client.messages.create({ ...ask('name is Ann'), max_tokens: 2 })
    expect(message).toMatchObject({ stop_reason: 'max_tokens', content: [{ text: 'Hello, Ann,' }] })
  })

  it('warms up the cache and gets no content', async () => {
    await using sim = await simulate({ kind: 'empty', times: 9 })
    const long = { ...ask('Hi'), cache_control: { type: 'ephemeral' as const } }
    const system = 'This is a phone call. '.repeat(100)
    const message = await sim.client.messages.create({ ...long, system, max_tokens: 0 })
    expect(message).toMatchObject({ content: [], stop_reason: 'max_tokens' })
    expect(message.usage.cache_creation_input_tokens).toBeGreaterThan(512)
    const next = await sim.client.messages.create({ ...long, system })
    expect(next).toMatchObject({ content: [], stop_reason: 'end_turn' })
    expect(next.usage.cache_read_input_tokens).toBe(message.usage.cache_creation_input_tokens)
    expect(next.usage).toMatchObject({ input_tokens: 0, cache_creation_input_tokens: 0 })
    const short = await sim.client.messages.create(long)
    expect(short.usage).toMatchObject({
      cache_read_input_tokens: 0,
      cache_creation_input_tokens: 0,
    })
  })

  it('lists the models and finds one', async () => {
    await using sim = await simulate()
    const ids = (await sim.client.models.list()).data.map(({ id }) => id)
    expect(ids).toContain('claude-haiku-5-5')
    const model = await sim.client.models.retrieve('claude-haiku-5-5')
    expect(model.capabilities?.thinking.types.disabled.supported).toBe(true)
    expect(model.lifecycle).toBe('active')
  })

  it('may send its key the older way, with the older version', async () => {
    await using sim = await simulate()
    const client = new Anthropic({
      apiKey: null,
      baseURL: sim.claude.url,
      defaultHeaders: { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' },
    })
    expect(await client.messages.create(ask('name is Ann'))).toMatchObject({ role: 'assistant' })
  })
})

describe('a listener', () => {
  it('is told of each request, and of each piece of text as it leaves', async () => {
    const events: string[] = []
    await using sim = await simulateClaude({
      scripts,
      on: (event) => {
        events.push(event.type === 'text' ? event.text : `asked: ${event.request.lastUserText}`)
      },
    })
    await sim.client.messages.stream(ask('my name is Ann')).finalMessage()
    expect(events[0]).toBe('asked: my name is Ann')
    expect(events.slice(1).join('')).toBe('Hello, Ann, how are you doing on this fine day?')
  })
})

describe('a refusal', () => {
  it.each<[string, object, new (...args: never[]) => Error, string]>([
    ['of a bad request', { temperature: 1 }, BadRequestError, 'invalid_request_error'],
    ['of an unknown model', { model: 'claude-x' }, NotFoundError, 'not_found_error'],
  ])('%s has the class and shape of the real one', async (_, changes, errorClass, type) => {
    const violations = new Violations()
    await using sim = await simulateClaude({ violations })
    const error: unknown = await sim.client.messages
      .create({ ...ask('Hi'), ...changes })
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(errorClass)
    expect(error).toMatchObject({ type, requestID: expect.stringMatching(/^req_/) })
    expect((error as APIError).error).toMatchObject({
      type: 'error',
      request_id: expect.any(String),
    })
    expect(violations.list).toHaveLength(1)
    expect(violations.list[0]).toMatchObject({ vendor: 'anthropic' })
    expect(sim.claude.requests()).toHaveLength(0)
  })

  it('of a wrong key', async () => {
    const violations = new Violations()
    await using sim = await simulateClaude({ violations })
    const client = new Anthropic({ apiKey: 'wrong', baseURL: sim.claude.url, maxRetries: 0 })
    await expect(client.models.list()).rejects.toThrow(AuthenticationError)
    expect(violations.list).toEqual([
      { vendor: 'anthropic', rule: 'refused with 401', detail: 'invalid x-api-key' },
    ])
  })

  it.each<[string, RequestInit & { path?: string }, number, RegExp]>([
    ['no key', { headers: { 'anthropic-version': '2026-10-21' } }, 401, /is required/],
    ['no version', { headers: { 'x-api-key': KEY } }, 400, /anthropic-version/],
    ['an unknown path', { path: '/v1/mess' }, 404, /Not found/],
    ['an unknown method', { method: 'DELETE' }, 404, /Not found/],
    ['an unknown model', { path: '/v1/models/x' }, 404, /Not found/],
    ['a body that is too large', { method: 'POST', body: 'x'.repeat(33 << 20) }, 413, /maximum/],
  ])('of %s', async (_, { path = '/v1/messages', ...init }, status, message) => {
    const violations = new Violations()
    await using sim = await simulateClaude({ violations })
    const headers = { 'x-api-key': KEY, 'anthropic-version': '2026-10-21' }
    const response = await fetch(`${sim.claude.url}${path}`, { headers, ...init })
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { message: expect.stringMatching(message) },
      request_id: expect.any(String),
    })
    expect(violations.list).toHaveLength(1)
  })
})

describe('the pace', () => {
  it('is that of the knobs', async () => {
    await using sim = await simulateClaude({
      scripts,
      clock: systemClock,
      knobs: { firstTokenMs: 60, tokenMs: 20 },
    })
    const start = performance.now()
    const times: number[] = []
    const stream = await sim.client.messages.create({ ...ask('name is Ann'), stream: true })
    for await (const event of stream) {
      if (event.type === 'content_block_delta') times.push(performance.now() - start)
    }
    expect(times[0]).toBeGreaterThanOrEqual(58)
    // From the request on: on a busy machine the first may be read late, and the last is not read early.
    expect(times.at(-1)).toBeGreaterThan(58 + (times.length - 1) * 20 - 25)
  })

  it('is at once when they say so', async () => {
    const claude = await startClaude({
      clock: systemClock,
      violations: new Violations(),
      apiKey: KEY,
      scripts,
      knobs: { firstTokenMs: 0, tokenMs: 0 },
    })
    const client = new Anthropic({ apiKey: KEY, baseURL: claude.url })
    expect(await client.messages.create(ask('name is Ann'))).toMatchObject({ role: 'assistant' })
    await claude.close()
  })

  it('does not keep a closing server waiting', async () => {
    await using sim = await simulate({ kind: 'stall' })
    const pending = sim.client.messages.create(ask('Hi')).catch((thrown: unknown) => thrown)
    await vi.waitFor(() => {
      expect(sim.claude.requests()).toHaveLength(1)
    })
    await sim.claude.close()
    expect(await pending).toBeInstanceOf(APIConnectionError)
  })
})
