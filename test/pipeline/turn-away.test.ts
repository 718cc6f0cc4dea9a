import { describe, expect, it } from 'vitest'
import type { AnsweredBy } from '../../src/pipeline/answering/answered-by.ts'
import { step } from '../../src/pipeline/turn.ts'
import type { TurnEvent } from '../../src/pipeline/turn-events.ts'
import {
  answering,
  aside,
  asked,
  ended,
  failure,
  fired,
  goodbye,
  heardOpening,
  kinds,
  onLine,
  run,
  speaking,
  started,
  waitingForHello,
  words,
} from '../helpers/turn.ts'

const lost: TurnEvent = { type: 'line_lost' }
const back: TurnEvent = { type: 'line_attached', firstSpeaker: 'agent' }
const leaves = (then: 'keys' | 'transfer'): TurnEvent[] => [
  ...answering,
  { type: 'reply_sent', reply: 2, then },
  { type: 'reply_heard', reply: 2 },
]
const recording: TurnEvent[] = [
  ...waitingForHello,
  words,
  { type: 'answered_by', by: 'voicemail', message: true },
]

describe('a line that is lost', () => {
  it('in the middle of a word: the agent goes on from it on the next one', () => {
    for (const [events, reply] of [
      [speaking, 1],
      [asked, 2],
      [goodbye, 2],
    ] as const) {
      const gone = run([...events, lost])
      expect(kinds(gone.effects)).toEqual([`pause_reply ${reply}`, 'start_timer away'])
      expect(kinds(step(gone.state, back).effects)).toEqual([
        'stop_timer away',
        `resume_reply ${reply}`,
      ])
    }
  })

  it('while the caller has the floor: they have it again', () => {
    const gone = run([...heardOpening, lost])
    expect(kinds(gone.effects)).toEqual([
      'stop_timer silence',
      'stop_timer hold',
      'stop_timer first_words',
      'start_timer away',
    ])
    expect(kinds(step(gone.state, back).effects)).toEqual([
      'stop_timer away',
      'start_timer silence',
    ])
  })

  it('while the caller finishes a turn: it is answered', () => {
    const gone = run([...heardOpening, words, lost, words, ended('I think so.')])
    expect(kinds(gone.effects)).toEqual(['note_caller'])
    expect(kinds(step(gone.state, back).effects)).toEqual(['stop_timer away', 'start_reply 2'])
    expect(run([...heardOpening, lost, ended('')]).effects).toEqual([])
    expect(run([...speaking, lost, ended('Hm?')]).state).toMatchObject({ phase: 'away' })
  })

  it('while the opening waits for a hello: it is said', () => {
    expect(kinds(run([...waitingForHello, lost, back]).effects)).toContain('release_reply 1')
  })

  it('while the agent pauses for an “uh-huh”: it goes on', () => {
    const { effects } = run([...speaking, aside, lost])
    expect(kinds(effects)).toEqual(['stop_timer resume', 'start_timer away'])
    expect(kinds(run([...speaking, aside, lost, back]).effects)).toContain('resume_reply 1')
  })

  it('while a machine greets: its message is still left', () => {
    const { state, effects } = run([...recording, lost])
    expect(kinds(effects)).toEqual(['stop_timer message', 'start_timer away'])
    expect(kinds(step(state, back).effects)).toEqual(['stop_timer away', 'start_timer message'])
  })

  it('after the last word was heard: the call is over', () => {
    const heard: TurnEvent[] = [...goodbye, words, { type: 'reply_heard', reply: 2 }]
    expect(run([...heard, lost]).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'agent_hung_up' },
    })
  })

  it('with a guess prepared: the guess is dropped, and the caller answered when they have finished', () => {
    const guessed: TurnEvent[] = [
      ...heardOpening,
      words,
      { type: 'caller_turn_guessed', text: 'Yes' },
    ]
    expect(kinds(run([...guessed, lost]).effects)).toContain('cancel_reply 2')
  })

  it('and never comes back: the call has failed', () => {
    const { state } = run([...speaking, lost])
    expect(run([fired('silence')], state).effects).toEqual([])
    expect(run([fired('away')], state).effects.at(-1)).toMatchObject({
      type: 'end',
      end: { reason: 'failed', failure: { by: 'twilio', code: 'stream_lost' } },
    })
  })

  it('before its time is up: the time counts on', () => {
    const { state } = run([...heardOpening, lost])
    expect(run([{ type: 'time_up' }], state).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'time_limit' },
    })
    const warned = run([{ type: 'time_nearly_up' }, back], state)
    expect(warned.effects).toContainEqual(
      expect.objectContaining({ type: 'start_reply', kind: 'time_warning' }),
    )
  })

  it('while something breaks: the apology waits for the line', () => {
    for (const event of [
      { type: 'hearing_failed', failure },
      { type: 'reply_failed', reply: 1, failure },
    ] as const) {
      const { state, effects } = run([...speaking, lost, event])
      expect(effects).toEqual([])
      expect(step(state, back).effects.at(-1)).toMatchObject({ kind: 'apology' })
    }
  })

  it('does not matter before there was one', () => {
    expect(run([...started, lost]).effects).toEqual([])
  })

  it('is not the end of the call, and neither is the old line’s', () => {
    expect(run([...speaking, lost, { type: 'line_closed' }]).state.phase).toBe('away')
  })

  it('while a tool works: its result is told when the line is back', () => {
    const { effects } = run([...heardOpening, lost, { type: 'tool_finished' }, back])
    expect(kinds(effects)).toContain('start_reply 2')
    expect(run([...speaking, lost, { type: 'tool_finished' }]).effects).toEqual([])
  })

  it('learns meanwhile who it was', () => {
    const { state } = run([
      ...heardOpening,
      lost,
      { type: 'answered_by', by: 'person', message: false },
    ])
    expect(state).toMatchObject({ peer: 'person', then: { peer: 'person' } })
  })
})

