import { describe, expect, it } from 'vitest'
import { readFlight } from '../../src/cli/replay-file.ts'
import { scenarioFrom } from '../../src/cli/replay-scenario.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import type { TurnEvent } from '../../src/pipeline/turn-events.ts'
import { BROKEN_CALL, DENTIST_CALL, type Happening, recordOf } from '../helpers/flights.ts'
import { ended } from '../helpers/turn.ts'

const made = (happenings: readonly Happening[], pii = true) =>
  scenarioFrom(readFlight(recordOf(happenings, { pii })), 'made')

const BEGINNING: readonly Happening[] = [
  [0, { type: 'started' }],
  [1000, { type: 'answered' }],
  [1000, { type: 'line_attached', firstSpeaker: 'agent' }],
]
const turn = (value: Turn): Happening => [
  1000 + value.endMs,
  { note: { type: 'turn', turn: value } },
]
const agent = (text: string, startMs: number, endMs: number, interrupted = false) =>
  turn({ role: 'agent', text, startMs, endMs, interrupted })
const caller = (text: string, startMs: number, endMs: number) =>
  turn({ role: 'caller', text, startMs, endMs })
const at = (ms: number, event: TurnEvent): Happening => [1000 + ms, event]

describe('a scenario made from a flight record', () => {
  it('has the same person say the same at the same moments', () => {
    const { scenario } = made(DENTIST_CALL)
    expect(scenario.person).toEqual({
      answer: 'yes',
      ringMs: 1870,
      does: [
        { pause: 740 },
        { say: 'Hello?' },
        { hear: 'end' },
        { pause: 40 },
        { say: 'Yes. Which suite is it?' },
        { hear: { words: 3 } },
        { say: 'Uh-huh.' },
        { hear: { words: 8 } },
        { say: 'Great, got it. Bye!' },
      ],
    })
  })

  it('has the model say the same, and call the same tools', () => {
    const { scenario, remarks } = made(DENTIST_CALL)
    expect(scenario.claude).toEqual([
      {
        when: /call was answered|^Hello\?$/m,
        say: 'Hi John, this is Alex. Does Thursday at two still work for you?',
        times: 1,
      },
      {
        when: /^Yes\. Which suite is it\?$/m,
        tool: { name: 'find_suite', input: { doctor: 'Smith' } },
        times: 1,
      },
      {
        when: /^\(tool find_suite:/m,
        say: expect.stringMatching(
          /^It is suite two hundred, on the second floor, right next to the /,
        ),
        times: 1,
      },
      {
        when: /^Uh-huh\.$|^Great, got it\. Bye!$/m,
        say: 'See you on Thursday. Goodbye!',
        tool: { name: 'end_call', input: { reason: 'done' } },
        times: 1,
      },
    ])
    expect(scenario.toolServer).toEqual({ '/find_suite': [{ body: { suite: 200 } }] })
    expect(remarks).toEqual(['What the agent would have said after a cut is made up.'])
  })

  it('rings nobody who was rung, and reaches nothing of the user’s own', () => {
    const { scenario } = made(DENTIST_CALL)
    expect(scenario.call).toMatchObject({ callee_name: 'John', first_speaker: 'auto' })
    const text = JSON.stringify(scenario.call)
    for (const secret of ['+15551234567', 'crm.example', 'CRM_TOKEN', 'John-4711']) {
      expect(text).not.toContain(secret)
    }
    expect(scenario.call.phone_number).toMatch(/^\+1200\d{7}$/)
  })

  it('of a redacted record keeps its timing, and words that the agent took as telling', () => {
    const { scenario, remarks } = made(DENTIST_CALL, false)
    const { scenario: readable } = made(DENTIST_CALL)
    const waits = (does: typeof scenario.person.does) => does.filter((step) => !('say' in step))
    expect(waits(scenario.person.does)).toEqual(waits(readable.person.does))
    expect(scenario.person.does).toContainEqual({ say: 'xxx. xxxxx xxxxx xx xx?' })
    expect(scenario.person.does).toContainEqual({ say: 'Uh-huh.' })
    expect(scenario.person.does).toContainEqual({ say: 'Okay, bye!' })
    expect(scenario.claude.at(-1)?.tool).toEqual({ name: 'end_call', input: { reason: 'done' } })
    expect(remarks[0]).toMatch(/^The record is redacted/)
  })

  it('has the person wait through what the agent says while they are silent', () => {
    const { scenario } = made([
      ...BEGINNING,
      agent('Does that work for you?', 200, 1400),
      agent('Are you still there?', 9400, 10_400),
      caller('Yes, it does.', 10_880, 11_500),
    ])
    expect(scenario.person.does).toEqual([
      { hear: { words: 6 }, orMs: 14_400 },
      { hear: 'end', quietMs: 300 },
      { say: 'Yes, it does.' },
    ])
    expect(scenario.claude.map(({ say }) => say)).toEqual(['Does that work for you?'])
  })

  it('has the person press the keys that they pressed, also when they are masked', () => {
    const happenings = [
      ...BEGINNING,
      agent('Press one for yes.', 200, 1200),
      caller('(pressed 1 2 #)', 2000, 2400),
    ]
    const quietly = [{ hear: 'end' }, { pause: 200 }]
    expect(made(happenings).scenario.person.does).toEqual([...quietly, { press: '12#' }])
    expect(made(happenings, false).scenario.person.does).toEqual([...quietly, { press: '11#' }])
  })

  it('has the person hang up where they hung up', () => {
    const { scenario } = made([
      ...BEGINNING,
      agent('We are in the green', 500, 1600, true),
      at(1610, { type: 'line_closed' }),
    ])
    expect(scenario.person.does).toEqual([{ hear: { words: 5 } }, { hangUp: true }])
  })

  it('breaks the line where it broke', () => {
    const { scenario } = made([
      ...BEGINNING,
      at(300, { type: 'reply_audio', reply: 1 }),
      agent('We are in the green house.', 500, 1800),
      at(3000, { type: 'line_lost' }),
    ])
    expect(scenario.person.does).toEqual([{ hear: 'end' }, { pause: 600 }, { cutStream: true }])
  })

  it('beeps where the machine beeped', () => {
    const { scenario } = made([
      ...BEGINNING,
      caller('Leave a message after the tone.', 500, 3000),
      at(3400, ended('Leave a message after the tone.', 'words', { expectsBeep: true })),
      at(5000, { type: 'beep' }),
      agent('This is Alex. Please call us back.', 5300, 7300),
    ])
    expect(scenario.person.does).toEqual([
      { pause: 320 },
      { say: 'Leave a message after the tone.' },
      { pause: 1100 },
      { beep: 500 },
    ])
  })

  it('does not have the model say what needs no model', () => {
    const spec = {
      action: 'Call John',
      disclosure: 'This call is recorded.',
      opening: 'Good day!',
      voicemail: { action: 'leave_message', message: 'Call back.' },
    }
    const { scenario } = made([
      [0, { note: { type: 'spec', spec } }],
      ...BEGINNING,
      agent('This call is recorded. Good day!', 100, 2000),
      caller('Hm.', 2800, 3000),
      agent('It costs $5, or $ 7.', 4000, 5000),
      agent("I'm sorry, I'm having a technical", 6000, 7000, true),
    ])
    expect(scenario.claude).toEqual([{ when: /^Hm\.$/m, say: 'It costs $ 5, or $ 7.', times: 1 }])
    expect(scenario.call).toMatchObject(spec)
  })

  it('says what was said before anything else, and does not record the call again', () => {
    const spec = {
      action: 'Call John',
      record: { announcement: 'This call is recorded.' },
      disclosure: 'I am a machine.',
    }
    const { scenario } = made([
      [0, { note: { type: 'spec', spec } }],
      ...BEGINNING,
      agent('This call is recorded. I am a machine. Good day!', 100, 2000),
    ])
    expect(scenario.claude).toMatchObject([{ say: 'Good day!' }])
    expect(scenario.call).toMatchObject({ disclosure: 'This call is recorded. I am a machine.' })
    expect(scenario.call).not.toHaveProperty('record')
  })

  it('hands over to nobody real, with the same outcome', () => {
    const transfer_to = [{ phone_number: '+15559990000', name: 'the desk', when: 'asked' }]
    const { scenario } = made([
      [0, { note: { type: 'spec', spec: { action: 'Help', transfer_to } } }],
      ...BEGINNING,
      agent('One moment.', 100, 900),
      at(1000, { type: 'reply_audio', reply: 1 }),
      at(1000, { type: 'reply_sent', reply: 1, then: 'transfer' }),
      at(1100, { type: 'reply_heard', reply: 1 }),
      at(9000, { type: 'transfer_ended', completed: true }),
    ])
    expect(scenario.call['transfer_to']).toEqual([
      { phone_number: '+15550100000', name: 'the desk', when: 'asked' },
    ])
    expect(scenario.person.transfers).toEqual({ '+15550100000': { status: 'completed' } })
  })

  it('leaves a phone ringing that nobody answered', () => {
    const { scenario, remarks } = made([
      [0, { type: 'started' }],
      [9000, { type: 'end_requested', reason: 'caller_hung_up' }],
    ])
    expect(scenario.person).toEqual({ answer: 'no-answer', does: [] })
    expect(remarks).toEqual(['The record does not tell what the call was for.'])
  })

  it('is refused for a record that holds nothing', () => {
    expect(() => made([[0, { type: 'started' }]])).toThrow('neither a turn nor the end')
    expect(made(BROKEN_CALL).scenario.person.does).toContainEqual({ hangUp: true })
  })
})
