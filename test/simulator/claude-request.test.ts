import { describe, expect, it } from 'vitest'
import { parseClaudeRequest } from '../../src/simulator/claude-request.ts'

const user = { role: 'user', content: 'Hi' }
const good = { model: 'claude-haiku-5-5', max_tokens: 300, messages: [user] }
const use = { type: 'tool_use', id: 't1', name: 'look_up', input: {} }
const result = { type: 'tool_result', tool_use_id: 't1', content: 'ok' }
const tools = [{ name: 'look_up', input_schema: { type: 'object' } }]
const forced = { type: 'tool', name: 'look_up' }
const older = { model: 'claude-haiku-4-5' }

function parse(changes: object, version = '2026-10-21') {
  return parseClaudeRequest(JSON.stringify({ ...good, ...changes }), version)
}

describe('a request that the API takes', () => {
  it.each<[string, object]>([
    ['a plain one', {}],
    ['a streamed one with thinking off', { stream: true, thinking: { type: 'disabled' } }],
    ['thinking', { max_tokens: 2000, thinking: { type: 'enabled', budget_tokens: 1024 } }],
    ['a warm-up', { max_tokens: 0, tools, tool_choice: { type: 'auto' } }],
    ['neighbours of one role', { messages: [user, user] }],
    [
      'a tool call and its result, split over messages',
      {
        messages: [
          user,
          { role: 'assistant', content: 'One moment.' },
          { role: 'assistant', content: [use] },
          { role: 'user', content: [result] },
          user,
        ],
      },
    ],
    [
      'a system note after the user',
      { messages: [user, { role: 'system', content: 'Silence for 8 s.' }] },
    ],
    ['a chosen tool', { tools, tool_choice: forced, thinking: { type: 'disabled' } }],
    ['a chosen tool of a model that does not think', { ...older, tools, tool_choice: forced }],
    ['an older model without effort', { model: 'claude-haiku-4-5' }],
  ])('%s', (_, changes) => {
    expect(parse(changes)).toMatchObject({ model: expect.any(String) })
  })

  it('has sampling parameters for older models under the older version only', () => {
    const changes = { model: 'claude-haiku-4-5', temperature: 0.5 }
    expect(parse(changes, '2023-06-01')).toMatchObject({ temperature: 0.5 })
    expect(() => parse(changes)).toThrow('temperature: Extra inputs are not permitted')
  })
})