describe('keys', () => {
  it('are pressed when the agent has said what it had to; then the caller has the floor', () => {
    const { state, effects } = run(leaves('keys'))
    expect(effects).toContainEqual({ type: 'leave_line', reason: 'keys' })
    expect(effects).toContainEqual({ type: 'start_timer', timer: 'away' })
    expect(kinds(step(state, back).effects)).toEqual(['stop_timer away', 'start_timer silence'])
  })

  it('are pressed without a word', () => {
    const { effects } = run([
      ...asked,
      { type: 'reply_sent', reply: 2, then: 'keys' },
      { type: 'reply_heard', reply: 2 },
    ])
    expect(effects).toContainEqual({ type: 'leave_line', reason: 'keys' })
  })

  it('are not pressed when the caller speaks first', () => {
    const { state } = run([
      ...answering,
      { type: 'reply_sent', reply: 2, then: 'keys' },
      words,
      ended('Wait.'),
    ])
    expect(state).toMatchObject({ phase: 'thinking', reply: 3 })
  })

  it('during which the other side finished a sentence: it is answered', () => {
    const { effects } = run([...leaves('keys'), ended('Invalid choice.'), back])
    expect(kinds(effects)).toContain('start_reply 3')
  })

  it('on a line that breaks wait for the next one', () => {
    const { state } = run([...leaves('keys'), lost])
    expect(state).toMatchObject({ phase: 'away', reason: 'lost' })
    const failedToo = run([{ type: 'leave_failed' }], state)
    expect(kinds(failedToo.effects)).toEqual(['start_timer away'])
    expect(kinds(step(failedToo.state, back).effects)).toEqual(['stop_timer away', 'start_reply 3'])
    expect(run([...leaves('transfer'), lost]).state).toMatchObject({ reason: 'transfer' })
  })

  it('that could not be pressed are told to the model', () => {
    const { state, effects } = run([...leaves('keys'), { type: 'leave_failed' }])
    expect(kinds(effects)).toEqual(['stop_timer away', 'start_reply 3'])
    expect(state.phase).toBe('thinking')
    const broken = run([
      ...leaves('keys'),
      { type: 'hearing_failed', failure },
      { type: 'leave_failed' },
    ])
    expect(broken.effects.at(-1)).toMatchObject({ kind: 'apology' })
  })
})

describe('a carrier that always says no', () => {
  const refused: readonly TurnEvent[] = [{ type: 'leave_failed' }]

  /** The model asks for keys again, without a word, and is refused again. */
  function asksAgain(reply: number): readonly TurnEvent[] {
    return [{ type: 'reply_sent', reply, then: 'keys' }, { type: 'reply_heard', reply }, ...refused]
  }

  it('is asked three times, and then the person hears an apology rather than nothing for ever', () => {
    const twice = run([...leaves('keys'), ...refused, ...asksAgain(3)])
    expect(twice.state).toMatchObject({ phase: 'thinking', reply: 4 })
    const thrice = run(asksAgain(4), twice.state)
    expect(thrice.effects.at(-1)).toMatchObject({ type: 'start_reply', kind: 'apology' })
    expect(thrice.state).toMatchObject({
      phase: 'ending',
      end: { reason: 'failed', failure: { code: 'line_refused' } },
    })
  })

  it('is asked afresh after the caller has spoken, or was given the floor', () => {
    const twice = run([...leaves('keys'), ...refused, ...asksAgain(3)])
    const interrupted = run([ended('Hello?')], twice.state)
    expect(run(asksAgain(5), interrupted.state).state).toMatchObject({ phase: 'thinking' })
    const waited = run(
      [{ type: 'reply_sent', reply: 4 }, { type: 'reply_heard', reply: 4 }, ended('Well?')],
      twice.state,
    )
    expect(run(asksAgain(5), waited.state).state).toMatchObject({ phase: 'thinking' })
    const cut = run([{ type: 'reply_audio', reply: 4 }, words, ended('Listen.')], twice.state)
    expect(run(asksAgain(5), cut.state).state).toMatchObject({ phase: 'thinking' })
  })
})

