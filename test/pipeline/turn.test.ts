import { describe, expect, it } from 'vitest'
import { step } from '../../src/pipeline/turn.ts'
import type { TurnEvent } from '../../src/pipeline/turn-events.ts'
import {
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
  started,
  words,
} from '../helpers/turn.ts'

describe('the way to the first words', () => {
  it('prepares the opening while the phone rings, and holds it', () => {
    expect(run([{ type: 'started' }]).effects).toEqual([
      { type: 'start_reply', reply: 1, kind: 'opening', held: true },
    ])
  })

  it('speaks at once when the agent is to speak first', () => {
    expect(kinds(run(onLine).effects)).toContain('release_reply 1')
  })

  it('answers a hello with the ready opening', () => {
    const { effects } = run([
      ...started,
      { type: 'line_attached', firstSpeaker: 'auto' },
      words,
      ended('Hello?'),
    ])
    expect(kinds(effects)).toEqual([
      'stop_timer silence',
      'note_caller',
      'stop_timer first_words',
      'release_reply 1',
    ])
  })

  it('speaks to a callee who stays silent, and not over one who has begun', () => {
    const attached: TurnEvent[] = [...started, { type: 'line_attached', firstSpeaker: 'callee' }]
    const late = fired('first_words')
    expect(kinds(run([...attached, late]).effects)).toContain('release_reply 1')
    expect(run([...attached, words, late]).effects).toEqual([])
  })

  it('gives somebody who is heard, but not understood yet, time to be understood', () => {
    const attached: TurnEvent[] = [...started, { type: 'line_attached', firstSpeaker: 'auto' }]
    const sound: TurnEvent = { type: 'caller_sound' }
    expect(run([...attached, sound]).effects).toEqual([
      { type: 'start_timer', timer: 'first_words', ms: 1500 },
    ])
    for (const events of [[...attached, words], heardOpening, speaking]) {
      expect(run([...events, sound]).effects).toEqual([])
    }
  })

  it('holds the opening again when the callee speaks before any of it was sent', () => {
    const { state, effects } = run([...onLine, words])
    expect(kinds(effects)).toEqual(['hold_reply 1'])
    expect(kinds(step(state, ended('')).effects)).toContain('release_reply 1')
  })

  it('says the opening to a callee whose hello was over before it began', () => {
    const { state, effects } = run([...onLine, ended('Hello?')])
    expect(kinds(effects)).toEqual(['note_caller'])
    expect(state).toMatchObject({ phase: 'thinking', opening: true, reply: 1 })
    const held = run([...onLine, ended('One moment, please.', 'hold')])
    expect(kinds(held.effects)).toEqual([
      'hold_reply 1',
      'note_caller',
      'stop_timer silence',
      'start_timer hold',
    ])
    expect(held.state).toMatchObject({ phase: 'listening', prepared: 'opening', onHold: true })
  })

  it('takes the call back when nothing can be said and it still rings', () => {
    const { effects } = run([{ type: 'started' }, { type: 'reply_failed', reply: 1, failure }])
    expect(effects.at(-1)).toEqual({ type: 'end', end: { reason: 'failed', failure } })
  })

  it('apologises to somebody who has already picked up', () => {
    const { state, effects } = run([
      ...started,
      { type: 'hearing_failed', failure },
      { type: 'line_attached', firstSpeaker: 'agent' },
    ])
    expect(effects.at(-1)).toMatchObject({ type: 'start_reply', reply: 2, kind: 'apology' })
    expect(state).toMatchObject({ phase: 'ending', end: { reason: 'failed', failure } })
  })
})