describe('a request that the API refuses', () => {
  const note = { role: 'system', content: 'Note' }
  const assistant = { role: 'assistant', content: 'Hello' }

  it.each<[string, object, string]>([
    ['no max_tokens', { max_tokens: undefined }, 'max_tokens: Field required'],
    ['no model', { model: undefined }, 'model: Field required'],
    ['an unknown model', { model: 'claude-next' }, 'model: claude-next'],
    ['no messages', { messages: [] }, 'messages: at least one message is required'],
    ['an unknown key', { top: 1 }, 'top: Extra inputs are not permitted'],
    ['a wrong type', { stream: 'yes' }, 'stream: Invalid input'],
    ['temperature', { temperature: 0.2 }, 'temperature: Extra inputs'],
    ['top_p', { top_p: 1 }, 'top_p: Extra inputs'],
    ['top_k', { top_k: 5 }, 'top_k: Extra inputs'],
    ['assistant first', { messages: [assistant, user] }, 'first message must use'],
    ['prefill', { messages: [user, assistant] }, 'does not support assistant message prefill'],
    ['empty text', { messages: [{ role: 'user', content: '' }] }, 'must be non-empty'],
    ['blank text', { messages: [{ role: 'user', content: ' \n' }] }, 'non-whitespace text'],
    [
      'a blank block',
      { messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] },
      'non-whitespace text',
    ],
    ['a blank system block', { system: [{ type: 'text', text: ' ' }] }, 'system: text content'],
    ['half a character', { messages: [{ role: 'user', content: '\uD83D' }] }, 'not valid JSON'],
    ['a note at the start', { messages: [note, user] }, 'must follow a user message'],
    ['a note before the user', { messages: [user, note, user] }, 'must be last or be followed by'],
    [
      'a note with a tool',
      { messages: [user, { role: 'system', content: [result] }] },
      'may hold text only',
    ],
    [
      'a call without result',
      { messages: [user, { role: 'assistant', content: [use] }, user] },
      'without `tool_result` blocks immediately after: t1',
    ],
    [
      'a result without call',
      { messages: [{ role: 'user', content: [result] }] },
      'unexpected `tool_use_id` found in `tool_result` blocks: t1',
    ],
    [
      'a result after text',
      {
        messages: [
          user,
          { role: 'assistant', content: [use] },
          { role: 'user', content: [{ type: 'text', text: 'And' }, result] },
        ],
      },
      'must come first',
    ],
    [
      'an id used twice',
      {
        messages: [
          user,
          { role: 'assistant', content: [use] },
          { role: 'user', content: [result] },
          { role: 'assistant', content: [use] },
          { role: 'user', content: [result] },
        ],
      },
      'ids must be unique',
    ],
    [
      'a call by the user',
      { messages: [{ role: 'user', content: [use] }] },
      'only be in `assistant`',
    ],
    [
      'a result by the assistant',
      {
        messages: [
          user,
          { role: 'assistant', content: [use] },
          { role: 'user', content: [result] },
          { role: 'assistant', content: [result] },
          user,
        ],
      },
      'only be in `user`',
    ],
    [
      'an id with a dot',
      { messages: [user, { role: 'assistant', content: [{ ...use, id: 'a.b' }] }] },
      'should match pattern',
    ],
    ['two tools of one name', { tools: [...tools, ...tools] }, 'Tool names must be unique'],
    ['a chosen tool and thinking', { tools, tool_choice: forced }, 'when tool_choice forces'],
    [
      'a chosen tool of a model that always thinks',
      { model: 'claude-opus-5-5', tools, tool_choice: { type: 'any' } },
      'forced tool use is not supported',
    ],
    ['a choice without tools', { tool_choice: { type: 'auto' } }, 'only be specified while'],
    ['an unknown tool', { tools, tool_choice: { type: 'tool', name: 'x' } }, "'x' not found"],
    ['a choice without a name', { tools, tool_choice: { type: 'tool' } }, "'' not found"],
    ['a tool with a space', { tools: [{ ...tools[0], name: 'a b' }] }, 'should match pattern'],
    ['thinking off with effort max', off('max'), 'not supported with effort max'],
    ['thinking off with effort xhigh', off('xhigh'), 'not supported with effort xhigh'],
    [
      'thinking off where it cannot be',
      { model: 'claude-opus-5-5', thinking: { type: 'disabled' } },
      'does not support disabled',
    ],
    ['no budget', { thinking: { type: 'enabled' } }, 'budget_tokens: Field required'],
    ['a small budget', { thinking: { type: 'enabled', budget_tokens: 1 } }, 'equal to 1024'],
    [
      'a budget over the limit',
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      'must be greater than',
    ],
    [
      'effort on an older model',
      { model: 'claude-haiku-4-5', output_config: { effort: 'low' } },
      'does not support the effort parameter',
    ],
    ['too much', { max_tokens: 200_000 }, 'which is the maximum'],
    ['a streamed warm-up', { max_tokens: 0, stream: true }, 'max_tokens: 0 is not supported'],
    ['a thinking warm-up', { max_tokens: 0, thinking: { type: 'adaptive' } }, 'max_tokens: 0'],
    [
      'a warm-up with a forced tool',
      { max_tokens: 0, tools, tool_choice: { type: 'any' } },
      'max_tokens: 0',
    ],
    ['a warm-up with a format', { max_tokens: 0, output_config: { format: {} } }, 'max_tokens: 0'],
    [
      'five cache marks',
      {
        cache_control: { type: 'ephemeral' },
        system: Array(4).fill({ type: 'text', text: 'a', cache_control: { type: 'ephemeral' } }),
      },
      'Found 5',
    ],
  ])('%s', (_, changes, message) => {
    expect(() => parse(changes)).toThrow(message)
  })

  it('is no JSON', () => {
    expect(() => parseClaudeRequest('{', '2026-10-21')).toThrow('not valid JSON')
  })

  it('samples under the older version on a new model', () => {
    expect(() => parse({ temperature: 0 }, '2023-06-01')).toThrow('sampling parameters')
  })

  function off(effort: string) {
    return { thinking: { type: 'disabled' }, output_config: { effort } }
  }
})
