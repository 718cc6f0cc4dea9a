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

const met = (by: AnsweredBy, message = true): TurnEvent => ({ type: 'answered_by', by, message })
const beep: TurnEvent = { type: 'beep' }
const recording: TurnEvent[] = [...waitingForHello, words, met('voicemail')]
const leaving: TurnEvent[] = [...recording, beep, { type: 'reply_audio', reply: 2 }]

describe('voicemail', () => {
  it('gets no opening: the message is made ready while the greeting goes on', () => {
    const { state, effects } = run(recording)
    expect(kinds(effects)).toEqual([
      'cancel_reply 1',
      'stop_timer first_words',
      'stop_timer silence',
      'start_reply 2',
      'start_timer message',
    ])
    expect(effects).toContainEqual({ type: 'start_reply', reply: 2, kind: 'message', held: true })
    expect(state.phase).toBe('recording')
    expect(step(state, met('voicemail')).effects).toEqual([])
  })

  it('gets its message after the beep, and the call ends when it was played', () => {
    const { state, effects } = run([...recording, beep])
    expect(kinds(effects)).toEqual(['stop_timer message', 'release_reply 2'])
    expect(step(state, { type: 'reply_heard', reply: 2 }).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'message_left' },
    })
  })

  it('without a beep gets it when the greeting is over, and waits longer for an announced one', () => {
    const short = run([...recording, ended('Please leave a message.')]).effects
    const long = run([
      ...recording,
      ended('Leave a message after the tone.', 'words', { expectsBeep: true }),
    ]).effects
    expect(short).toContainEqual({ type: 'start_timer', timer: 'message', ms: 1500 })
    expect(long).toContainEqual({ type: 'start_timer', timer: 'message', ms: 6000 })
    expect(kinds(run([...recording, words]).effects)).toEqual(['start_timer message'])
    expect(kinds(run([...recording, fired('message')]).effects)).toContain('release_reply 2')
    expect(run([...recording, fired('silence')]).effects).toEqual([])
  })

  it('that beeps into the message hears it again from its first word', () => {
    const { state, effects } = run([...leaving, beep])
    expect(kinds(effects)).toEqual(['rewind_reply 2', 'start_timer message'])
    expect(kinds(step(state, fired('message')).effects)).toEqual(['resume_reply 2'])
    const done = run([words, { type: 'reply_heard', reply: 2 }], state)
    expect(step(done.state, beep).effects).toEqual([])
    expect(run([...goodbye, beep]).effects).toEqual([])
  })

  it('is hung up on when nothing is to be left, or when it is full', () => {
    for (const event of [met('voicemail', false), met('mailbox_full')]) {
      expect(run([...waitingForHello, words, event]).effects.at(-1)).toEqual({
        type: 'end',
        end: { reason: 'voicemail' },
      })
    }
  })

  it('is no place for a message that cannot be spoken', () => {
    for (const events of [recording, leaving]) {
      expect(run([...events, { type: 'reply_failed', reply: 2, failure }]).effects.at(-1)).toEqual({
        type: 'end',
        end: { reason: 'failed', failure },
      })
    }
  })

  it('whose owner picks up after all is a conversation', () => {
    for (const events of [recording, leaving]) {
      const { state, effects } = run([...events, words, met('person')])
      expect(kinds(effects)).toContain('cancel_reply 2')
      expect(state).toMatchObject({ phase: 'listening', callerSpeaking: true, peer: 'person' })
      expect(kinds(step(state, ended('Hello? I am here.')).effects)).toContain('start_reply 3')
    }
  })

  it('whose owner was not recognised by their words is answered as soon as they are', () => {
    for (const events of [recording, leaving]) {
      const { state, effects } = run([
        ...events,
        ended('Sorry, I was in the garden.'),
        met('person'),
      ])
      expect(kinds(effects)).toEqual(expect.arrayContaining(['cancel_reply 2', 'start_reply 3']))
      expect(state).toMatchObject({ phase: 'thinking', peer: 'person' })
    }
  })

  it('recognised when its greeting is over is not left waiting for more of it', () => {
    for (const events of [heardOpening, speaking, asked]) {
      const { effects } = run([...events, met('voicemail')])
      expect(effects).toContainEqual({ type: 'start_timer', timer: 'message', ms: 6000 })
    }
    expect(run(recording).effects).toContainEqual(
      expect.objectContaining({ timer: 'message', ms: 45_000 }),
    )
  })

  it('recognised before there is a line gets no opening', () => {
    const { state, effects } = run([
      ...started,
      met('voicemail'),
      { type: 'line_attached', firstSpeaker: 'agent' },
    ])
    expect(kinds(effects)).not.toContain('release_reply 1')
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'message', held: true }))
    expect(state).toMatchObject({ phase: 'recording', peer: 'voicemail' })
    const person = run([
      ...started,
      met('person'),
      { type: 'line_attached', firstSpeaker: 'agent' },
    ])
    expect(kinds(person.effects)).toContain('release_reply 1')
  })

  it('is told nothing when the time is up', () => {
    expect(run([...recording, { type: 'time_up' }]).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'time_limit' },
    })
  })

  it('found out during a goodbye changes nothing any more', () => {
    expect(run([...goodbye, met('voicemail')]).effects).toEqual([])
    expect(run([...goodbye, met('ivr')]).effects).toEqual([])
    expect(run([...started, met('voicemail')]).effects).toEqual([])
  })

  it('that turns out to be a menu is answered', () => {
    const { state } = run([...recording, met('ivr')])
    expect(state).toMatchObject({ phase: 'listening', owed: true, peer: 'ivr' })
  })
})

