import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AnsweredBy } from '../../src/pipeline/answering/answered-by.ts'
import type { CallSessionParts } from '../../src/pipeline/call-session.ts'
import { joined, mulaw, silence, tone } from '../audio/sounds.ts'
import { FakeMind, says } from '../helpers/fake-ports.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'
import { CHAR_MS, Talk } from '../helpers/talk.ts'

const OPENING = 'Hi John, this is Alex from Downtown Dental.'
const MESSAGE = 'Hello John, please call us back. Goodbye.'
const GREETING = 'Hi, you have reached John. Please leave a message after the tone.'
/** Words that may be a machine's; no rule is sure. */
const ODD = "You've reached Ann Smith, I'm on vacation."
/** A greeting that nothing tells from other talk. */
const STORY = 'the river was high that spring and all of the boats lay upside down along its bank'

let talks: Talk[] = []

function talkOf(
  answers: ConstructorParameters<typeof FakeMind>[1],
  parts: Partial<CallSessionParts> = {},
) {
  const mind = new FakeMind(says(OPENING), answers)
  const talk = new Talk(mind, {
    leavesMessages: true,
    firstSpeaker: 'auto',
    rules: {
      disclosure: undefined,
      guardsOpening: false,
      guardsGoodbye: false,
      messageDisclosure: undefined,
      voicemailMessage: MESSAGE,
    },
    ...parts,
  })
  talks.push(talk)
  return { talk, mind }
}

/** A judge that says who it is when the test lets it. */
function judge() {
  const asked: string[] = []
  const { promise, resolve } = Promise.withResolvers<AnsweredBy | undefined>()
  return {
    asked,
    say: resolve,
    judge: (greeting: string) => {
      asked.push(greeting)
      return promise
    },
  }
}

async function beeps(talk: Talk): Promise<void> {
  const audio = mulaw(joined(tone(600, 1000), silence(300)))
  for (let at = 0; at < audio.length; at += 160) {
    talk.line.listener?.audio(audio.subarray(at, at + 160), at / 8)
    await talk.wait(20)
  }
}

