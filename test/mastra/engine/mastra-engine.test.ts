import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProviderError } from '../../../src/errors.ts'
import type { MindThread } from '../../../src/mastra/engine/mind-thread.ts'
import type { ReplyPart } from '../../../src/pipeline/ports.ts'
import { toolsFor } from '../../../src/pipeline/tools.ts'
import type { Turn } from '../../../src/pipeline/transcript.ts'
import type { ClaudeFault } from '../../../src/simulator/claude.ts'
import {
  agentSaid,
  callerSays,
  collect,
  dentist,
  engineFor,
  simulateClaude,
  type Simulation,
  textOf,
} from '../../helpers/claude.ts'
import { mastraEngine, mindThread } from '../../helpers/mastra-engine.ts'

const never = new AbortController().signal
const rules = [
  { when: /answered/, say: 'Hi John, this is Alex from Downtown Dental.' },
  { when: /book (\w+)/, say: 'Booking $1.', tool: { name: 'end_call', input: { reason: 'done' } } },
  { when: /hang up/, tool: { name: 'end_call', input: {} } },
  { when: /./, say: 'The appointment is on Thursday at two in the afternoon. Does that work?' },
]

let sim: Simulation
let thread: MindThread

beforeAll(async () => {
  sim = await simulateClaude({ scripts: [{ marker: dentist.action, rules }] })
  thread = await mindThread(sim)
})
afterAll(async () => {
  await thread.close()
  await sim[Symbol.asyncDispose]()
})
beforeEach(() => {
  sim.claude.knobs.faults = []
  sim.claude.knobs.tokenMs = 15
})

const asked = () => sim.claude.requests().length
const lastRequest = () => sim.claude.requests().at(-1)

function tool(name: string, result: string): Turn {
  return {
    role: 'tool',
    id: 'toolu_1',
    name,
    input: { day: 'Friday' },
    result,
    startMs: 0,
    endMs: 0,
  }
}

