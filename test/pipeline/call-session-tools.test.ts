import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { ProviderError } from '../../src/errors.ts'
import type { CallSessionParts } from '../../src/pipeline/call-session.ts'
import { ToolBox } from '../../src/pipeline/tool-box.ts'
import { toolsFor } from '../../src/pipeline/tools.ts'
import { FakeMind, quiet, says } from '../helpers/fake-ports.ts'
import { useFakeTimers } from '../helpers/fake-timers.ts'
import { CHAR_MS, Talk } from '../helpers/talk.ts'
import { httpTool, message, toolCall } from '../helpers/tool-calls.ts'

const OPENING = 'Hi John.'
const STILL_THERE = 'Are you still there?'

let talks: Talk[] = []

async function talkOf(
  answers: ConstructorParameters<typeof FakeMind>[1],
  parts: Partial<CallSessionParts> = {},
) {
  const mind = new FakeMind(says(OPENING), answers)
  const talk = new Talk(mind, parts)
  talks.push(talk)
  await talk.pickUp()
  await talk.quiet()
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

describe('a tool whose reply was cut off', () => {
  const interrupted = [
    message('Let me check. ', toolCall('look_up')),
    says('I am still looking.'),
    says('It is at two.'),
  ]

  it('runs once, and its result is told when it comes', async () => {
    const { talk, mind } = await talkOf(interrupted)
    await talk.says('When is it?')
    await talk.wait('Let me'.length * CHAR_MS)
    await talk.says('Hello?')
    await talk.quiet()
    expect(talk.runs).toHaveLength(1)
    talk.runs[0]?.answer('14:00')
    await talk.quiet()
    expect(talk.runs).toHaveLength(1)
    expect(talk.heard).toMatch(/It is at two\.\s*$/)
    expect(mind.asked.at(-1)?.at(-1)).toMatchObject({ text: '(tool look_up: 14:00)' })
  })

  it('keeps the caller from being asked whether they are there, as long as it works', async () => {
    const { talk } = await talkOf(interrupted)
    await talk.says('When is it?')
    await talk.wait('Let me'.length * CHAR_MS)
    await talk.says('Hello?')
    await talk.wait(14_000)
    expect(talk.heard).not.toContain(STILL_THERE)
    talk.runs[0]?.answer('14:00')
    await talk.wait(14_000)
    expect(talk.heard).toContain(STILL_THERE)
  })

  it('is told again when the caller talked over the answer before its first word', async () => {
    const { talk, mind } = await talkOf([...interrupted, says('As I said, at two.')])
    await talk.says('When is it?')
    await talk.wait('Let me'.length * CHAR_MS)
    await talk.says('Hello?')
    await talk.quiet()
    talk.voice.isSlow = true
    talk.runs[0]?.answer('14:00')
    await talk.wait(0)
    await talk.words('So')
    talk.voice.isSlow = false
    await talk.turnEnds('So what is it?')
    expect(mind.asked.at(-1)?.at(-1)).toMatchObject({ text: '(tool look_up: 14:00)' })
  })

  it('that is still at work when the call ends has a result that says so', async () => {
    const { talk } = await talkOf(interrupted)
    await talk.says('When is it?')
    talk.line.breaks('stopped')
    await talk.session.cleanup()
    expect(talk.record.at(-1)).toMatch(/^look_up = The call was over/)
    expect(talk.runs[0]?.signal.aborted).toBe(true)
  })
})

describe('a reply whose voice fails after the words that fill the wait', () => {
  it('is followed by an apology, and the tool is not run again', async () => {
    const { talk } = await talkOf([message(toolCall('look_up')), says('It is at two.')])
    await talk.says('When is it?')
    await talk.wait(3000)
    expect(talk.heard).toContain('One moment, please.')
    talk.voice.isSlow = true
    talk.runs[0]?.answer('14:00')
    await talk.wait(0)
    talk.voice.isSlow = false
    talk.voice.speeches
      .at(-1)
      ?.listener.failed(new ProviderError('gone', { provider: 'elevenlabs', code: 'disconnected' }))
    await talk.quiet()
    expect(talk.heard).toMatch(/technical problem/)
    expect(talk.runs).toHaveLength(1)
    expect(talk.end).toMatchObject({ reason: 'failed', failure: { by: 'elevenlabs' } })
  })
})

describe('a tool that breaks in a way that nobody has foreseen', () => {
  it('has failed for the model, and the conversation goes on', async () => {
    const httpTools = [httpTool('look_up')]
    const definitions = toolsFor({ direction: 'outbound', httpTools })
    const runner = { run: () => Promise.reject(new Error('a bug')) }
    const box = new ToolBox({ definitions, httpTools, runner, clock: systemClock, log: quiet })
    const { talk } = await talkOf([message(toolCall('look_up')), says('I cannot see it.')], {
      tools: { definitions, box },
    })
    await talk.says('When is it?')
    await talk.quiet()
    expect(talk.heard).toMatch(/I cannot see it\.\s*$/)
    expect(talk.record.at(-2)).toMatch(/^look_up = The tool failed/)
    expect(talk.end).toBeUndefined()
  })
})

describe('what the session does itself', () => {
  it('notes outcomes, and that somebody does not want to be called again', async () => {
    const { talk } = await talkOf([
      message(
        toolCall('record_outcome', { result: 'confirmed' }),
        toolCall('record_outcome', { result: 'moved', details: { to: 'Friday' } }),
        toolCall('do_not_call_again'),
      ),
      says('I have noted that.'),
    ])
    expect(talk.session.facts).toEqual({ notes: [], optedOut: false })
    await talk.says('Yes, and do not call me again.')
    await talk.quiet()
    expect(talk.session.facts).toEqual({
      answeredBy: 'person',
      notes: [{ result: 'confirmed' }, { result: 'moved', details: { to: 'Friday' } }],
      optedOut: true,
    })
  })

  it('goes on in another language, in the middle of a reply, too', async () => {
    const { talk } = await talkOf([
      message('Of course. ', toolCall('switch_language', { language: 'es' })),
      says('¿Puede venir el jueves?'),
    ])
    await talk.says('¿Habla español?')
    await talk.quiet()
    expect(talk.ears.languages).toEqual(['es'])
    expect(
      talk.voice.speeches.slice(1).map(({ language, text }) => [language, text.trim()]),
    ).toEqual([
      ['en', 'Of course.'],
      ['es', '¿Puede venir el jueves?'],
    ])
    expect(talk.record.slice(2)).toEqual([
      'agent: Of course.',
      'switch_language = done: speak this language from now on',
      'agent: ¿Puede venir el jueves?',
    ])
    await talk.wait(8000)
    expect(talk.voice.speeches.at(-1)?.text).toBe('¿Sigue ahí? ')
  })
})

describe('keys', () => {
  const pressing = [
    message('One moment. ', toolCall('press_keys', { keys: '2' })),
    says('Hello there.'),
  ]

  it('are pressed when the words before them were heard; then the agent listens on a new line', async () => {
    const { talk } = await talkOf(pressing)
    await talk.says('For support, press two.')
    expect(talk.asked).toEqual([])
    await talk.quiet()
    expect(talk.asked).toEqual(['keys 2'])
    expect(talk.session.expectsLine).toBe(true)
    talk.line.breaks('stopped')
    await talk.attach()
    expect(talk.session.expectsLine).toBe(false)
    expect(talk.record.slice(2)).toEqual(['agent: One moment.', 'press_keys = pressed'])
    await talk.says('Support, how can I help?')
    await talk.quiet()
    expect(talk.heard).toMatch(/Hello there\.\s*$/)
    expect(talk.end).toBeUndefined()
  })

  it('that the carrier does not press are told to the model, on the line that there still is', async () => {
    const { talk, mind } = await talkOf(pressing)
    talk.carrierFails = true
    await talk.says('For support, press two.')
    await talk.quiet()
    expect(mind.asked.at(-1)?.at(-1)).toMatchObject({
      name: 'press_keys',
      result: 'failed: the phone company did not do it',
    })
    expect(talk.heard).toMatch(/Hello there\.\s*$/)
  })

  it('that are never pressed, and asked for without a word, end in an apology and not in silence without end', async () => {
    const pressesOnly = Array.from({ length: 9 }, (_, i) =>
      message(toolCall('press_keys', { keys: `${i}` })),
    )
    const { talk, mind } = await talkOf(pressesOnly)
    talk.carrierFails = true
    await talk.says('For support, press two.')
    await talk.quiet()
    expect(mind.asked).toHaveLength(3)
    expect(talk.end).toMatchObject({ reason: 'failed', failure: { code: 'line_refused' } })
    expect(talk.heard).toMatch(/sorry/iu)
  })

  it('are not pressed when somebody speaks first', async () => {
    const { talk } = await talkOf(pressing)
    await talk.says('For support, press two.')
    await talk.wait(100)
    await talk.says('Hello, who is there?')
    await talk.quiet()
    expect(talk.asked).toEqual([])
    expect(talk.record).toContain(
      'press_keys = not done: the person spoke, or was gone, before you had finished',
    )
  })

  it('are pressed without a word', async () => {
    const { talk } = await talkOf([message(toolCall('press_keys', { keys: '1w2' }))])
    await talk.says('For support, press one.')
    expect(talk.asked).toEqual(['keys 1w2'])
    expect(talk.record.at(-1)).toBe('press_keys = pressed')
  })
})

describe('a transfer', () => {
  const transferring = [
    message('I will put you through. ', toolCall('transfer_call', { to: 'Ann' })),
    says('Ann does not answer.'),
  ]

  async function transferred() {
    const { talk, mind } = await talkOf(transferring)
    await talk.says('Can I talk to Ann?')
    await talk.quiet()
    return { talk, mind }
  }

  it('is told first, and ends the call when they have talked', async () => {
    const { talk } = await transferred()
    expect(talk.asked).toEqual(['transfer +15550100'])
    talk.line.breaks('stopped')
    await talk.wait(700_000)
    expect(talk.end).toBeUndefined()
    talk.session.transferEnded('completed')
    await talk.wait(0)
    expect(talk.end).toEqual({ reason: 'transferred' })
    expect(talk.session.facts).toMatchObject({ transferredTo: 'Ann' })
    expect(talk.record.at(-1)).toBe('transfer_call = done')
    talk.session.transferEnded('completed')
  })

  it.each([
    ['busy', /the line was busy/],
    ['no_answer', /nobody answered/],
    ['failed', /could not be reached/],
  ] as const)('that comes to nothing brings the person back: %s', async (outcome, result) => {
    const { talk, mind } = await transferred()
    talk.line.breaks('stopped')
    talk.session.transferEnded(outcome)
    await talk.attach()
    await talk.quiet()
    expect(mind.asked.at(-1)?.at(-1)).toMatchObject({ name: 'transfer_call' })
    expect(talk.record.at(-2)).toMatch(result)
    expect(talk.heard).toMatch(/Ann does not answer\.\s*$/)
    expect(talk.session.facts).not.toHaveProperty('transferredTo')
  })

  it('that the carrier refuses is told to the model', async () => {
    const { talk } = await talkOf(transferring)
    talk.carrierFails = true
    await talk.says('Can I talk to Ann?')
    await talk.quiet()
    expect(talk.heard).toMatch(/Ann does not answer\.\s*$/)
    talk.session.transferEnded('no_answer')
    expect(talk.session.expectsLine).toBe(false)
  })

  it('that the caller speaks into does not happen', async () => {
    const { talk } = await talkOf(transferring)
    await talk.says('Can I talk to Ann?')
    await talk.wait(200)
    await talk.says('No, wait.')
    await talk.quiet()
    expect(talk.asked).toEqual([])
  })

  it('during which the person hangs up does not stay open on record', async () => {
    const { talk } = await transferred()
    talk.session.end('caller_hung_up')
    expect(talk.record.at(-1)).toBe('transfer_call = not known: the call was over first')
  })
})
