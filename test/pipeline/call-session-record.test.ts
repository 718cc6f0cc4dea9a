import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CallSessionParts } from '../../src/pipeline/call-session.ts'
import type { SpeechRules } from '../../src/pipeline/session-scripts.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import { FakeMind, says } from '../helpers/fake-ports.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'
import { CHAR_MS, Talk } from '../helpers/talk.ts'
import { message, toolCall } from '../helpers/tool-calls.ts'

const OPENING = 'Hi John, this is Alex from Downtown Dental.'
const RULES: SpeechRules = {
  disclosure: undefined,
  guardsOpening: false,
  guardsGoodbye: false,
  messageDisclosure: undefined,
  voicemailMessage: undefined,
}

let talks: Talk[] = []

async function talkOf(
  answers: ConstructorParameters<typeof FakeMind>[1],
  parts: Partial<CallSessionParts> = {},
) {
  const mind = new FakeMind(says(OPENING), answers)
  const talk = new Talk(mind, parts)
  talks.push(talk)
  await talk.pickUp()
  return { talk, mind }
}

const inShort = (turns: readonly Turn[] | undefined) =>
  turns?.map((turn) => (turn.role === 'tool' ? turn.name : `${turn.role}: ${turn.text}`))

beforeEach(() => {
  useFakeTimers()
})
afterEach(async () => {
  await Promise.all(talks.map((talk) => talk.session.cleanup()))
  talks = []
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('the record of a reply that used a tool', () => {
  const script = [
    message('Let me check. ', toolCall('look_up')),
    says('It is at two, in the green building.'),
  ]

  it('has its words around the tool, in the order in which they were heard', async () => {
    const { talk } = await talkOf(script)
    await talk.quiet()
    await talk.says('When is it?')
    await talk.quiet()
    talk.runs[0]?.answer('14:00')
    await talk.quiet()
    expect(talk.record).toEqual([
      `agent: ${OPENING}`,
      'caller: When is it?',
      'agent: Let me check.',
      'look_up = 14:00',
      'agent: It is at two, in the green building.',
    ])
  })

  it('is cut where the caller cut in, and only there', async () => {
    const { talk } = await talkOf([...script, says('Sure.')])
    await talk.quiet()
    await talk.says('When is it?')
    talk.runs[0]?.answer('14:00')
    await talk.wait('Let me check. It is at'.length * CHAR_MS)
    await talk.says('Wait, what?')
    expect(talk.record.slice(2)).toEqual([
      'agent: Let me check.',
      'look_up = 14:00',
      'agent- It is at',
      'caller: Wait, what?',
    ])
  })

  it('is cut before the tool when nothing after it was heard', async () => {
    const { talk } = await talkOf([...script, says('Sure.')])
    await talk.quiet()
    await talk.says('When is it?')
    talk.runs[0]?.answer('14:00')
    await talk.wait('Let me'.length * CHAR_MS)
    await talk.says('Wait, what?')
    expect(talk.record.slice(2)).toEqual([
      'agent- Let me',
      'look_up = 14:00',
      'caller: Wait, what?',
    ])
  })

  it('has the first words before the tool even when the voice was slower than the tool', async () => {
    const { talk } = await talkOf(script)
    await talk.quiet()
    talk.voice.isSlow = true
    await talk.says('When is it?')
    talk.runs[0]?.answer('14:00')
    await talk.wait(0)
    talk.voice.isSlow = false
    talk.voice.answer()
    await talk.quiet()
    expect(talk.record.slice(2)).toEqual([
      'agent: Let me check.',
      'look_up = 14:00',
      'agent: It is at two, in the green building.',
    ])
  })
})

describe('what the caller says over the agent', () => {
  it('stands after the words that it was said over, when it stopped nothing', async () => {
    const { talk } = await talkOf([])
    await talk.wait(300)
    await talk.says('Uh-huh.')
    await talk.quiet()
    expect(talk.record).toEqual([`agent: ${OPENING}`, 'caller: Uh-huh.'])
  })

  it('is what the model answers after words that nobody may talk over', async () => {
    const { talk, mind } = await talkOf([says('I am Alex.')], {
      rules: { ...RULES, guardsOpening: true },
    })
    await talk.wait(300)
    await talk.says('Who is this?')
    await talk.quiet()
    expect(talk.heard).toContain(OPENING)
    expect(inShort(mind.asked[0])).toEqual([`agent: ${OPENING}`, 'caller: Who is this?'])
    expect(talk.heard).toMatch(/I am Alex\.\s*$/)
  })

  it('does not get into the middle of a reply with tools', async () => {
    const { talk } = await talkOf([
      message('Let me check that for you now. ', toolCall('look_up')),
      says('It is at two.'),
    ])
    await talk.quiet()
    await talk.says('When is it?')
    await talk.wait(300)
    await talk.says('Uh-huh.')
    await talk.quiet()
    talk.runs[0]?.answer('14:00')
    await talk.quiet()
    expect(talk.record.slice(2)).toEqual([
      'agent: Let me check that for you now.',
      'look_up = 14:00',
      'agent: It is at two.',
      'caller: Uh-huh.',
    ])
  })
})

describe('a disclosure', () => {
  const rules = { ...RULES, disclosure: 'This call is recorded.' }

  it('that the caller hangs up on is on record as far as it was heard', async () => {
    const { talk } = await talkOf([], { rules })
    await talk.wait('This call'.length * CHAR_MS)
    await talk.words('No')
    expect(talk.line.did).not.toContain('clear')
    talk.line.breaks('stopped')
    await talk.wait(0)
    expect(talk.record).toEqual(['agent- This call', 'caller: No'])
    expect(talk.end).toEqual({ reason: 'caller_hung_up' })
  })

  it('is made to a person who comes on the line behind a machine, once', async () => {
    const { talk } = await talkOf(
      [message(toolCall('keep_listening')), says('Hello, Maria.'), says('Thank you.')],
      { rules, firstSpeaker: 'callee' },
    )
    await talk.says('For sales, press one. For support, press two.')
    await talk.wait(100)
    await talk.says('Hello, this is Maria speaking, how can I help you?')
    await talk.quiet()
    expect(talk.session.facts.answeredBy).toBe('person')
    expect(talk.heard.trim()).toBe('This call is recorded. Hello, Maria.')
    await talk.says('Yes, that is me.')
    await talk.quiet()
    expect(talk.heard.trim()).toMatch(/^This call is recorded\. Hello, Maria\.\s+Thank you\.$/)
  })

  it('that was heard is not made again because the opening after it was cut off', async () => {
    const { talk } = await talkOf([says('I am Alex.')], { rules })
    await talk.wait('This call is recorded. Hi John,'.length * CHAR_MS)
    await talk.says('Who is this?')
    await talk.quiet()
    expect(talk.heard.split('recorded')).toHaveLength(2)
    expect(talk.heard).toContain('I am Alex.')
  })
})

describe('the end of a call', () => {
  it('keeps the keys that were pressed just before it', async () => {
    const { talk } = await talkOf([])
    await talk.quiet()
    talk.line.listener?.digit('1')
    talk.line.breaks('stopped')
    await talk.wait(0)
    expect(talk.record).toEqual([`agent: ${OPENING}`, 'caller: (pressed 1)'])
  })

  it('keeps the last words of a machine that is hung up on', async () => {
    const { talk } = await talkOf([])
    await talk.quiet()
    await talk.turnEnds('The number you have dialed is not in service.')
    expect(talk.end).toEqual({ reason: 'unreachable' })
    expect(talk.record.at(-1)).toBe('caller: The number you have dialed is not in service.')
  })

  it('waits for a goodbye that the line plays late', async () => {
    const goodbye =
      'Thank you for your time. I hope to see you soon. Have a nice day. Goodbye, John.'
    const { talk } = await talkOf([message(goodbye, toolCall('end_call'))])
    await talk.quiet()
    talk.line.lagMs = 2800
    await talk.says('Fine.')
    while (!talk.end) await talk.wait(100)
    expect(talk.heard.trim()).toMatch(/Goodbye, John\.$/)
  })
})

describe('a tool that was to follow the words', () => {
  it('does not follow when the caller speaks after the last word; the model hears of it', async () => {
    const { talk } = await talkOf([
      message('I will press two.', toolCall('press_keys', { keys: '2' })),
      says('Alright.'),
    ])
    await talk.quiet()
    talk.line.losesMarks = true
    await talk.says('Which one?')
    await talk.wait('I will press two.'.length * CHAR_MS + 500)
    await talk.says('No, wait.')
    expect(talk.asked).toEqual([])
    expect(talk.record.slice(2)).toEqual([
      'agent: I will press two.',
      'press_keys = not done: the person spoke, or was gone, before you had finished',
      'caller: No, wait.',
    ])
  })

  it('leaves nothing on record when it was part of a guess that was dropped', async () => {
    const { talk } = await talkOf(
      [
        message('Goodbye then.', toolCall('end_call')),
        message(toolCall('keep_listening')),
        message('One.', toolCall('press_keys', { keys: '1' })),
        says('Good.'),
      ],
      { speculates: true },
    )
    await talk.quiet()
    for (const text of ['I think', 'I think we', 'I think we are']) {
      await talk.words(text)
      talk.ears.hear({ type: 'eager_end', text })
      await talk.wait(100)
      talk.ears.hear({ type: 'resumed' })
      await talk.wait(100)
    }
    await talk.turnEnds('I think we are fine.')
    await talk.quiet()
    expect(talk.record).toEqual([
      `agent: ${OPENING}`,
      'caller: I think we are fine.',
      'agent: Good.',
    ])
  })
})
