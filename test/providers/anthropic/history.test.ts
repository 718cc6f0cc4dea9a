import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { STILL_RUNNING } from '../../../src/pipeline/tools.ts'
import type { Turn } from '../../../src/pipeline/transcript.ts'
import { messagesFrom } from '../../../src/providers/anthropic/history.ts'
import { parseClaudeRequest } from '../../../src/simulator/claude-request.ts'
import { anyText } from '../../helpers/any-text.ts'

const when = { startMs: 0, endMs: 0 }
const caller = (text: string): Turn => ({ role: 'caller', text, ...when })
const agent = (text: string, interrupted = false): Turn => ({
  role: 'agent',
  text,
  interrupted,
  ...when,
})
const tool = (name: string, input: unknown, result: string): Turn => ({
  role: 'tool',
  id: 'toolu_1',
  name,
  input,
  result,
  ...when,
})

/** The rules of the API, as the strict stand-in has them. */
function accepted(messages: unknown): unknown {
  const body = { model: 'claude-haiku-5-5', max_tokens: 10, messages }
  return parseClaudeRequest(JSON.stringify(body), '2026-10-21')
}

describe('messagesFrom', () => {
  it('begins with the answered call when nothing was said yet', () => {
    expect(messagesFrom([])).toEqual([{ role: 'user', content: '(The call was answered.)' }])
  })

  it('begins with the answered call when the agent spoke first', () => {
    expect(messagesFrom([agent('Hi John.'), caller('Hello.')])).toEqual([
      { role: 'user', content: '(The call was answered.)' },
      { role: 'assistant', content: 'Hi John.' },
      { role: 'user', content: 'Hello.' },
    ])
  })

  it('knows words that only filled a wait as what they were, and not as its own', () => {
    const filler: Turn = { ...agent('One moment, please.'), filler: true } as Turn
    const messages = messagesFrom([caller('When?'), filler, agent('At two.'), caller('Thanks.')])
    expect(messages).toEqual([
      {
        role: 'user',
        content: 'When?\n(While they waited, they were told: One moment, please.)',
      },
      { role: 'assistant', content: 'At two.' },
      { role: 'user', content: 'Thanks.' },
    ])
    accepted(messages)
  })

  it('begins with the caller who said hello first', () => {
    expect(messagesFrom([caller('Hello?')])).toEqual([{ role: 'user', content: 'Hello?' }])
  })

  it('ends with a silence when the agent spoke last', () => {
    expect(messagesFrom([caller('Hello?'), agent('Hi.')]).at(-1)).toEqual({
      role: 'user',
      content: '(silence)',
    })
  })

  it('shows where the agent was cut off, and that the caller cut in', () => {
    expect(
      messagesFrom([caller('Hi'), agent('It is on Thursday, at ', true), caller('Wait, what?')]),
    ).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'It is on Thursday, at —' },
      { role: 'user', content: '(cuts in)\nWait, what?' },
    ])
  })

  it.each([
    ['Thursday, ', 'Thursday —'],
    ['Thursday.', 'Thursday. —'],
    ['Thurs–', 'Thurs —'],
    ['—', '—'],
  ])('marks the cut after %j', (heard, line) => {
    expect(messagesFrom([caller('Hi'), agent(heard, true)])[1]?.content).toBe(line)
  })

  it('joins what one side said in several turns', () => {
    expect(messagesFrom([caller('One.'), caller(' Two. '), agent('A'), agent('B')])).toEqual([
      { role: 'user', content: 'One.\nTwo.' },
      { role: 'assistant', content: 'A\nB' },
      { role: 'user', content: '(silence)' },
    ])
  })

  it('leaves out turns without a word', () => {
    expect(messagesFrom([caller('Hi'), agent(' \n', true), caller('There?')])).toEqual([
      { role: 'user', content: 'Hi\nThere?' },
    ])
  })

  it('pairs a tool call with its result, next to the words around it', () => {
    expect(
      messagesFrom([
        caller('Look it up'),
        agent('One moment.'),
        tool('look_up', { day: 'Friday' }, 'free'),
        caller('And?'),
      ]),
    ).toEqual([
      { role: 'user', content: 'Look it up' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'One moment.' },
          { type: 'tool_use', id: 'tool_2', name: 'look_up', input: { day: 'Friday' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'tool_2', content: 'free' },
          { type: 'text', text: 'And?' },
        ],
      },
    ])
  })

  it('keeps tool calls in a row apart, each with its own result', () => {
    const messages = messagesFrom([caller('Go'), tool('a', {}, ''), tool('b c', 7, 'two')])
    expect(messages).toEqual([
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'tool_1', name: 'a', input: {} }] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'tool_1', content: 'done' }],
      },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'tool_2', name: 'b_c', input: { value: 7 } }],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'tool_2', content: 'two' }] },
    ])
  })

  it('says of a tool that is not finished that it is not to be called again', () => {
    const waiting = messagesFrom([
      caller('Book Friday'),
      tool('book', { day: 'Friday' }, STILL_RUNNING),
      agent('One mom', true),
      caller('Hello?'),
    ])
    expect(waiting).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'tool_1' }] },
      {
        role: 'user',
        content: [
          {
            tool_use_id: 'tool_1',
            content: expect.stringMatching(/still running.*Do not call it again/s),
          },
        ],
      },
      { role: 'assistant', content: 'One mom —' },
      { role: 'user', content: '(cuts in)\nHello?' },
    ])
    accepted(waiting)
  })

  it('replaces halves of characters, also inside the input of a tool', () => {
    const [user, assistant] = messagesFrom([
      caller('Hi \uD83D'),
      tool('', { 'a\\ud800': ['x\uDE00', '😀', '\\ud800'] }, 'ok'),
    ])
    expect(user?.content).toBe('Hi \uFFFD')
    expect(assistant?.content).toMatchObject([
      { name: 'unknown', input: { 'a\\ud800': ['x\uFFFD', '😀', '\\ud800'] } },
    ])
  })

  const words = fc.oneof(
    anyText({ maxLength: 12 }),
    fc.constantFrom('', ' ', '\n\t', 'Hello', 'at two —', '\uD800', '(silence)', STILL_RUNNING),
  )
  const turn: fc.Arbitrary<Turn> = fc.oneof(
    words.map(caller),
    fc.tuple(words, fc.boolean()).map(([text, cut]) => agent(text, cut)),
    fc
      .tuple(words, fc.jsonValue(), words)
      .map(([name, input, result]) => tool(name, input, result)),
    words.map((text) => tool(text, undefined, text)),
  )

  it('makes what the API takes of any turns at all', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
        const messages = messagesFrom(turns)
        expect(messages[0]?.role).toBe('user')
        expect(messages.at(-1)?.role).toBe('user')
        messages.slice(1).forEach((message, i) => {
          expect(message.role).not.toBe(messages[i]?.role)
        })
        accepted(messages)
      }),
      { numRuns: 400 },
    )
  })

  it('keeps every word of both sides, in order', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
        const text = JSON.stringify(messagesFrom(turns))
        let at = 0
        for (const { role, ...rest } of turns) {
          if (role === 'tool' || !('text' in rest) || rest.text.trim() === '') continue
          const said = role === 'agent' ? rest.text.replace(/[\s,;:–—-]+$/u, '') : rest.text
          const found = text.indexOf(JSON.stringify(said.toWellFormed().trim()).slice(1, -1), at)
          expect(found).toBeGreaterThanOrEqual(at)
          at = found
        }
      }),
    )
  })

  it('changes nothing before the last message when a turn is added', () => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 10 }), turn, (turns, next) => {
        const before = messagesFrom(turns).slice(0, -2)
        expect(messagesFrom([...turns, next]).slice(0, before.length)).toEqual(before)
      }),
    )
  })
})
