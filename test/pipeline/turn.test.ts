import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SessionFailure } from '../../src/pipeline/session-end.ts'
import { initialTurn, step } from '../../src/pipeline/turn.ts'
import type { TurnEffect, TurnEvent, TurnState } from '../../src/pipeline/turn-events.ts'

const failure: SessionFailure = { by: 'anthropic', code: 'timeout', message: 'no answer' }
const started: TurnEvent[] = [{ type: 'started' }, { type: 'answered' }]
const onLine: TurnEvent[] = [...started, { type: 'line_attached', firstSpeaker: 'agent' }]
const speaking: TurnEvent[] = [...onLine, { type: 'reply_audio', reply: 1 }]
const heardOpening: TurnEvent[] = [
  ...speaking,
  { type: 'reply_sent', reply: 1, hangUp: false },
  { type: 'reply_heard', reply: 1 },
]
const asked: TurnEvent[] = [
  ...heardOpening,
  { type: 'caller_words', aside: false },
  { type: 'caller_turn_ended', text: 'Yes.', aside: false },
]
const goodbye: TurnEvent[] = [
  ...asked,
  { type: 'reply_audio', reply: 2 },
  { type: 'reply_sent', reply: 2, hangUp: true },
]

function run(events: readonly TurnEvent[]): { state: TurnState; effects: readonly TurnEffect[] } {
  let state: TurnState = initialTurn
  let effects: readonly TurnEffect[] = []
  for (const event of events) ({ state, effects } = step(state, event))
  return { state, effects }
}

