import {
  type Anthropic,
  APIConnectionError,
  type APIError,
  InternalServerError,
  OverloadedError,
  RateLimitError,
} from '@anthropic-ai/sdk'
import { describe, expect, it, vi } from 'vitest'
import type { ClaudeFault } from '../../src/simulator/claude.ts'
import { simulateClaude } from '../helpers/claude.ts'

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

describe('a fault', () => {
  it.each<[ClaudeFault, new (...args: never[]) => Error, object]>([
    [{ kind: 'status', status: 529 }, OverloadedError, { type: 'overloaded_error' }],
    [{ kind: 'status', status: 500 }, InternalServerError, { type: 'api_error' }],
    [
      { kind: 'status', status: 429, retryAfterS: 7, errorCode: 'enforced_spend_limit_reached' },
      RateLimitError,
      { errorCode: 'enforced_spend_limit_reached' },
    ],
    [{ kind: 'cut' }, APIConnectionError, {}],
    [{ kind: 'early_end' }, APIConnectionError, {}],
    [{ kind: 'error_event' }, OverloadedError, {}],
  ])('without a stream: %j', async (fault, errorClass, fields) => {
    await using sim = await simulate(fault)
    const error: unknown = await sim.client.messages
      .create(ask('name is Ann'))
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(errorClass)
    expect(error).toMatchObject(fields)
    if (fault.kind === 'status' && fault.retryAfterS) {
      expect((error as APIError).headers?.get('retry-after')).toBe('7')
    }
    expect(sim.claude.requests()[0]).toMatchObject({ fault, aborted: false })
    await sim.client.messages.create(ask('name is Ann'))
  })

  it('hits the requests that it is meant for, as often as it says', async () => {
    const fault = { kind: 'empty', when: /Ann/g, times: 2 } as const
    await using sim = await simulate(fault)
    const contents: number[] = []
    for (const name of ['Ann', 'Bob', 'Ann', 'Ann']) {
      contents.push((await sim.client.messages.create(ask(`name is ${name}`))).content.length)
    }
    expect(contents).toEqual([0, 1, 0, 1])
  })

  it('in a stream is an error event of the given type', async () => {
    await using sim = await simulate({ kind: 'error_event', after: 2, type: 'api_error' })
    const stream = sim.client.messages.stream(ask('name is Ann'))
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'api_error' })
    expect(stream.currentMessage?.content).toMatchObject([{ text: 'Hello, Ann,' }])
  })

  it('may be set while it runs', async () => {
    await using sim = await simulate()
    sim.claude.knobs.faults = [{ kind: 'refusal', after: 1 }]
    const message = await sim.client.messages.create(ask('name is Ann'))
    expect(message).toMatchObject({
      stop_reason: 'refusal',
      stop_details: { type: 'refusal' },
      content: [{ text: 'Hello,' }],
    })
  })

  it('leaves a stalled request to its client', async () => {
    await using sim = await simulate({ kind: 'stall', after: 1 })
    const stream = await sim.client.messages.create({ ...ask('name is Ann'), stream: true })
    for await (const event of stream) if (event.type === 'content_block_delta') break
    await vi.waitFor(() => {
      expect(sim.claude.requests()[0]?.aborted).toBe(true)
    })
  })
})