describe('an announcement of the network, and a fax', () => {
  it.each(['carrier', 'fax'] as const)('end the call: %s', (by) => {
    expect(run([...waitingForHello, words, met(by)]).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'unreachable' },
    })
  })
})

describe('a menu', () => {
  const menu: TurnEvent[] = [...waitingForHello, words, met('ivr')]

  it('gets no opening: the model answers when it has spoken', () => {
    const { state, effects } = run(menu)
    expect(kinds(effects)).toEqual(['cancel_reply 1', 'stop_timer first_words'])
    expect(kinds(step(state, ended('Press one for sales.')).effects)).toEqual([
      'stop_timer silence',
      'note_caller',
      'start_reply 2',
    ])
    expect(run([...asked, words, met('ivr')]).effects).toEqual([])
  })

  it('that says nothing more before it is recognised is answered, too', () => {
    expect(kinds(run([...waitingForHello, met('ivr')]).effects)).toEqual([
      'cancel_reply 1',
      'stop_timer first_words',
      'start_reply 2',
    ])
    expect(kinds(run([...recording, ended('Hm.'), met('ivr')]).effects)).toContain('start_reply 3')
  })

  it('that is recognised late is answered at once', () => {
    expect(kinds(run([...onLine, met('ivr')]).effects)).toEqual(['cancel_reply 1', 'start_reply 2'])
    expect(kinds(run([...speaking, met('ivr')]).effects)).toEqual([
      'cancel_reply 1',
      'start_reply 2',
    ])
    expect(run([...asked, met('ivr')]).effects).toEqual([])
  })

  const silent: TurnEvent[] = [...menu, ended('Press one.'), { type: 'reply_audio', reply: 2 }]
  const turn = (reply: number): TurnEvent[] => [
    { type: 'reply_sent', reply },
    { type: 'reply_heard', reply },
    fired('silence'),
  ]

  it('that says nothing more is left to the model twice, then given up without a goodbye', () => {
    const first = run([...silent, ...turn(2)])
    expect(first.effects).toContainEqual({
      type: 'start_reply',
      reply: 3,
      kind: 'answer',
      held: false,
    })
    const last = run([...turn(3), ...turn(4)], first.state)
    expect(last.effects.at(-1)).toEqual({ type: 'end', end: { reason: 'silence' } })
  })

  it('that asks to hold is waited for without a word', () => {
    const { state, effects } = run([...menu, ended('Please hold.', 'hold')])
    expect(kinds(effects)).toEqual(['note_caller', 'stop_timer silence', 'start_timer hold'])
    expect(state).toMatchObject({ phase: 'listening', onHold: true })
    expect(kinds(run([words, ended('Please hold.', 'hold')], state).effects)).toEqual([
      'note_caller',
    ])
  })
})

describe('an assistant that screens calls', () => {
  const screening: TurnEvent[] = [...waitingForHello, words, met('screening')]
  const told: TurnEvent[] = [
    ...screening,
    ended('Who is calling, and why?'),
    { type: 'reply_audio', reply: 2 },
    { type: 'reply_sent', reply: 2 },
    { type: 'reply_heard', reply: 2 },
  ]

  it('hears who is calling; then the agent waits quietly for the person', () => {
    const { state, effects } = run(told)
    expect(kinds(effects)).toEqual(['start_timer hold'])
    expect(state).toMatchObject({ phase: 'listening', onHold: true })
    expect(run([fired('hold')], state).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'screened' },
    })
  })

  it('steps aside for the person, who is answered', () => {
    const { state, effects } = run([...told, words, met('person')])
    expect(kinds(effects)).toEqual(['start_timer silence'])
    expect(kinds(step(state, ended('Hi, John here.')).effects)).toContain('start_reply 3')
  })

  it('may hear an opening to its end: it says who is calling', () => {
    for (const events of [speaking, [...speaking, aside]]) {
      expect(run([...events, met('screening')]).effects).toEqual([])
    }
  })

  it('that steps in late changes nothing for a person who is not waited for', () => {
    expect(run([...heardOpening, met('person')]).effects).toEqual([])
    expect(run([...answering, met('person')]).state).toMatchObject({ peer: 'person' })
  })
})