describe('a Mastra agent as the mind of a call', () => {
  it('opens the call, in pieces, and says what it took', async () => {
    const onUsage = vi.fn()
    const engine = await mastraEngine(sim, thread, { onUsage })
    const parts = await collect(engine.getOpening({ signal: never }))
    expect(textOf(parts)).toBe('Hi John, this is Alex from Downtown Dental.')
    expect(parts.at(-1)).toEqual({ type: 'done', reason: 'end' })
    expect(parts.length).toBeGreaterThan(5)
    expect(onUsage).toHaveBeenCalledWith({
      inputTokens: expect.any(Number),
      cachedTokens: expect.any(Number),
      cacheWriteTokens: expect.any(Number),
      outputTokens: expect.any(Number),
    })
  })

  it('asks nothing for given words', async () => {
    const engine = await mastraEngine(sim, thread, { brief: { ...dentist, opening: ' Hello. ' } })
    const before = asked()
    expect(await collect(engine.getOpening({ signal: never }))).toEqual([
      { type: 'text', text: 'Hello.' },
      { type: 'done', reason: 'end' },
    ])
    expect(await collect(engine.getOpening({ signal: AbortSignal.abort() }))).toEqual([])
    expect(asked()).toBe(before)
  })

  it('asks the vendor for the same thing as the direct engine', async () => {
    const turns = [
      agentSaid('Hi John, this is', true),
      callerSays('Who?'),
      agentSaid('Let me check. '),
      tool('look_up', 'two places'),
      agentSaid('Friday has two places.'),
      callerSays('And “Saturday” \uD83D?'),
      tool('look up!', 'still running'),
      callerSays('Are you there?'),
      agentSaid('Yes.'),
    ]
    const tools = toolsFor({
      direction: 'outbound',
      transferTargets: [{ name: 'front desk' }],
      httpTools: [
        {
          name: 'look_up',
          description: 'Half a \uD83D',
          inputSchema: {
            type: 'object',
            properties: {
              day: { type: 'string', enum: ['Friday', 'Saturday'], description: 'which' },
              seats: { type: 'integer', minimum: 1, maximum: 9 },
              who: {
                type: 'array',
                items: { type: 'object', properties: { a: { type: ['string', 'null'] } } },
              },
            },
            required: ['day'],
            additionalProperties: false,
          },
        },
      ],
    })
    const direct = await engineFor(sim)
    const agent = await mastraEngine(sim, thread)
    await direct.setup(dentist, { signal: never, tools })
    await agent.setup(dentist, { signal: never, tools })
    await direct.getResponse(turns, { signal: never })
    const wanted = lastRequest()!.body
    await agent.getResponse(turns, { signal: never })
    const got = lastRequest()!.body
    expect(normal(got)).toEqual(normal(wanted))
  })

  it('hands on tool calls, with and without words', async () => {
    const engine = await mastraEngine(sim, thread)
    const parts = await collect(
      engine.streamResponse([callerSays('book Friday')], { signal: never }),
    )
    expect(textOf(parts)).toBe('Booking Friday.')
    expect(parts.slice(-2)).toEqual([
      { type: 'tool_call', id: expect.any(String), name: 'end_call', input: { reason: 'done' } },
      { type: 'done', reason: 'tool_call' },
    ])
    expect(
      await collect(engine.streamResponse([callerSays('hang up')], { signal: never })),
    ).toMatchObject([
      { type: 'tool_call', name: 'end_call', input: {} },
      { type: 'done', reason: 'tool_call' },
    ])
  })

  it.each<[ClaudeFault, string, string]>([
    [
      { kind: 'thinking_first' },
      'end',
      'The appointment is on Thursday at two in the afternoon. Does that work?',
    ],
    [{ kind: 'max_tokens', after: 3 }, 'length', 'The appointment'],
    [{ kind: 'refusal', after: 2 }, 'refusal', 'The appoin'],
    [{ kind: 'refusal' }, 'refusal', ''],
  ])('ends as the model does: %o', async (fault, reason, text) => {
    sim.claude.knobs.faults = [fault]
    const engine = await mastraEngine(sim, thread)
    const parts = await collect(engine.streamResponse([callerSays('When?')], { signal: never }))
    expect(textOf(parts)).toBe(text)
    expect(parts.at(-1)).toEqual({ type: 'done', reason })
  })
})

/** Key order and the ways of writing one text aside. */
function normal(body: object): unknown {
  const plain = JSON.parse(JSON.stringify(body), (key: string, value: unknown) => {
    if (key === 'content' && typeof value === 'string') return [{ type: 'text', text: value }]
    if (key === '$schema') return undefined
    return value
  }) as { messages: { content: { type: string; content?: unknown }[] }[] }
  for (const { content } of plain.messages) {
    for (const block of content) {
      if (block.type === 'tool_result' && Array.isArray(block.content)) {
        const [first] = block.content as { text: string }[]
        block.content = first?.text
      }
    }
  }
  return plain
}

describe('an interrupted reply', () => {
  it('ends quietly, and the vendor sees that nobody listens any more', async () => {
    sim.claude.knobs.tokenMs = 500
    const engine = await mastraEngine(sim, thread)
    const controller = new AbortController()
    const parts: ReplyPart[] = []
    for await (const part of engine.streamResponse([callerSays('When?')], controller)) {
      parts.push(part)
      if (parts.length === 2) controller.abort(new Error('barge-in'))
    }
    expect(parts).toHaveLength(2)
    await vi.waitFor(() => {
      expect(lastRequest()?.aborted).toBe(true)
    })
  })

  it('ends quietly before the first word, and is never asked for after an abort', async () => {
    sim.claude.knobs.faults = [{ kind: 'slow', firstTokenMs: 9000 }]
    const engine = await mastraEngine(sim, thread)
    const before = asked()
    const controller = new AbortController()
    const pending = collect(engine.streamResponse([callerSays('When?')], controller))
    await vi.waitFor(() => {
      expect(asked()).toBe(before + 1)
    })
    controller.abort(new Error('barge-in'))
    expect(await pending).toEqual([])
    await vi.waitFor(() => {
      expect(lastRequest()?.aborted).toBe(true)
    })
    const { signal } = controller
    await expect(engine.getResponse([], { signal })).rejects.toThrow('barge-in')
    expect(asked()).toBe(before + 1)
  })

  it('is given up when its listener stops listening', async () => {
    sim.claude.knobs.tokenMs = 500
    const engine = await mastraEngine(sim, thread)
    for await (const part of engine.streamResponse([callerSays('When?')], { signal: never })) {
      expect(part.type).toBe('text')
      break
    }
    await vi.waitFor(() => {
      expect(lastRequest()?.aborted).toBe(true)
    })
  })
})