describe('turns', () => {
  it('answers when the caller has finished', () => {
    expect(run(asked).effects).toEqual([
      { type: 'stop_timer', timer: 'silence' },
      { type: 'note_caller', text: 'Yes.' },
      { type: 'start_reply', reply: 2, kind: 'answer', held: false },
    ])
  })

  it('answers a turn of which no first words were reported', () => {
    const { effects } = run([...asked, ended('Wait.')])
    expect(kinds(effects)).toEqual(['cancel_reply 2', 'note_caller', 'start_reply 3'])
  })

  it('stops the moment the caller speaks over it', () => {
    const { state, effects } = run([...speaking, words])
    expect(kinds(effects)).toEqual(['cancel_reply 1'])
    expect(state).toMatchObject({ phase: 'listening', callerSpeaking: true })
  })

  const paused: TurnEvent[] = [...speaking, aside]

  it('falls silent for an “uh-huh”, and goes on where it stopped', () => {
    const { state, effects } = run(paused)
    expect(kinds(effects)).toEqual(['pause_reply 1', 'start_timer resume'])
    expect(step(state, aside)).toEqual({ state, effects: [] })
    const on = step(state, ended('Uh-huh.', 'aside'))
    expect(kinds(on.effects)).toEqual(['note_caller', 'stop_timer resume', 'resume_reply 1'])
    expect(on.state).toMatchObject({ phase: 'speaking', reply: 1 })
  })

  it('goes on after a sound that was no word, and when nothing more is heard', () => {
    for (const event of [ended(''), fired('resume')] as const) {
      expect(kinds(step(run(paused).state, event).effects)).toEqual([
        'stop_timer resume',
        'resume_reply 1',
      ])
    }
  })

  it('gives up the floor when the “uh-huh” turns into more', () => {
    const { state } = run(paused)
    expect(kinds(step(state, words).effects)).toEqual(['stop_timer resume', 'cancel_reply 1'])
    const whole = step(state, ended('Okay, but when?'))
    expect(kinds(whole.effects)).toEqual([
      'stop_timer resume',
      'cancel_reply 1',
      'note_caller',
      'start_reply 2',
    ])
  })

  it('finishes a goodbye that nobody may cut off after a pause for an “uh-huh”, and answers what was said over it', () => {
    const { state, effects } = run([
      ...speaking,
      aside,
      guardedWords,
      ended('Wait a minute.', 'words', { guarded: true }),
    ])
    expect(kinds(effects)).toEqual(['note_caller', 'stop_timer resume', 'resume_reply 1'])
    expect(state).toMatchObject({ phase: 'speaking', pending: true })
  })

  it('remembers a failure that happens while it is paused', () => {
    const broken = run([...paused, { type: 'reply_failed', reply: 1, failure }])
    const on = step(broken.state, fired('resume'))
    expect(on.state).toMatchObject({ phase: 'speaking', reply: 1, failure })
    expect(run([...paused, { type: 'hearing_failed', failure }]).state.phase).toBe('ending')
    expect(run([...paused, { type: 'reply_sent', reply: 1 }]).state.phase).toBe('paused')
  })

  it('goes on from the same word on a second line', () => {
    for (const events of [speaking, goodbye]) {
      const { state } = run(events)
      const moved = step(state, { type: 'line_attached', firstSpeaker: 'agent' })
      expect(moved.state).toBe(state)
      expect(moved.effects.map(({ type }) => type)).toEqual(['pause_reply', 'resume_reply'])
    }
  })

  it('notes an “uh-huh” that was over before it could stop anything', () => {
    const { state, effects } = run([...speaking, ended('Mm-hm.', 'aside')])
    expect(kinds(effects)).toEqual(['note_caller'])
    expect(state.phase).toBe('speaking')
  })

  it('takes an answer back when the caller goes on speaking', () => {
    const { effects } = run([...asked, words])
    expect(kinds(effects)).toEqual(['cancel_reply 2'])
  })

  it('goes on after an interruption that held no words', () => {
    const { effects } = run([...speaking, words, ended('')])
    expect(kinds(effects)).toEqual(['stop_timer silence', 'start_reply 2'])
  })

  it('does not answer a wordless turn when nothing is owed', () => {
    const { state, effects } = run([...heardOpening, ended(' ')])
    expect(effects).toEqual([])
    expect(state.phase).toBe('listening')
  })

  it('ignores events of an older reply', () => {
    const before = run(asked)
    for (const event of [
      { type: 'reply_audio', reply: 1 },
      { type: 'reply_heard', reply: 1 },
      { type: 'reply_failed', reply: 1, failure },
    ] as const) {
      expect(step(before.state, event)).toEqual({ state: before.state, effects: [] })
    }
  })
})

