import type Anthropic from '@anthropic-ai/sdk'
import { describe, expect, it } from 'vitest'
import { ReplyAssembler } from '../../../src/providers/anthropic/reply-assembler.ts'

type StreamEvent = Anthropic.RawMessageStreamEvent

const event = (fields: object) => fields as StreamEvent
const start = (index: number, content_block: object) =>
  event({ type: 'content_block_start', index, content_block })
const delta = (index: number, fields: object) =>
  event({ type: 'content_block_delta', index, delta: fields })
const stop = (index: number) => event({ type: 'content_block_stop', index })
const text = (words: string) => delta(0, { type: 'text_delta', text: words })
const ended = (stop_reason: string | null) => [
  event({ type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 3 } }),
  event({ type: 'message_stop' }),
]
const tool = (...pieces: string[]) => [
  start(1, { type: 'tool_use', id: 't', name: 'end_call', input: {} }),
  ...pieces.map((partial_json) => delta(1, { type: 'input_json_delta', partial_json })),
  stop(1),
]

function assemble(...events: StreamEvent[]) {
  const reply = new ReplyAssembler()
  const parts = events.flatMap((one) => reply.take(one) ?? [])
  return [...parts, reply.finish()]
}

describe('ReplyAssembler', () => {
  it.each([
    ['end_turn', 'end'],
    ['stop_sequence', 'end'],
    ['pause_turn', 'end'],
    ['tool_use', 'tool_call'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'refusal'],
  ])('ends for %s as %s', (stopReason, reason) => {
    expect(assemble(text('Hi'), ...ended(stopReason)).at(-1)).toEqual({ type: 'done', reason })
  })

  it('takes text from the start of a block, too, and no empty pieces', () => {
    const parts = assemble(
      start(0, { type: 'text', text: 'A' }),
      text(''),
      text('b'),
      ...ended('end_turn'),
    )
    expect(parts).toEqual([
      { type: 'text', text: 'A' },
      { type: 'text', text: 'b' },
      { type: 'done', reason: 'end' },
    ])
  })

  it('passes over events, blocks and pieces of kinds that it does not know', () => {
    const parts = assemble(
      event({ type: 'news' }),
      start(0, { type: 'server_thing' }),
      delta(0, { type: 'news_delta' }),
      delta(9, { type: 'input_json_delta', partial_json: '{' }),
      stop(0),
      ...tool('{"reason":', '"done"}'),
      ...ended('tool_use'),
    )
    expect(parts).toEqual([
      { type: 'tool_call', id: 't', name: 'end_call', input: { reason: 'done' } },
      { type: 'done', reason: 'tool_call' },
    ])
  })

  it('takes a tool call without any input for an empty one', () => {
    expect(assemble(...tool(), ...ended('tool_use'))[0]).toMatchObject({ input: {} })
  })

  it.each<[string, StreamEvent[], string]>([
    ['without message_stop', [text('Hi'), ended('end_turn')[0]!], 'disconnected'],
    ['without a reason', [text('Hi'), ...ended(null)], 'disconnected'],
    ['with no event at all', [], 'disconnected'],
    [
      'with a tool call that is no JSON',
      [text('Hi'), ...tool('{"a'), ...ended('tool_use')],
      'protocol',
    ],
    ['with white space only', [text(' \n'), ...ended('end_turn')], 'empty'],
    ['with a tool call announced and missing', ended('tool_use'), 'empty'],
  ])('is not content with a reply %s', (_, events, code) => {
    expect(() => assemble(...events)).toThrow(expect.objectContaining({ code }))
  })

  it('drops a tool call that was cut at the limit', () => {
    expect(assemble(text('Hi'), ...tool('{"a'), ...ended('max_tokens'))).toEqual([
      { type: 'text', text: 'Hi' },
      { type: 'done', reason: 'length' },
    ])
  })

  it('counts what was read from the cache', () => {
    const reply = new ReplyAssembler()
    const usage = { input_tokens: 5, cache_read_input_tokens: null }
    reply.take(event({ type: 'message_start', message: { usage } }))
    expect(reply.usage).toEqual({ inputTokens: 5, cachedTokens: 0, outputTokens: 0 })
    reply.take(
      event({
        type: 'message_start',
        message: { usage: { ...usage, cache_read_input_tokens: 9 } },
      }),
    )
    reply.take(ended('end_turn')[0]!)
    expect(reply.usage).toEqual({ inputTokens: 5, cachedTokens: 9, outputTokens: 3 })
  })
})