beforeEach(() => {
  useFakeTimers()
})
afterEach(async () => {
  await Promise.all(talks.map((talk) => talk.session.cleanup()))
  talks = []
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('voicemail', () => {
  it('gets its message after the beep, and nothing else', async () => {
    const { talk } = talkOf([])
    await talk.pickUp()
    await talk.says(GREETING)
    await talk.wait(500)
    expect(talk.heard).toBe('')
    await beeps(talk)
    await talk.quiet()
    expect(talk.heard.trim()).toBe(MESSAGE)
    expect(talk.end).toEqual({ reason: 'message_left' })
    expect(talk.session.facts).toMatchObject({ answeredBy: 'voicemail', messageLeft: MESSAGE })
  })

  it('that beeps before anybody knows what it is gets its message as soon as it is known', async () => {
    const who = judge()
    const { talk } = talkOf([], { judge: who })
    await talk.pickUp()
    await talk.says(STORY)
    expect(who.asked).toEqual([STORY])
    await beeps(talk)
    who.say('voicemail')
    await talk.wait(0)
    await talk.wait(MESSAGE.length * CHAR_MS + 100)
    expect(talk.heard).toContain(MESSAGE)
    expect(talk.end).toEqual({ reason: 'message_left' })
  })

  it('recognised by the model when its greeting is over is not left waiting for more of it', async () => {
    const who = judge()
    const { talk } = talkOf([], { judge: who })
    await talk.pickUp()
    await talk.says(ODD)
    who.say('voicemail')
    await talk.wait(6500 + MESSAGE.length * CHAR_MS)
    expect(talk.end).toEqual({ reason: 'message_left' })
  })

  it('that beeps into the message has the message from its first word', async () => {
    const { talk } = talkOf([])
    await talk.pickUp()
    await talk.says('Please leave a message.')
    await talk.wait(1900)
    expect(talk.heard).toMatch(/^Hello/)
    await beeps(talk)
    await talk.quiet()
    expect(talk.heard.trim().endsWith(MESSAGE)).toBe(true)
    expect(talk.session.facts.messageLeft).toBe(MESSAGE)
    expect(talk.record.at(-1)).toBe(`agent: ${MESSAGE}`)
  })

  it('whose owner answers in words that no rule knows is answered', async () => {
    const who = judge()
    const { talk } = talkOf([says('Hello John, it is Alex.')], { judge: who })
    await talk.pickUp()
    await talk.says(GREETING)
    await talk.wait(300)
    await talk.says('Smith residence.')
    who.say('person')
    await talk.quiet()
    expect(talk.heard.trim()).toBe('Hello John, it is Alex.')
    expect(talk.session.facts.answeredBy).toBe('person')
  })

  it('is told a message by the model when the spec has none, and the model is told why', async () => {
    const { talk, mind } = talkOf([says(MESSAGE)], {
      rules: {
        disclosure: undefined,
        guardsOpening: false,
        guardsGoodbye: false,
        messageDisclosure: undefined,
        voicemailMessage: undefined,
      },
    })
    await talk.pickUp()
    await talk.says('Please leave a message.')
    await talk.wait(1600)
    await talk.quiet()
    expect(talk.heard.trim()).toBe(MESSAGE)
    expect(mind.asked[0]?.at(-1)).toMatchObject({ text: '(The machine is recording.)' })
  })

  it('is hung up on without a message, if so wished', async () => {
    const { talk } = talkOf([], { leavesMessages: false })
    await talk.pickUp()
    await talk.words(GREETING)
    expect(talk.end).toEqual({ reason: 'voicemail' })
    expect(talk.record).toEqual([`caller: ${GREETING}`])
  })
})

describe('what the carrier believes', () => {
  it('counts as long as nobody has said anything', async () => {
    const { talk } = talkOf([])
    await talk.pickUp()
    talk.session.carrierHeard('machine_start')
    await talk.wait(6500 + MESSAGE.length * CHAR_MS)
    expect(talk.heard.trim()).toBe(MESSAGE)
  })

  it('counts even when it is known before there is a line', async () => {
    const { talk } = talkOf([])
    talk.session.start()
    await talk.wait(0)
    talk.session.answered()
    talk.session.carrierHeard('machine_start')
    await talk.wait(0)
    await talk.attach()
    await talk.wait(6500 + MESSAGE.length * CHAR_MS)
    expect(talk.heard.trim()).toBe(MESSAGE)
  })

  it('does not count against what somebody says', async () => {
    const { talk } = talkOf([says('Great.')])
    await talk.pickUp()
    await talk.says('Hello, this is John speaking.')
    talk.session.carrierHeard('machine_start')
    await talk.quiet()
    expect(talk.heard.trim()).toBe(OPENING)
    expect(talk.session.facts.answeredBy).toBe('person')
  })
})

describe('the model', () => {
  it('is asked who it is only when the rules do not know', async () => {
    const who = judge()
    const { talk } = talkOf([says('Great.')], { judge: who })
    await talk.pickUp()
    await talk.says('Hello?')
    await talk.quiet()
    await talk.says('Yes, that works.')
    await talk.quiet()
    expect(who.asked).toEqual([])
  })

  it('changes nothing any more when the call is over', async () => {
    const who = judge()
    const { talk } = talkOf([], { judge: who })
    await talk.pickUp()
    await talk.says(ODD)
    talk.line.breaks('stopped')
    const over = talk.session.cleanup()
    who.say('voicemail')
    await over
    expect(talk.session.facts).not.toHaveProperty('answeredBy')
    expect(talk.end).toEqual({ reason: 'caller_hung_up' })
  })

  it('that breaks against its promise is apologised for, like any fault of our own', async () => {
    const { talk } = talkOf([], { judge: { judge: () => Promise.reject(new Error('a bug')) } })
    await talk.pickUp()
    await talk.says(ODD)
    await talk.quiet()
    expect(talk.heard).toMatch(/technical problem/)
    expect(talk.end).toMatchObject({ reason: 'failed', failure: { by: 'parley' } })
  })

  it('is not asked about those who call us', async () => {
    const who = judge()
    const { talk } = talkOf([says('Great.')], {
      judge: who,
      brief: {
        direction: 'inbound',
        action: 'Help',
        context: undefined,
        calleeName: undefined,
        agentName: undefined,
        organization: undefined,
        language: 'en',
        opening: undefined,
      },
    })
    await talk.pickUp()
    await talk.says(ODD)
    await beeps(talk)
    expect(who.asked).toEqual([])
    expect(talk.session.facts).not.toHaveProperty('answeredBy')
  })
})

describe('somebody who picks up', () => {
  it('and is only heard yet is not spoken over', async () => {
    const { talk } = talkOf([])
    await talk.pickUp()
    await talk.wait(1000)
    const hello = mulaw(tone(200, 300))
    for (let at = 0; at < hello.length; at += 160) {
      talk.line.listener?.audio(hello.subarray(at, at + 160), at / 8)
    }
    await talk.wait(1000)
    expect(talk.heard).toBe('')
    await talk.wait(700)
    await talk.quiet()
    expect(talk.heard.trim()).toBe(OPENING)
  })
})
