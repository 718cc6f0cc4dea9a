import type Anthropic from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import { think } from '../../src/simulator/claude-brain.ts'
import type { ClaudeRule } from '../../src/simulator/scenario.ts'
import { Violations } from '../../src/simulator/violations.ts'
import { simulateClaude } from '../helpers/claude.ts'

const tool = (name: string): Anthropic.Tool => ({ name, input_schema: { type: 'object' } })
const slots = { name: 'free_slots', input: { day: 'Monday' } }
const price = { name: 'price', input: { of: 'cleaning' } }

const rules: readonly ClaudeRule[] = [
  { when: /tool free_slots: .*"free": \["(.*?)"/, say: 'At $1, there is time.' },
  { when: /tool price: (\d+)/, say: 'It costs $1 dollars.' },
  { when: /The tool failed/, say: 'I cannot check that right now.' },
  { when: /both/, say: 'Let me see.', tool: slots, tools: [price] },
  { when: /free/, tool: slots },
  { when: /think/, say: 'Hm.', afterMs: 3000 },
]
const scripts = [{ marker: 'phone call', rules }]

type Messages = Anthropic.MessageParam[]

function ask(messages: Messages, extra: Partial<Anthropic.MessageCreateParams> = {}) {
  return {
    model: 'claude-haiku-5-5',
    max_tokens: 300,
    system: 'This is a phone call.',
    tools: [tool('free_slots'), tool('price')],
    messages,
    ...extra,
    stream: false as const,
  }
}

const says = (content: string): Messages => [{ role: 'user', content }]

/** The conversation with this answer of the model and the results of its tools, by their names. */
function after(
  messages: Messages,
  { content }: Anthropic.Message,
  results: Record<string, string>,
): Messages {
  const uses = content.filter((block) => block.type === 'tool_use')
  return [
    ...messages,
    { role: 'assistant', content },
    {
      role: 'user',
      content: uses.map(({ id, name }) => ({
        type: 'tool_result',
        tool_use_id: id,
        content: results[name]!,
      })),
    },
  ]
}

const textIn = ({ content }: Anthropic.Message) =>
  content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('')
const callsIn = ({ content }: Anthropic.Message) =>
  content.flatMap((block) => (block.type === 'tool_use' ? [block.name] : []))

describe('a script with tools', () => {
  it('fits what a named tool answered, its own call not being taken for a question', async () => {
    await using sim = await simulateClaude({ scripts })
    const asked = says('Is anything free?')
    const call = await sim.client.messages.create(ask(asked))
    expect([callsIn(call), call.stop_reason]).toEqual([['free_slots'], 'tool_use'])
    const told = after(asked, call, { free_slots: '{"free":\n["two p.m."]}' })
    const answer = await sim.client.messages.create(ask(told))
    expect(textIn(answer)).toBe('At two p.m., there is time.')
    expect(answer.stop_reason).toBe('end_turn')
  })

  it('fits the bare words of a result, too', async () => {
    await using sim = await simulateClaude({ scripts })
    const asked = says('Is anything free?')
    const call = await sim.client.messages.create(ask(asked))
    const told = after(asked, call, { free_slots: 'The tool failed: it did not answer in time.' })
    expect(textIn(await sim.client.messages.create(ask(told)))).toBe(
      'I cannot check that right now.',
    )
  })

  it('calls several tools in one message, each with an id of its own', async () => {
    await using sim = await simulateClaude({ scripts })
    const call = await sim.client.messages.create(ask(says('both')))
    expect(textIn(call)).toBe('Let me see.')
    expect(call.content.filter(({ type }) => type === 'tool_use')).toMatchObject([slots, price])
    const ids = call.content.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []))
    expect(new Set(ids).size).toBe(2)
    const told = after(says('both'), call, { free_slots: 'none', price: '90' })
    expect(textIn(await sim.client.messages.create(ask(told)))).toBe('It costs 90 dollars.')
  })

  it('streams several tools as blocks of their own', async () => {
    await using sim = await simulateClaude({ scripts })
    const stream = sim.client.messages.stream(ask(says('both')))
    const message = await stream.finalMessage()
    expect(message.content.map(({ type }) => type)).toEqual(['text', 'tool_use', 'tool_use'])
    expect(message.content.slice(1)).toMatchObject([slots, price])
  })

  it('calls the first one only where the request forbids several', async () => {
    await using sim = await simulateClaude({ scripts })
    const one = { type: 'auto', disable_parallel_tool_use: true } as const
    const call = await sim.client.messages.create(ask(says('both'), { tool_choice: one }))
    expect(callsIn(call)).toEqual(['free_slots'])
  })

  it('calls none where the request forbids it', async () => {
    await using sim = await simulateClaude({ scripts })
    const call = await sim.client.messages.create(
      ask(says('both'), { tool_choice: { type: 'none' } }),
    )
    expect([callsIn(call), textIn(call), call.stop_reason]).toEqual([[], 'Let me see.', 'end_turn'])
  })

  it('complains of a tool that the request does not declare, and does not call it', async () => {
    const violations = new Violations()
    await using sim = await simulateClaude({ scripts, violations })
    const call = await sim.client.messages.create(ask(says('both'), { tools: [tool('price')] }))
    expect(callsIn(call)).toEqual(['price'])
    expect(violations.list).toEqual([
      {
        vendor: 'anthropic',
        rule: 'no declaration of a tool that the script calls',
        detail: 'free_slots',
      },
    ])
  })

  it('takes a longer while to think when told to', async () => {
    await using sim = await simulateClaude({ scripts })
    const start = sim.clock.now()
    await sim.client.messages.create(ask(says('think')))
    expect(sim.clock.now() - start).toBeGreaterThanOrEqual(3340)
  })

  it('uses a rule up by the tools that it called, whatever was heard of its words', async () => {
    const once: ClaudeRule[] = [
      { when: /both/, say: 'Let me see.', tool: slots, tools: [price], times: 1 },
      { when: /both/, say: 'Again?' },
    ]
    await using sim = await simulateClaude({ scripts: [{ marker: 'phone call', rules: once }] })
    const use = (name: string) => ({ type: 'tool_use' as const, id: name, name, input: {} })
    const result = (id: string) => ({ type: 'tool_result' as const, tool_use_id: id, content: 'x' })
    const again = (...called: string[]): Messages => [
      { role: 'user', content: 'both' },
      { role: 'assistant', content: called.map(use) },
      { role: 'user', content: [...called.map(result), { type: 'text', text: 'both, please' }] },
    ]
    const reply = async (messages: Messages) =>
      textIn(await sim.client.messages.create(ask(messages)))
    expect(await reply(again('free_slots', 'price'))).toBe('Again?')
    expect(await reply(again('free_slots'))).toBe('Again?')
    expect(await reply(again('free_slots', 'other'))).toBe('Let me see.')
  })
})

describe('the improvising brain', () => {
  const hears = (told: string) => think('', { told, said: ['Hi.'], tools: [] }).text

  it.each([
    ['(tool weather: It will rain on Monday)', 'It will rain on Monday. Does that help?'],
    ['(tool weather: {"rain":true})', 'All right, that is done. Is there anything else?'],
    ['(tool note: done)', 'All right, that is done. Is there anything else?'],
    [
      '(tool a: The first is free.)\n(tool b: The second is not.)',
      'The first is free. The second is not. Does that help?',
    ],
  ])('passes on what tools say: %j', (told, reply) => {
    expect(hears(told)).toBe(reply)
  })

  it('answers the caller, when they have spoken since', () => {
    expect(hears('(tool note: done)\nThanks, bye!')).toBe('Thank you for your time. Goodbye.')
  })
})
