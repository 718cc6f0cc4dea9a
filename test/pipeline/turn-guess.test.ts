import { describe, expect, it } from 'vitest'
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
  guardedWords,
  heardOpening,
  kinds,
  onLine,
  run,
  speaking,
  waitingForHello,
  words,
} from '../helpers/turn.ts'

const guess: TurnEvent = { type: 'caller_turn_guessed', text: 'Yes.' }
const guessed: TurnEvent[] = [...heardOpening, words, guess]

describe('an answer to what the caller has probably said', () => {
  it('is prepared, and held', () => {
    expect(run(guessed).effects).toEqual([
      { type: 'start_reply', reply: 2, kind: 'answer', held: true, text: 'Yes.' },
    ])
  })

  it('is made anew when a tool finds out something meanwhile, and the news is told once', () => {
    const { state, effects } = run([...guessed, { type: 'tool_finished' }])
    expect(kinds(effects)).toEqual(['cancel_reply 2'])
    expect(state).toMatchObject({ prepared: 'nothing', news: true })
    const known = run([...heardOpening, words, { type: 'tool_finished' }, guess])
    const released = run([ended('Yes.', 'words', { asGuessed: true })], known.state)
    expect(released.state).toMatchObject({ phase: 'thinking', news: false })
  })

  it('is released when they have said just that', () => {
    const { effects } = run([...guessed, ended('Yes.', 'words', { asGuessed: true })])
    expect(kinds(effects)).toEqual(['stop_timer silence', 'note_caller', 'release_reply 2'])
  })

  it('is thrown away when they go on', () => {
    const { state, effects } = run([...guessed, { type: 'caller_resumed' }])
    expect(kinds(effects)).toEqual(['cancel_reply 2'])
    expect(kinds(step(state, ended('Yes, but no.')).effects)).toContain('start_reply 3')
    expect(run([...heardOpening, words, { type: 'caller_resumed' }]).effects).toEqual([])
  })

  it('is thrown away when they have said something else, or ask for a moment', () => {
    expect(kinds(run([...guessed, ended('Yes and no.')]).effects)).toEqual([
      'cancel_reply 2',
      'stop_timer silence',
      'note_caller',
      'start_reply 3',
    ])
    const hold = run([...guessed, ended('Hold on.', 'hold', { asGuessed: true })])
    expect(kinds(hold.effects)).toContain('cancel_reply 2')
    expect(hold.effects.at(-1)).toMatchObject({ kind: 'holding' })
  })

  it('that fails is made anew, and nobody hears of it', () => {
    const { state, effects } = run([...guessed, { type: 'reply_failed', reply: 2, failure }])
    expect(kinds(effects)).toEqual(['cancel_reply 2'])
    expect(kinds(step(state, ended('Yes.', 'words')).effects)).toContain('start_reply 3')
  })

  it('is not prepared while the opening waits, on hold, twice, or when nobody speaks', () => {
    for (const events of [
      [...waitingForHello, words],
      guessed,
      heardOpening,
      [...heardOpening, words, ended('Hold on.', 'hold')],
      speaking,
    ]) {
      expect(run([...events, guess]).effects).toEqual([])
    }
  })
})

describe('what nobody can talk over', () => {
  it('goes on, and the caller is answered after it', () => {
    expect(run([...speaking, guardedWords]).effects).toEqual([])
    const { state, effects } = run([
      ...speaking,
      guardedWords,
      ended('Hello?', 'words', { guarded: true }),
    ])
    expect(kinds(effects)).toEqual(['note_caller'])
    expect(kinds(step(state, { type: 'reply_heard', reply: 1 }).effects)).toEqual(['start_reply 2'])
    expect(run([...speaking, ended('', 'nothing', { guarded: true })]).effects).toEqual([])
  })

  it('may be the goodbye', () => {
    const { state, effects } = run([...goodbye, words, ended('Wait!', 'words', { guarded: true })])
    expect(kinds(effects)).toEqual(['note_caller'])
    expect(kinds(step(state, { type: 'reply_heard', reply: 2 }).effects)).toContain('end')
  })
})