describe('a carrier that says no after it has taken the line', () => {
  it.each(['keys', 'transfer'] as const)('is not talked to without a line: %s', (reason) => {
    const gone = run([...leaves(reason), { type: 'line_closed' }, { type: 'leave_failed' }])
    expect(gone.state).toMatchObject({ phase: 'away', reason: 'lost' })
    expect(kinds(gone.effects)).toEqual(['start_timer away'])
    expect(kinds(step(gone.state, back).effects)).toEqual(['stop_timer away', 'start_reply 3'])
    expect(run([fired('away')], gone.state).state.phase).toBe('ended')
  })
})

describe('words that were on their way when the line was lost', () => {
  it('are answered after what the agent was saying', () => {
    for (const events of [speaking, [...speaking, aside]]) {
      const { state, effects } = run([...events, lost, ended('Which Thursday?')])
      expect(kinds(effects)).toEqual(['note_caller'])
      const heard = run(
        [back, { type: 'reply_sent', reply: 1 }, { type: 'reply_heard', reply: 1 }],
        state,
      )
      expect(heard.effects.at(-1)).toMatchObject({ type: 'start_reply', kind: 'answer' })
    }
  })

  it('make an answer that does not know of them obsolete', () => {
    const { state, effects } = run([...asked, lost, ended('And on Friday?')])
    expect(kinds(effects)).toEqual(['cancel_reply 2', 'note_caller'])
    expect(kinds(step(state, back).effects)).toEqual(['stop_timer away', 'start_reply 3'])
  })

  it('stop neither the opening nor a goodbye, and an “uh-huh” stops nothing', () => {
    for (const [events, said] of [
      [onLine, ended('Hello?')],
      [goodbye, ended('Bye.')],
      [speaking, ended('Uh-huh.', 'aside')],
    ] as const) {
      const { state, effects } = run([...events, lost, said])
      expect(kinds(effects)).toEqual(['note_caller'])
      expect(kinds(step(state, back).effects).at(-1)).toMatch(/^resume_reply/)
    }
  })
})

describe('while there is no line', () => {
  const met = (by: AnsweredBy, message = true): TurnEvent => ({ type: 'answered_by', by, message })

  it('a machine that is recognised is left its message when the line is back', () => {
    const { state, effects } = run([...speaking, lost, met('voicemail')])
    expect(effects).toContainEqual({ type: 'start_reply', reply: 2, kind: 'message', held: true })
    expect(kinds(effects).at(-1)).toBe('stop_timer message')
    expect(state).toMatchObject({ phase: 'away', reply: 2, then: { phase: 'recording' } })
    const there = step(state, back)
    expect(kinds(there.effects)).toEqual(['stop_timer away', 'start_timer message'])
    expect(kinds(step(there.state, fired('message')).effects)).toContain('release_reply 2')
  })

  it('a machine that is left none, and an announcement, end the call', () => {
    for (const event of [met('voicemail', false), met('carrier')]) {
      expect(run([...speaking, lost, event]).effects.at(-1)).toMatchObject({ type: 'end' })
    }
  })

  it('a menu is answered, but not before somebody can hear it', () => {
    const { state, effects } = run([...speaking, lost, met('ivr')])
    expect(kinds(effects)).toEqual(['cancel_reply 1', 'start_reply 2', 'pause_reply 2'])
    expect(kinds(step(state, back).effects)).toEqual(['stop_timer away', 'resume_reply 2'])
  })

  it('a person who is being put through is not cut off by a machine that was heard before', () => {
    const { state, effects } = run([...leaves('transfer'), met('voicemail', false)])
    expect(effects).toEqual([])
    expect(state).toMatchObject({ phase: 'away', then: { peer: 'voicemail' } })
  })

  it('a beep into the message is not forgotten', () => {
    const message: TurnEvent[] = [...recording, { type: 'beep' }, { type: 'reply_audio', reply: 2 }]
    const { state } = run([...message, { type: 'beep' }, lost, fired('message')])
    expect(kinds(step(state, back).effects)).toEqual(['stop_timer away', 'resume_reply 2'])
  })
})

describe('a transfer', () => {
  const gone = leaves('transfer')

  it('that comes to nothing after the time is up: the person is told so', () => {
    const back2 = run([
      ...gone,
      { type: 'time_up' },
      { type: 'transfer_ended', completed: false },
      back,
    ])
    expect(back2.effects.at(-1)).toMatchObject({ kind: 'time_up' })
    expect(back2.state).toMatchObject({ phase: 'ending', end: { reason: 'time_limit' } })
  })

  it('ends the call when it has come about, however long they talk', () => {
    const { state, effects } = run(gone)
    expect(kinds(effects)).not.toContain('start_timer away')
    expect(step(state, { type: 'time_up' }).effects).toEqual([])
    expect(step(state, { type: 'transfer_ended', completed: true }).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'transferred' },
    })
  })

  it('that comes to nothing brings the person back, and the agent says so', () => {
    const failedTransfer = run([...gone, { type: 'transfer_ended', completed: false }])
    expect(kinds(failedTransfer.effects)).toEqual(['start_timer away'])
    expect(kinds(step(failedTransfer.state, back).effects)).toEqual([
      'stop_timer away',
      'start_reply 3',
    ])
  })
})