const kinds = (effects: readonly TurnEffect[]) =>
  effects.map((effect) => ('reply' in effect ? `${effect.type} ${effect.reply}` : effect.type))

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
      { type: 'caller_words', aside: false },
      { type: 'caller_turn_ended', text: 'Hello?', aside: false },
    ])
    expect(kinds(effects)).toEqual(['note_caller', 'stop_timer', 'release_reply 1'])
  })

  it('speaks to a callee who stays silent, and not over one who has begun', () => {
    const attached: TurnEvent[] = [...started, { type: 'line_attached', firstSpeaker: 'callee' }]
    const fired: TurnEvent = { type: 'timer_fired', timer: 'first_words' }
    expect(kinds(run([...attached, fired]).effects)).toContain('release_reply 1')
    expect(run([...attached, { type: 'caller_words', aside: false }, fired]).effects).toEqual([])
  })

  it('holds the opening again when the callee speaks before any of it was sent', () => {
    const { state, effects } = run([...onLine, { type: 'caller_words', aside: false }])
    expect(kinds(effects)).toEqual(['hold_reply 1'])
    expect(
      kinds(step(state, { type: 'caller_turn_ended', text: '', aside: false }).effects),
    ).toContain('release_reply 1')
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
      { type: 'note_caller', text: 'Yes.' },
      { type: 'start_reply', reply: 2, kind: 'answer', held: false },
    ])
  })

  it('answers a turn of which no first words were reported', () => {
    const { effects } = run([...asked, { type: 'caller_turn_ended', text: 'Wait.', aside: false }])
    expect(kinds(effects)).toEqual(['cancel_reply 2', 'note_caller', 'start_reply 3'])
  })

  it('stops the moment the caller speaks over it', () => {
    const { state, effects } = run([...speaking, { type: 'caller_words', aside: false }])
    expect(kinds(effects)).toEqual(['cancel_reply 1'])
    expect(state).toMatchObject({ phase: 'listening', callerSpeaking: true })
  })

  const aside: TurnEvent = { type: 'caller_words', aside: true }
  const paused: TurnEvent[] = [...speaking, aside]

  it('falls silent for an “uh-huh”, and goes on where it stopped', () => {
    const { state, effects } = run(paused)
    expect(kinds(effects)).toEqual(['pause_reply 1', 'start_timer'])
    expect(step(state, aside)).toEqual({ state, effects: [] })
    const on = step(state, { type: 'caller_turn_ended', text: 'Uh-huh.', aside: true })
    expect(kinds(on.effects)).toEqual(['note_caller', 'stop_timer', 'resume_reply 1'])
    expect(on.state).toMatchObject({ phase: 'speaking', reply: 1 })
  })

  it('goes on after a sound that was no word, and when nothing more is heard', () => {
    for (const event of [
      { type: 'caller_turn_ended', text: '', aside: false },
      { type: 'timer_fired', timer: 'resume' },
    ] as const) {
      expect(kinds(step(run(paused).state, event).effects)).toEqual([
        'stop_timer',
        'resume_reply 1',
      ])
    }
  })

  it('gives up the floor when the “uh-huh” turns into more', () => {
    const { state } = run(paused)
    expect(kinds(step(state, { type: 'caller_words', aside: false }).effects)).toEqual([
      'stop_timer',
      'cancel_reply 1',
    ])
    const whole = step(state, { type: 'caller_turn_ended', text: 'Okay, but when?', aside: false })
    expect(kinds(whole.effects)).toEqual([
      'stop_timer',
      'cancel_reply 1',
      'note_caller',
      'start_reply 2',
    ])
  })

  it('remembers a failure that happens while it is paused', () => {
    const broken = run([...paused, { type: 'reply_failed', reply: 1, failure }])
    const on = step(broken.state, { type: 'timer_fired', timer: 'resume' })
    expect(on.state).toMatchObject({ phase: 'speaking', reply: 1, failure })
    expect(run([...paused, { type: 'hearing_failed', failure }]).state.phase).toBe('ending')
    expect(run([...paused, { type: 'reply_sent', reply: 1, hangUp: false }]).state.phase).toBe(
      'paused',
    )
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
    const { state, effects } = run([
      ...speaking,
      { type: 'caller_turn_ended', text: 'Mm-hm.', aside: true },
    ])
    expect(kinds(effects)).toEqual(['note_caller'])
    expect(state.phase).toBe('speaking')
  })

  it('takes an answer back when the caller goes on speaking', () => {
    const { effects } = run([...asked, { type: 'caller_words', aside: false }])
    expect(kinds(effects)).toEqual(['cancel_reply 2'])
  })

  it('goes on after an interruption that held no words', () => {
    const { effects } = run([
      ...speaking,
      { type: 'caller_words', aside: false },
      { type: 'caller_turn_ended', text: '', aside: false },
    ])
    expect(kinds(effects)).toEqual(['start_reply 2'])
  })

  it('does not answer a wordless turn when nothing is owed', () => {
    const { state, effects } = run([
      ...heardOpening,
      { type: 'caller_turn_ended', text: ' ', aside: false },
    ])
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
  const fired: TurnEvent = { type: 'timer_fired', timer: 'silence' }
  const asks = (reply: number): TurnEvent[] => [
    fired,
    { type: 'reply_audio', reply },
    { type: 'reply_sent', reply, hangUp: false },
    { type: 'reply_heard', reply },
  ]

  it('is timed from the moment the agent was heard out', () => {
    expect(run(heardOpening).effects).toEqual([{ type: 'start_timer', timer: 'silence' }])
  })

  it('is broken twice, then the agent says goodbye', () => {
    expect(run([...heardOpening, fired]).effects).toEqual([
      { type: 'start_reply', reply: 2, kind: 'reprompt', held: false },
    ])
    const gone = [...heardOpening, ...asks(2), ...asks(3)]
    const { state, effects } = run([...gone, fired])
    expect(effects).toEqual([{ type: 'start_reply', reply: 4, kind: 'no_answer', held: false }])
    expect(step(state, { type: 'reply_heard', reply: 4 }).effects.at(-1)).toEqual({
      type: 'end',
      end: { reason: 'silence' },
    })
  })

  it('is forgotten when the caller speaks', () => {
    const spoke = run([
      ...heardOpening,
      ...asks(2),
      ...asks(3),
      { type: 'caller_words', aside: false },
    ])
    expect(kinds(spoke.effects)).toEqual(['stop_timer'])
    expect(step(spoke.state, fired)).toEqual({ state: spoke.state, effects: [] })
    const { state } = step(spoke.state, {
      type: 'caller_turn_ended',
      text: 'Sorry, I was away.',
      aside: false,
    })
    expect(state).toMatchObject({ phase: 'thinking', unanswered: 0 })
  })

  it('is timed again after words that turned out to be none', () => {
    const { effects } = run([
      ...heardOpening,
      { type: 'caller_words', aside: false },
      { type: 'caller_turn_ended', text: '', aside: false },
    ])
    expect(kinds(effects)).toEqual(['start_timer'])
  })

  it('means nothing while the agent speaks, pauses or says goodbye, nor do other timers here', () => {
    const paused: TurnEvent[] = [...speaking, { type: 'caller_words', aside: true }]
    for (const events of [speaking, paused, asked, goodbye]) {
      const { state } = run(events)
      expect(step(state, fired)).toEqual({ state, effects: [] })
    }
    const { state } = run(heardOpening)
    expect(step(state, { type: 'timer_fired', timer: 'last_words' })).toEqual({
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
    const { state, effects } = run([
      ...goodbye,
      { type: 'caller_words', aside: false },
      { type: 'reply_heard', reply: 2 },
    ])
    expect(kinds(effects)).toEqual(['start_timer'])
    expect(
      kinds(step(state, { type: 'caller_turn_ended', text: 'Bye bye!', aside: false }).effects),
    ).toEqual(['note_caller', 'cancel_reply 2', 'end'])
    expect(kinds(step(state, { type: 'timer_fired', timer: 'last_words' }).effects)).toContain(
      'end',
    )
  })

  it('waits for the goodbye to be heard after a quick “bye”', () => {
    const { state } = run([
      ...goodbye,
      { type: 'caller_words', aside: false },
      { type: 'caller_turn_ended', text: 'Bye.', aside: false },
    ])
    expect(step(state, { type: 'timer_fired', timer: 'last_words' }).effects).toEqual([])
    expect(kinds(step(state, { type: 'reply_heard', reply: 2 }).effects)).toContain('end')
  })

  it('goes on with the conversation when the caller has one more question', () => {
    const { effects } = run([
      ...goodbye,
      { type: 'caller_words', aside: false },
      { type: 'caller_turn_ended', text: 'Wait, what time was that?', aside: false },
    ])
    expect(kinds(effects)).toEqual(['stop_timer', 'cancel_reply 2', 'note_caller', 'start_reply 3'])
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
    const paused: TurnEvent[] = [...speaking, { type: 'caller_words', aside: true }]
    for (const events of [[], started, onLine, speaking, paused, heardOpening, asked, goodbye]) {
      const { state, effects } = run([...events, event])
      expect(state.phase).toBe('ended')
      expect(effects.at(-1)).toEqual({ type: 'end', end: { reason } })
    }
  })
})

/** Any events in any order, with the replies that the machine itself has started. */
const anyEvent = fc.oneof(
  fc.constantFrom<TurnEvent>(
    { type: 'started' },
    { type: 'answered' },
    { type: 'line_attached', firstSpeaker: 'agent' },
    { type: 'line_attached', firstSpeaker: 'auto' },
    { type: 'line_attached', firstSpeaker: 'callee' },
    { type: 'caller_words', aside: false },
    { type: 'caller_words', aside: true },
    { type: 'caller_turn_ended', text: 'mhm', aside: true },
    { type: 'timer_fired', timer: 'resume' },
    { type: 'timer_fired', timer: 'silence' },
    { type: 'caller_turn_ended', text: '', aside: false },
    { type: 'caller_turn_ended', text: 'bye', aside: false },
    { type: 'caller_turn_ended', text: 'And another thing.', aside: false },
    { type: 'hearing_failed', failure },
    { type: 'timer_fired', timer: 'first_words' },
    { type: 'timer_fired', timer: 'last_words' },
    { type: 'time_up' },
  ),
  fc
    .record({
      type: fc.constantFrom('reply_audio', 'reply_sent', 'reply_heard', 'reply_failed'),
      reply: fc.integer({ min: 0, max: 6 }),
      hangUp: fc.boolean(),
      failure: fc.constant(failure),
    })
    .map((event) => event as TurnEvent),
)

describe('whatever happens', () => {
  it('never has two replies, never begins one while the caller has the floor, and ends once', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
        let state: TurnState = initialTurn
        let alive: number | undefined
        let callerSpeaking = false
        let ends = 0
        for (const event of [
          { type: 'started' } as const,
          ...events,
          { type: 'line_closed' } as const,
        ]) {
          if (event.type === 'started' && state.phase !== 'waiting') continue
          if (event.type === 'caller_words') callerSpeaking = true
          if (event.type === 'caller_turn_ended') callerSpeaking = false
          const next = step(state, event)
          const current = 'reply' in state ? state.reply : 0
          const stale = 'reply' in event && event.reply !== current
          if (stale) expect(next.effects).toEqual([])
          const gone = event.type === 'reply_heard' || event.type === 'reply_failed'
          if (gone && !stale) alive = undefined
          for (const effect of next.effects) {
            expect(ends).toBe(0)
            if (effect.type === 'cancel_reply') alive = undefined
            if (effect.type === 'end') ends++
            if (effect.type === 'start_reply' && effect.kind !== 'opening') {
              expect(alive).toBeUndefined()
              alive = effect.reply
              // Only the last words of a call may be spoken over the caller.
              if (effect.kind === 'answer') expect(callerSpeaking).toBe(false)
            }
          }
          state = next.state
        }
        expect(state.phase).toBe('ended')
        expect(ends).toBe(1)
      }),
      { numRuns: 2000 },
    )
  })
})
