import { describe, expect, it } from 'vitest'
import { messagesFrom } from '../../src/providers/anthropic/history.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import { chooseReply, lastUserText } from '../../src/simulator/claude-reply.ts'
import type { ClaudeRequest } from '../../src/simulator/claude-request.ts'
import type { ClaudeRule } from '../../src/simulator/scenario.ts'
import { agentSaid, callerSays } from '../helpers/claude.ts'

function requestOf(turns: readonly Turn[], system = 'Call about the red  bike'): ClaudeRequest {
  return { model: 'm', max_tokens: 9, system, messages: messagesFrom(turns) as never }
}

function reply(rules: readonly ClaudeRule[], turns: readonly Turn[]) {
  return chooseReply(requestOf(turns), [{ marker: 'the red bike', rules }])
}

describe('a script', () => {
  it('is found by its marker, the longest first, whatever the white space', () => {
    const script = (marker: string) => ({ marker, rules: [{ when: /./, say: marker }] })
    const scripts = [script('bike'), script('the red\nbike'), script('a <b> c')]
    expect(chooseReply(requestOf([]), scripts).text).toBe('the red\nbike')
    expect(chooseReply(requestOf([], 'a &lt;b> c'), scripts).text).toBe('a <b> c')
    expect(chooseReply(requestOf([], 'other'), scripts).text).toMatch(/^Hi, this is/)
  })

  it('finds its marker in a prompt of several blocks, and none in no prompt', () => {
    const scripts = [{ marker: 'bike', rules: [{ when: /./, say: 'ok' }] }]
    const blocks = { ...requestOf([]), system: [{ type: 'text' as const, text: 'a bike' }] }
    expect(chooseReply(blocks, scripts).text).toBe('ok')
    const bare: ClaudeRequest = { model: 'm', max_tokens: 9, messages: blocks.messages }
    expect(chooseReply(bare, scripts).text).not.toBe('ok')
  })

  it('answers by the first rule that fits, with the groups of its pattern', () => {
    const rules = [
      { when: /call me (\w+)(!)?/, say: 'Hello $1$2.' },
      { when: /me/g, say: 'second' },
      { when: /how much/, say: 'It is $$49.50.' },
    ]
    expect(reply(rules, [callerSays('Please call me Ann')]).text).toBe('Hello Ann.')
    expect(reply(rules, [callerSays('how much is it')]).text).toBe('It is $49.50.')
    expect(reply(rules, [callerSays('me')]).text).toBe('second')
    expect(reply(rules, [callerSays('me')]).text).toBe('second')
  })

  it('goes by the words of the caller before it goes by notes', () => {
    const rules = [
      { when: /^stop$/, say: 'anchored' },
      { when: /cuts in|answered/, say: 'note' },
      { when: /./, say: 'any' },
    ]
    const cut = [agentSaid('I say', true)]
    expect(reply(rules, [...cut, callerSays('stop')]).text).toBe('anchored')
    expect(reply(rules, []).text).toBe('note')
  })

  it('uses a rule no more often than it says', () => {
    const rules = [
      { when: /hello/i, say: 'Hello $1there.', times: 1 },
      { when: /hello/i, say: 'You said that.', times: 2 },
      { when: /./, say: 'Stop it.' },
    ]
    const turns: Turn[] = [callerSays('Hello')]
    const said = ['Hello there.', 'You said that.', 'You said that.', 'Stop it.', 'Stop it.']
    for (const text of said) {
      expect(reply(rules, turns).text).toBe(text)
      turns.push(agentSaid(text), callerSays('hello'))
    }
  })

  it('counts a reply that was cut off, but not one that was never heard', () => {
    const rules = [
      { when: /./, say: 'One two three.', times: 1 },
      { when: /./, say: 'Four.' },
    ]
    const heard = [callerSays('Hi'), agentSaid('One two', true), callerSays('What?')]
    expect(reply(rules, heard).text).toBe('Four.')
    const unheard = [callerSays('Hi'), agentSaid(' ', true), callerSays('What?')]
    expect(reply(rules, unheard).text).toBe('One two three.')
    const another = [callerSays('Hi'), agentSaid('Something else.'), callerSays('What?')]
    expect(reply(rules, another).text).toBe('One two three.')
  })

  it('calls tools, and hears their results', () => {
    const rules = [
      { when: /^free$/, say: 'It is free.' },
      { when: /check/, tool: { name: 'check', input: { day: 'Friday' } }, times: 1 },
    ]
    const asked = [callerSays('check it')]
    expect(reply(rules, asked)).toEqual({
      text: '',
      tool: { name: 'check', input: { day: 'Friday' } },
    })
    const result: Turn = {
      role: 'tool',
      id: 't',
      name: 'check',
      input: {},
      result: 'free',
      startMs: 0,
      endMs: 0,
    }
    expect(lastUserText(requestOf([...asked, result]).messages)).toBe('free')
    expect(reply(rules, [...asked, result]).text).toBe('It is free.')
    const again = reply(rules, [...asked, result, agentSaid('It is free.'), callerSays('check it')])
    expect(again.tool).toBeUndefined()
  })

  it('reads results that come as blocks', () => {
    const messages: ClaudeRequest['messages'] = [
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'one' }] },
          { type: 'tool_result', tool_use_id: 'b' },
          { type: 'text', text: 'two' },
        ],
      },
    ]
    expect(lastUserText(messages)).toBe('one\ntwo')
    expect(lastUserText([])).toBe('')
  })
})