describe('a failing vendor', () => {
  it.each<[string, ClaudeFault, object]>([
    ['never answers', { kind: 'stall' }, { code: 'timeout', text: '' }],
    ['stalls', { kind: 'stall', after: 3 }, { code: 'timeout', text: 'The appointment' }],
    ['ends early', { kind: 'early_end', after: 2 }, { code: 'disconnected', text: 'The appoin' }],
    ['ends before the first word', { kind: 'early_end' }, { code: 'disconnected', text: '' }],
    ['hangs up', { kind: 'cut', after: 2 }, { code: 'disconnected', text: 'The appoin' }],
    ['hangs up before it has answered', { kind: 'cut' }, { text: '' }],
    ['sends garbage', { kind: 'garbage', after: 2 }, { code: 'protocol', text: 'The appoin' }],
    [
      'is overloaded in mid-sentence',
      { kind: 'error_event', after: 1 },
      { code: 'unavailable', vendorCode: 'overloaded_error', text: 'The' },
    ],
    ['has nothing to say', { kind: 'empty' }, { code: 'empty', text: '' }],
    ...(
      [
        [401, 'auth', 'authentication_error'],
        [402, 'quota', 'billing_error'],
        [400, 'rejected', 'invalid_request_error'],
        [429, 'rate_limited', 'rate_limit_error'],
        [500, 'unavailable', 'api_error'],
        [529, 'unavailable', 'overloaded_error'],
      ] as const
    ).map(([status, code, vendorCode]): [string, ClaudeFault, object] => [
      `answers ${status}`,
      { kind: 'status', status },
      { code, vendorCode, text: '' },
    ]),
    [
      'has been paid too little',
      { kind: 'status', status: 429, errorCode: 'enforced_spend_limit_reached' },
      { code: 'quota', vendorCode: 'enforced_spend_limit_reached' },
    ],
  ])('%s: asked once, and told by its code', async (_, fault, expected) => {
    sim.claude.knobs.faults = [fault]
    const deadlines = { firstTokenTimeoutMs: 5000, stallTimeoutMs: 3000 }
    const engine = await mastraEngine(sim, thread, fault.kind === 'stall' ? deadlines : {})
    const before = asked()
    const parts: ReplyPart[] = []
    const error: unknown = await (async () => {
      for await (const part of engine.streamResponse([callerSays('When?')], { signal: never })) {
        parts.push(part)
      }
    })().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProviderError)
    const { code, vendorCode, provider, message } = error as ProviderError
    expect({ code, vendorCode, text: textOf(parts) }).toMatchObject(expected)
    expect(provider).toBe('anthropic')
    expect(message).not.toContain(dentist.action)
    expect(asked()).toBe(before + 1)
  })

  it('is set up before it is asked', async () => {
    const engine = await mastraEngine(sim, thread)
    const bare = new (engine.constructor as new (options: object) => typeof engine)({
      thread,
      clock: sim.clock,
    })
    await expect(collect(bare.streamResponse([], { signal: never }))).rejects.toThrow('setup comes')
  })
})