describe('silence', () => {
  const silent = fired('silence')
  const asks = (reply: number): TurnEvent[] => [
    silent,
    { type: 'reply_audio', reply },
    { type: 'reply_sent', reply },
    { type: 'reply_heard', reply },
  ]

  it('is timed from the moment the agent was heard out', () => {
    expect(run(heardOpening).effects).toEqual([{ type: 'start_timer', timer: 'silence' }])
  })

  it('is broken twice, then the agent says goodbye', () => {
    expect(run([...heardOpening, silent]).effects).toEqual([
      { type: 'start_reply', reply: 2, kind: 'reprompt', held: false },
    ])
    const gone = [...heardOpening, ...asks(2), ...asks(3)]
    const { state, effects } = run([...gone, silent])
    expect(effects).toEqual([{ type: 'start_reply', reply: 4, kind: 'no_answer', held: false }])
    expect(step(state, { type: 'reply_heard', reply: 4 }).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'silence' },
    })
  })

  it('is forgotten when the caller speaks', () => {
    const { state, effects } = run([
      ...heardOpening,
      ...asks(2),
      ...asks(3),
      words,
      ended('Sorry, I was away.'),
    ])
    expect(kinds(effects)).toEqual(['stop_timer silence', 'note_caller', 'start_reply 4'])
    expect(state).toMatchObject({ phase: 'thinking', unanswered: 0 })
  })

  it('is not broken while a tool works for the caller', () => {
    const working: TurnEvent = { type: 'timer_fired', timer: 'silence', working: true }
    const { state, effects } = run([...heardOpening, working])
    expect(effects).toEqual([{ type: 'start_timer', timer: 'silence' }])
    expect(kinds(step(state, fired('silence')).effects)).toEqual(['start_reply 2'])
  })

  it('after a sound that was no word does not keep back what there is to say', () => {
    const sound: TurnEvent[] = [...heardOpening, words]
    for (const [news, kind] of [
      [{ type: 'tool_finished' }, 'answer'],
      [{ type: 'time_nearly_up' }, 'time_warning'],
    ] as const) {
      expect(run([...sound, news]).effects).toEqual([])
      expect(run([...sound, news, ended('')]).effects.at(-1)).toMatchObject({ kind })
    }
  })

  it('is not put off for ever by sounds that turn out to be no words', () => {
    const noisy = run([...heardOpening, words, ended('')])
    expect(noisy.effects).toEqual([])
    expect(kinds(step(noisy.state, silent).effects)).toEqual(['start_reply 2'])
    const during = run([...heardOpening, words, silent])
    expect(during.effects).toEqual([])
    expect(kinds(step(during.state, ended('')).effects)).toEqual(['start_reply 2'])
  })

  it('that ran out while the caller spoke words means nothing', () => {
    const { effects } = run([...heardOpening, words, silent, ended('Yes.')])
    expect(kinds(effects)).toEqual(['stop_timer silence', 'note_caller', 'start_reply 2'])
  })

  it('means nothing while the agent speaks, pauses or says goodbye, nor do other timers here', () => {
    const paused: TurnEvent[] = [...speaking, aside]
    for (const events of [speaking, paused, asked, goodbye]) {
      const { state } = run(events)
      expect(step(state, silent)).toEqual({ state, effects: [] })
    }
    const { state } = run(heardOpening)
    expect(step(state, fired('last_words'))).toEqual({
      state,
      effects: [],
    })
  })
})

