import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import type { CallSessionParts } from '../../src/pipeline/call-session.ts'
import type { ConversationEngine, ReplyPart } from '../../src/pipeline/ports.ts'
import { says } from '../helpers/fake-ports.ts'
import { Talk } from '../helpers/talk.ts'
import { message, toolCall } from '../helpers/tool-calls.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A part of a reply, or so many milliseconds without one. */
type Step = ReplyPart | number

/** A model that takes its time; each request takes the next of its replies. */
function slowMind(opening: readonly Step[], ...replies: (readonly Step[])[]): ConversationEngine {
  async function* play(
    steps: readonly Step[],
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ReplyPart> {
    for (const step of steps) {
      if (signal.aborted) return
      if (typeof step !== 'number') yield step
      else await systemClock.sleep(step, { signal }).catch(() => undefined)
    }
  }
  return {
    setup: () => Promise.resolve(),
    getOpening: (options) => play(opening, options),
    streamResponse: (_, options) => play(replies.shift() ?? says('Nothing.'), options),
    getResponse: () => Promise.reject(new Error('not used in a call')),
  }
}

const NEVER = 1_000_000
const text = (words: string): ReplyPart => ({ type: 'text', text: words })
const end: ReplyPart = { type: 'done', reason: 'end' }

async function talkOf(mind: ConversationEngine, parts: Partial<CallSessionParts> = {}) {
  const talk = new Talk(mind, parts)
  onTestFinished(() => talk[Symbol.asyncDispose]())
  await talk.pickUp()
  await talk.quiet()
  return talk
}

describe('somebody whose answer does not come', () => {
  it('hears after two seconds that it will, after five once more in other words, after eight an apology', async () => {
    const talk = await talkOf(slowMind(says('Hi John.'), [NEVER]))
    await talk.says('When is it?')
    await talk.wait(1990)
    expect(talk.heard.trim()).toBe('Hi John.')
    await talk.wait(2900)
    expect(talk.heard).toMatch(/One moment, please\.\s*$/)
    await talk.wait(3000)
    expect(talk.heard).toMatch(/One moment, please\. Let me check that for you\.\s*$/)
    await talk.wait(120)
    await talk.quiet()
    expect(talk.heard).toMatch(/technical problem.*Goodbye\.\s*$/)
    expect(talk.end).toMatchObject({
      reason: 'failed',
      failure: { by: 'parley', code: 'dead_air' },
    })
    expect(talk.session.turns.map((turn) => 'filler' in turn && turn.filler)).toEqual([
      false,
      false,
      true,
      true,
      false,
    ])
  })

  it('hears the answer behind the filler, never on top of it, and the record tells them apart', async () => {
    const talk = await talkOf(slowMind(says('Hi John.'), [2100, text('It is at two.'), end]))
    await talk.says('When is it?')
    await talk.quiet()
    await talk.wait(4000)
    expect(talk.heard.trim()).toBe('Hi John. One moment, please. It is at two.')
    expect(talk.record.slice(1)).toEqual([
      'caller: When is it?',
      'agent: One moment, please.',
      'agent: It is at two.',
    ])
  })

  it('hears no filler when the answer is there before it', async () => {
    const talk = await talkOf(slowMind(says('Hi John.'), [2050, text('It is at two.'), end]))
    talk.voice.isSlow = true
    await talk.says('When is it?')
    await talk.wait(2060)
    // Both were asked for; the answer's voice is the quicker one.
    const [, fillers, answers] = talk.voice.speeches
    expect([fillers?.text, answers?.text]).toEqual(['One moment, please. ', 'It is at two.'])
    answers?.listener.audio(new Uint8Array(8000).fill(65), undefined)
    talk.voice.answer()
    await talk.quiet()
    expect(talk.heard).not.toContain('moment')
    expect(talk.heard).toContain('It is at two.')
  })

  it('hears it although the voice is stuck with the answer, and then the answer', async () => {
    const talk = await talkOf(slowMind(says('Hi John.'), says('It is at two.')))
    talk.voice.isSlow = true
    await talk.says('When is it?')
    talk.voice.isSlow = false
    await talk.wait(3500)
    expect(talk.heard).toMatch(/One moment, please\.\s*$/)
    talk.voice.answer()
    await talk.quiet()
    expect(talk.heard.trim()).toBe('Hi John. One moment, please. It is at two.')
    expect(talk.record.slice(2)).toEqual(['agent: One moment, please.', 'agent: It is at two.'])
  })

  it('hears it in the middle of a reply that stops, where it belongs on record as well', async () => {
    const stops = [text('It is at two. '), text('And '), 3500, text('it is in Main Street.'), end]
    const talk = await talkOf(slowMind(says('Hi John.'), stops))
    await talk.says('When is it?')
    await talk.wait(12_000)
    expect(talk.heard.trim()).toBe(
      'Hi John. It is at two. One moment, please. And it is in Main Street.',
    )
    expect(talk.record.slice(2)).toEqual([
      'agent: It is at two.',
      'agent: One moment, please.',
      'agent: And it is in Main Street.',
    ])
  })

  it('is answered anew when they speak over the filler', async () => {
    const mind = slowMind(says('Hi John.'), [NEVER], says('Then goodbye.'))
    const talk = await talkOf(mind)
    await talk.says('When is it?')
    await talk.wait(2400)
    await talk.says('Never mind, forget it.')
    await talk.quiet()
    expect(talk.record.slice(1)).toEqual([
      'caller: When is it?',
      'agent- One moment,',
      'caller: Never mind, forget it.',
      'agent: Then goodbye.',
    ])
    expect(talk.heard.trim()).toBe('Hi John. One mome Then goodbye.')
  })

  it('may say “okay” to it', async () => {
    const talk = await talkOf(slowMind(says('Hi John.'), [4000, text('It is at two.'), end]))
    await talk.says('When is it?')
    await talk.wait(2600)
    await talk.says('Okay.')
    await talk.wait(6000)
    expect(talk.heard.trim()).toBe('Hi John. One moment, please. It is at two.')
  })

  it('hears words while a tool runs, and none on top of those when the model then takes long', async () => {
    const talk = await talkOf(
      slowMind(says('Hi John.'), message(toolCall('look_up')), [9000, text('At two.'), end]),
    )
    await talk.says('When is it?')
    await talk.wait(1500)
    talk.runs[0]?.answer('14:00')
    await talk.wait(1400)
    expect(talk.heard.trim()).toBe('Hi John. One moment, please.')
    await talk.wait(2500)
    expect(talk.heard.trim()).toBe('Hi John. One moment, please. Let me check that for you.')
  })

  it('is waited for as long as a tool takes', async () => {
    const talk = await talkOf(
      slowMind(says('Hi John.'), message(toolCall('look_up')), says('At two.')),
    )
    await talk.says('When is it?')
    await talk.wait(14_000)
    expect(talk.end).toBeUndefined()
    talk.runs[0]?.answer('14:00')
    await talk.wait(3000)
    expect(talk.heard).toMatch(/At two\.\s*$/)
  })

  it('who has just picked up hears a filler before the opening is there', async () => {
    const talk = new Talk(slowMind([3000, text('Hi John.'), end]))
    onTestFinished(() => talk[Symbol.asyncDispose]())
    await talk.pickUp()
    await talk.wait(6000)
    expect(talk.heard.trim()).toBe('One moment, please. Hi John.')
  })
})

describe('somebody who says “uh-huh” into a reply with a filler behind it', () => {
  it('is not told to wait afterwards by words that are not on record', async () => {
    const check = `I will look that up in the calendar, ${'and again, '.repeat(4)}which takes just some time.`
    const talk = await talkOf(
      slowMind(says('Hi John.'), message(check, toolCall('look_up')), says('It is at two.')),
    )
    await talk.says('When is it?')
    while (!talk.voice.speeches.some(({ text }) => text === 'One moment, please. ')) {
      await talk.wait(20)
    }
    // The filler is on the line, behind the last words of the reply.
    expect(talk.heard).not.toContain('time.')
    await talk.says('Uh-huh.')
    await talk.wait(2000)
    talk.runs[0]?.answer('14:00')
    await talk.wait(3000)
    expect(talk.heard).toMatch(/some time\.\s+It is at two\.\s*$/u)
    expect(talk.record.filter((turn) => turn.startsWith('agent'))).toEqual([
      'agent: Hi John.',
      `agent: ${check}`,
      'agent: It is at two.',
    ])
  })
})