describe('a caller who asks for a moment', () => {
  const holding: TurnEvent[] = [...heardOpening, words, ended('Hold on.', 'hold')]
  const onHold: TurnEvent[] = [
    ...holding,
    { type: 'reply_audio', reply: 2 },
    { type: 'reply_sent', reply: 2 },
    { type: 'reply_heard', reply: 2 },
  ]

  it('is told that the agent waits, and is not pressed', () => {
    expect(run(holding).effects).toEqual([
      { type: 'note_caller', text: 'Hold on.' },
      { type: 'stop_timer', timer: 'silence' },
      { type: 'start_reply', reply: 2, kind: 'holding', held: false },
    ])
    expect(kinds(run(onHold).effects)).toEqual(['start_timer hold'])
  })

  it('is answered when they are back', () => {
    expect(kinds(run([...onHold, words, ended('I am back.')]).effects)).toEqual([
      'stop_timer silence',
      'stop_timer hold',
      'note_caller',
      'start_reply 3',
    ])
    const { state } = run([...onHold, { type: 'answered_by', by: 'person', message: true }])
    expect(state).toMatchObject({ onHold: false })
  })

  it('is asked after a while whether they are there', () => {
    expect(run([...onHold, fired('hold')]).effects).toEqual([
      { type: 'start_reply', reply: 3, kind: 'reprompt', held: false },
    ])
  })

  it('before the opening hears it when they are back', () => {
    const { state, effects } = run([...waitingForHello, words, ended('One moment.', 'hold')])
    expect(kinds(effects)).toContain('start_timer hold')
    expect(run([fired('first_words')], state).effects).toEqual([])
    expect(kinds(run([words, ended('Hello?')], state).effects)).toContain('release_reply 1')
  })

  it('before the opening, and does not come back, hears it at last instead of “are you still there?”', () => {
    const { state } = run([...waitingForHello, words, ended('One moment.', 'hold')])
    expect(kinds(run([fired('hold')], state).effects)).toContain('release_reply 1')
  })

  it('with a recording that says so again and again does not hold us for ever', () => {
    const queue: TurnEvent[] = [words, fired('hold'), ended('Please hold.', 'hold')]
    const { effects } = run([...onHold, ...queue])
    expect(kinds(effects)).toEqual(['note_caller', 'start_reply 3'])
    expect(effects.at(-1)).toMatchObject({ kind: 'reprompt' })
  })

  it('in one breath over the answer, or over what is being said, is waited for', () => {
    for (const events of [asked, answering, [...speaking, aside]]) {
      const { state, effects } = run([...events, ended('Hold on a second.', 'hold')])
      expect(effects.at(-1)).toMatchObject({ type: 'start_reply', kind: 'holding' })
      expect(state).toMatchObject({ phase: 'thinking', holds: true })
    }
  })

  it('and is not asked whether they are there by a clock that was started before', () => {
    expect(run([...onHold, fired('silence')]).effects).toEqual([])
    expect(run([...heardOpening, fired('hold')]).effects).toEqual([])
  })
})

describe('time that is nearly up', () => {
  const nearly: TurnEvent = { type: 'time_nearly_up' }

  it('is said when nobody speaks', () => {
    expect(run([...heardOpening, nearly]).effects).toEqual([
      { type: 'stop_timer', timer: 'silence' },
      { type: 'start_reply', reply: 2, kind: 'time_warning', held: false },
    ])
  })

  it('is said after what is being said, once', () => {
    for (const events of [speaking, onLine, [...speaking, aside]]) {
      const { state } = run([
        ...events,
        nearly,
        ...(events === onLine ? [{ type: 'reply_audio', reply: 1 } as const] : []),
      ])
      const on = run([ended('mhm', 'aside'), { type: 'reply_heard', reply: 1 }], state)
      expect(on.effects.at(-1)).toMatchObject({ kind: 'time_warning' })
      const told = run(
        [
          { type: 'reply_audio', reply: 2 },
          { type: 'reply_heard', reply: 2 },
        ],
        on.state,
      )
      expect(kinds(told.effects)).toEqual(['start_timer silence'])
    }
  })

  it('waits for a caller who is speaking, and for the answer', () => {
    const { state, effects } = run([...heardOpening, words, nearly])
    expect(effects).toEqual([])
    expect(step(state, ended('Yes.')).effects.at(-1)).toMatchObject({ kind: 'answer' })
  })
})

describe('a tool that has its result only now', () => {
  const finished: TurnEvent = { type: 'tool_finished' }

  it('is reported when nobody speaks', () => {
    expect(kinds(run([...heardOpening, finished]).effects)).toEqual([
      'stop_timer silence',
      'start_reply 2',
    ])
  })

  it('is reported after what is being said', () => {
    for (const events of [answering, [...answering, aside]]) {
      const { state, effects } = run([...events, finished])
      expect(effects).toEqual([])
      const on = run([ended('mhm', 'aside'), { type: 'reply_heard', reply: 2 }], state)
      expect(on.effects.at(-1)).toMatchObject({ type: 'start_reply', reply: 3, kind: 'answer' })
      expect(on.state).toMatchObject({ news: false })
    }
  })

  it('is part of the next answer when the caller speaks', () => {
    const { state, effects } = run([...heardOpening, words, finished])
    expect(effects).toEqual([])
    expect(step(state, ended('And?')).state).toMatchObject({ phase: 'thinking', news: false })
  })

  it('does not matter in a goodbye', () => {
    expect(run([...goodbye, finished]).effects).toEqual([])
  })
})
