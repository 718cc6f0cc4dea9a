import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProviderError } from '../../src/errors.ts'
import type { CallSessionParts } from '../../src/pipeline/call-session.ts'
import { LONG_PAUSE_MS, NORMAL_PAUSE_MS } from '../../src/pipeline/patience.ts'
import { FakeMind, says } from '../helpers/fake-ports.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'
import { conversationOf } from '../helpers/session.ts'
import { CHAR_MS, Talk } from '../helpers/talk.ts'
import { message, toolCall } from '../helpers/tool-calls.ts'

const OPENING = 'Hi John, does Thursday at two still work?'

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

beforeEach(() => {
  useFakeTimers()
})
afterEach(async () => {
  await Promise.all(talks.map((talk) => talk.session.cleanup()))
  talks = []
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('an answer that was prepared for what the caller probably says', () => {
  const speculates = { speculates: true }

  it('is heard as soon as they have said it, from the one request that was made', async () => {
    const { talk, mind } = await talkOf([says('Great, see you then.')], speculates)
    await talk.quiet()
    await talk.words('Yes.')
    talk.ears.hear({ type: 'eager_end', text: 'Yes.' })
    await talk.wait(300)
    expect(talk.heard.trim()).toBe(OPENING)
    expect(mind.asked[0]?.at(-1)).toMatchObject({ role: 'caller', text: 'Yes.' })
    await talk.turnEnds('Yes.')
    await talk.quiet()
    expect(talk.heard.trim()).toMatch(/Great, see you then\.$/)
    expect(mind.asked).toHaveLength(1)
    const [, answer] = talk.session.timings
    expect(answer?.firstAudioMs).toBe(answer?.turnEndMs)
  })

  it('is heard by nobody when they go on, and the model is asked about all they said', async () => {
    const { talk, mind } = await talkOf([says('Great.'), says('Friday, then.')], speculates)
    await talk.quiet()
    await talk.words('Yes.')
    talk.ears.hear({ type: 'eager_end', text: 'Yes.' })
    await talk.wait(100)
    talk.ears.hear({ type: 'resumed' })
    await talk.says('Yes. But on Friday.')
    await talk.quiet()
    expect(talk.heard).not.toContain('Great')
    expect(talk.record).toEqual([
      `agent: ${OPENING}`,
      'caller: Yes. But on Friday.',
      'agent: Friday, then.',
    ])
    expect(mind.asked[1]?.map((turn) => turn.role)).toEqual(['agent', 'caller'])
  })

  it('runs no tool before they have finished', async () => {
    const { talk } = await talkOf(
      [message(toolCall('book', { day: 1 })), says('Done.')],
      speculates,
    )
    await talk.quiet()
    await talk.words('Yes, book it.')
    talk.ears.hear({ type: 'eager_end', text: 'Yes, book it.' })
    await talk.wait(300)
    expect(talk.runs).toHaveLength(0)
    await talk.turnEnds('Yes, book it.')
    expect(talk.runs).toHaveLength(1)
  })

  it('that fails is made again, and nobody notices', async () => {
    const timeout = new ProviderError('late', { provider: 'anthropic', code: 'timeout' })
    const { talk } = await talkOf([timeout, says('Great.')], speculates)
    await talk.quiet()
    await talk.words('Yes.')
    talk.ears.hear({ type: 'eager_end', text: 'Yes.' })
    await talk.wait(100)
    await talk.turnEnds('Yes.')
    await talk.quiet()
    expect(talk.heard.trim()).toMatch(/Great\.$/)
  })

  it('is not prepared when that is switched off', async () => {
    const { talk, mind } = await talkOf([says('Great.')])
    await talk.quiet()
    await talk.words('Yes.')
    talk.ears.hear({ type: 'eager_end', text: 'Yes.' })
    await talk.wait(300)
    expect(mind.asked).toEqual([])
  })
})

describe('time', () => {
  const limits = { ...conversationOf().limits, maxDurationMs: 120_000, silenceMs: 30_000 }

  it('that is nearly up is told when nobody speaks, once', async () => {
    const { talk } = await talkOf([says('Great.')], { limits })
    await talk.quiet()
    await talk.wait(85_000)
    await talk.words('Well')
    await talk.wait(8000)
    expect(talk.heard).not.toContain('half a minute')
    await talk.turnEnds('Well, yes.')
    await talk.quiet()
    await talk.wait(5000)
    expect(talk.heard.split('half a minute')).toHaveLength(2)
  })

  it('is not told in a call so short that it would be most of it, or when it is not wished', async () => {
    for (const changed of [{ maxDurationMs: 50_000 }, { timeWarningMs: 0 }]) {
      const { talk } = await talkOf([], {
        limits: { ...limits, silenceMs: 200_000, ...changed },
      })
      await talk.wait(130_000)
      expect(talk.heard).not.toContain('half a minute')
      expect(talk.end).toEqual({ reason: 'time_limit' })
    }
  })
})

describe('a caller who asks for a moment', () => {
  it('over the opening is waited for, and answered when they are back', async () => {
    const { talk } = await talkOf([says('No problem.')])
    await talk.wait(400)
    await talk.says('One moment, please.')
    await talk.quiet()
    expect(talk.heard).toContain('take your time')
    await talk.wait(60_000)
    expect(talk.heard).not.toContain('still there')
    await talk.says('So, I am back.')
    await talk.quiet()
    expect(talk.heard.trim()).toMatch(/No problem\.$/)
  })
})

describe('a line that is lost', () => {
  it('is welcome back at the word at which it was lost, and nothing is thought or spoken anew', async () => {
    const { talk, mind } = await talkOf([])
    await talk.wait('Hi John, does Thu'.length * CHAR_MS)
    talk.line.breaks('lost')
    expect(talk.session.expectsLine).toBe(true)
    await talk.wait(2000)
    await talk.attach()
    await talk.quiet()
    expect(talk.session.expectsLine).toBe(false)
    expect(talk.lines[1]?.heard.trim()).toBe('Thursday at two still work?')
    expect(talk.record).toEqual([`agent: ${OPENING}`])
    expect([mind.asked.length, talk.voice.speeches.length]).toEqual([0, 1])
  })

  it('as the carrier says, though we have not noticed, is closed', async () => {
    const { talk } = await talkOf([])
    await talk.quiet()
    talk.session.lineLost()
    expect(talk.line.isClosed).toBe(true)
    expect(talk.session.expectsLine).toBe(true)
    talk.session.lineLost()
    await talk.wait(10_000)
    expect(talk.end).toMatchObject({ reason: 'failed', failure: { code: 'stream_lost' } })
  })

  it('while the model thinks takes nothing of its answer', async () => {
    const { talk } = await talkOf([says('Great, see you then.')])
    await talk.quiet()
    talk.voice.isSlow = true
    await talk.says('Yes.')
    talk.line.breaks('lost')
    talk.voice.isSlow = false
    talk.voice.answer()
    await talk.wait(500)
    await talk.attach()
    await talk.quiet()
    expect(talk.line.heard.trim()).toBe('Great, see you then.')
  })

  it('twice in one sentence leaves the sentence whole', async () => {
    const { talk } = await talkOf([])
    for (let i = 0; i < 2; i++) {
      await talk.wait(12 * CHAR_MS)
      talk.line.breaks('lost')
      await talk.attach()
    }
    await talk.quiet()
    expect(talk.record).toEqual([`agent: ${OPENING}`])
    expect(talk.line.heard.trim()).toMatch(/still work\?$/)
  })
})

describe('patience', () => {
  it('is told to those who hear: more of it for a number that was asked for', async () => {
    const { talk } = await talkOf([says('What is your phone number?'), says('Thank you.')])
    await talk.quiet()
    await talk.says('Yes.')
    await talk.quiet()
    expect(talk.ears.patience.at(-1)).toBeGreaterThanOrEqual(LONG_PAUSE_MS)
    await talk.says('Five five five, oh one double nine.')
    await talk.quiet()
    expect(talk.ears.patience.at(-1)).toBe(NORMAL_PAUSE_MS)
  })

  it('grows with the pauses that the caller makes', async () => {
    const { talk } = await talkOf([says('I see.')])
    await talk.quiet()
    talk.ears.hear({ type: 'turn_end', text: 'I would like to come.', pausesMs: [1500, 1600] })
    await talk.wait(0)
    expect(talk.ears.patience.at(-1)).toBeGreaterThan(NORMAL_PAUSE_MS + 300)
  })
})

describe('an answer that is cut off by something else than the caller', () => {
  it('is not timed as if their words from before it had cut it off', async () => {
    const { talk } = await talkOf([says('Great, see you then, John.')])
    await talk.quiet()
    await talk.says('Yes.')
    await talk.wait(500)
    const gone = new ProviderError('gone', { provider: 'deepgram', code: 'disconnected' })
    talk.ears.hear({ type: 'failed', error: gone })
    await talk.wait(0)
    const [, answer] = talk.session.timings
    expect(answer?.clearedMs).toBeDefined()
    expect(answer?.bargeInMs).toBeUndefined()
  })
})