describe('the end', () => {
  it('hangs up when the goodbye was heard', () => {
    expect(run([...goodbye, { type: 'reply_heard', reply: 2 }]).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'agent_hung_up' },
    })
  })

  it('lets a caller finish a goodbye of their own', () => {
    const { state, effects } = run([...goodbye, words, { type: 'reply_heard', reply: 2 }])
    expect(kinds(effects)).toEqual(['start_timer last_words'])
    expect(kinds(step(state, ended('Bye bye!', 'farewell')).effects)).toEqual([
      'note_caller',
      'cancel_reply 2',
      'end',
    ])
    expect(kinds(step(state, fired('last_words')).effects)).toContain('end')
  })

  it('waits for the goodbye to be heard after a quick “bye”', () => {
    const { state } = run([...goodbye, words, ended('Bye.', 'farewell')])
    expect(step(state, fired('last_words')).effects).toEqual([])
    expect(kinds(step(state, { type: 'reply_heard', reply: 2 }).effects)).toContain('end')
  })

  it('goes on with the conversation when the caller has one more question', () => {
    const { effects } = run([...goodbye, words, ended('Wait, what time was that?')])
    expect(kinds(effects)).toEqual([
      'stop_timer last_words',
      'cancel_reply 2',
      'note_caller',
      'start_reply 3',
    ])
  })

  it.each([
    ['while listening', heardOpening],
    ['while thinking', asked],
    ['while speaking', speaking],
  ])('apologises when it goes deaf %s', (_name, events) => {
    expect(run([...events, { type: 'hearing_failed', failure }]).effects.at(-1)).toMatchObject({
      type: 'start_reply',
      kind: 'apology',
    })
  })

  it('goes on with a caller who is there after all', () => {
    const asks = (reply: number): TurnEvent[] => [
      fired('silence'),
      { type: 'reply_audio', reply },
      { type: 'reply_sent', reply },
      { type: 'reply_heard', reply },
    ]
    const left = run([...heardOpening, ...asks(2), ...asks(3), fired('silence')])
    expect(left.state).toMatchObject({ phase: 'ending', end: { reason: 'silence' } })
    const { effects } = run([words, ended('Yes, I am here.')], left.state)
    expect(kinds(effects)).toContain('note_caller')
    expect(effects.at(-1)).toMatchObject({ kind: 'answer' })
  })

  it('apologises when the model fails before a word', () => {
    expect(
      run([...asked, { type: 'reply_failed', reply: 2, failure }]).effects.at(-1),
    ).toMatchObject({ kind: 'apology' })
  })

  it('apologises for a held opening that breaks', () => {
    const { effects } = run([
      ...started,
      { type: 'line_attached', firstSpeaker: 'auto' },
      { type: 'reply_failed', reply: 1, failure },
    ])
    expect(kinds(effects)).toEqual(['cancel_reply 1', 'start_reply 2'])
  })

  it('lets the person hear out what there is of a broken reply, then apologises', () => {
    const broken = run([...speaking, { type: 'reply_failed', reply: 1, failure }])
    expect(broken.effects).toEqual([])
    expect(step(broken.state, { type: 'reply_heard', reply: 1 }).effects.at(-1)).toMatchObject({
      kind: 'apology',
    })
  })

  it('leaves the last words to the carrier when its own voice is gone', () => {
    const apologising = run([...asked, { type: 'reply_failed', reply: 2, failure }])
    const { effects } = step(apologising.state, { type: 'reply_failed', reply: 3, failure })
    expect(effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'failed', failure, unsaid: true },
    })
  })

  it('says that the time is up', () => {
    const { state, effects } = run([...speaking, { type: 'time_up' }])
    expect(kinds(effects)).toEqual(['cancel_reply 1', 'start_reply 2'])
    expect(step(state, { type: 'time_up' })).toEqual({ state, effects: [] })
  })

  it.each([
    [{ type: 'line_closed' }, 'caller_hung_up'],
    [{ type: 'end_requested', reason: 'requested' }, 'requested'],
  ] as const)('ends on %o in any phase', (event, reason) => {
    const paused: TurnEvent[] = [...speaking, aside]
    for (const events of [[], started, onLine, speaking, paused, heardOpening, asked, goodbye]) {
      const { state, effects } = run([...events, event])
      expect(state.phase).toBe('ended')
      expect(effects.at(-1)).toEqual({ type: 'end', end: { reason } })
    }
  })
})
