import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnsweredBy } from '../../src/pipeline/answering/answered-by.ts'
import { initialTurn, step } from '../../src/pipeline/turn.ts'
import type {
  TurnEffect,
  TurnEvent,
  TurnState,
  TurnStep,
  TurnTimer,
} from '../../src/pipeline/turn-events.ts'
import { aside, ended, failure, fired, guardedWords, words } from '../helpers/turn.ts'

const PEERS: AnsweredBy[] = [
  'person',
  'voicemail',
  'mailbox_full',
  'ivr',
  'screening',
  'carrier',
  'fax',
]

/** What may happen at any moment, whatever the machine is doing. */
const outside = fc.constantFrom<TurnEvent>(
  { type: 'started' },
  { type: 'answered' },
  { type: 'line_attached', firstSpeaker: 'agent' },
  { type: 'line_attached', firstSpeaker: 'auto' },
  { type: 'line_attached', firstSpeaker: 'callee' },
  { type: 'line_lost' },
  { type: 'leave_failed' },
  { type: 'transfer_ended', completed: true },
  { type: 'transfer_ended', completed: false },
  { type: 'beep' },
  { type: 'caller_sound' },
  { type: 'caller_turn_guessed', text: 'And another thing.' },
  { type: 'caller_resumed' },
  { type: 'tool_finished' },
  { type: 'hearing_failed', failure },
  { type: 'time_nearly_up' },
  words,
  aside,
  guardedWords,
  ended(''),
  ended('mhm', 'aside'),
  ended('bye', 'farewell'),
  ended('One moment, please.', 'hold'),
  ended('And another thing.'),
  ended('And another thing.', 'words', { asGuessed: true }),
  ended('And another thing.', 'words', { guarded: true }),
  ended('After the tone.', 'words', { expectsBeep: true }),
  ...PEERS.flatMap((by) => [
    { type: 'answered_by', by, message: true } as const,
    { type: 'answered_by', by, message: false } as const,
  ]),
  ...(['first_words', 'last_words', 'resume', 'silence', 'hold', 'away', 'message'] as const).map(
    fired,
  ),
)

/** What the machine's replies may do, most often the one that is alive. */
const ofReply = fc.record({
  type: fc.constantFrom('reply_audio', 'reply_sent', 'reply_heard', 'reply_failed'),
  older: fc.nat({ max: 3 }).map((n) => (n === 3 ? 1 : 0)),
  then: fc.constantFrom(undefined, undefined, 'hang_up', 'keys', 'transfer'),
})

type Drawn = TurnEvent | { type: string; older: number; then: string | undefined }
const anyEvents = fc.array(fc.oneof({ weight: 3, arbitrary: outside }, ofReply), {
  maxLength: 60,
}) as fc.Arbitrary<Drawn[]>

function eventOf(drawn: Drawn, state: TurnState): TurnEvent {
  if (!('older' in drawn)) return drawn
  const reply = ('reply' in state ? state.reply : 0) - drawn.older
  return {
    type: drawn.type,
    reply,
    ...(drawn.type === 'reply_failed' && { failure }),
    ...(drawn.type === 'reply_sent' && drawn.then && { then: drawn.then }),
  } as TurnEvent
}

/** Follows any events, and tells an observer of every step. */
function follow(
  events: Drawn[],
  see: (taken: { before: TurnState; event: TurnEvent } & TurnStep) => void,
): TurnState {
  let state: TurnState = initialTurn
  const all: Drawn[] = [{ type: 'started' }, ...events]
  for (const drawn of all) {
    const event = eventOf(drawn, state)
    if (event.type === 'started' && (state.phase !== 'waiting' || state.reply > 0)) continue
    const next = step(state, event)
    see({ before: state, event, ...next })
    state = next.state
  }
  return state
}

describe('whatever happens', () => {
  it('there are never two replies at once', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let alive: number | undefined
        follow(events, ({ before, event, effects }) => {
          const current = 'reply' in before ? before.reply : 0
          if ('reply' in event && event.reply !== current) expect(effects).toEqual([])
          else if (event.type === 'reply_heard' || event.type === 'reply_failed') alive = undefined
          for (const effect of effects) {
            if (effect.type === 'cancel_reply') alive = undefined
            if (effect.type !== 'start_reply') continue
            expect(alive).toBeUndefined()
            alive = effect.reply
          }
        })
      }),
      { numRuns: 3000 },
    )
  })

  it('the agent never begins to speak while the caller has the floor', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let callerSpeaking = false
        follow(events, ({ before, event, effects }) => {
          if (event.type === 'caller_words') callerSpeaking = true
          if (event.type === 'caller_turn_ended') callerSpeaking = false
          // Whoever comes back to the line, or to the phone, has to speak first again.
          if (event.type === 'line_attached') callerSpeaking = false
          for (const effect of effects) {
            const begins =
              effect.type === 'release_reply' ||
              (effect.type === 'start_reply' &&
                !effect.held &&
                ['answer', 'reprompt', 'holding', 'time_warning'].includes(effect.kind))
            // What the agent may not stop for, it answers afterwards; machines and lost carriers are told apart elsewhere.
            const isTaught = event.type === 'answered_by' || event.type === 'leave_failed'
            const wasGuarded = before.phase === 'speaking' || before.phase === 'recording'
            if (begins && !isTaught && !wasGuarded) expect(callerSpeaking).toBe(false)
          }
        })
      }),
      { numRuns: 3000 },
    )
  })

  it('every call ends, once, and nothing happens after its end', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let ends = 0
        const last = follow(events, ({ before, effects }) => {
          if (before.phase === 'ended') expect(effects).toEqual([])
          ends += effects.filter(({ type }) => type === 'end').length
        })
        const over = step(last, { type: 'end_requested', reason: 'caller_hung_up' })
        expect(over.state).toEqual({ phase: 'ended' })
        ends += over.effects.filter(({ type }) => type === 'end').length
        expect(ends).toBe(1)
      }),
      { numRuns: 2000 },
    )
  })

  it('no call outlives its time: when it is up, only the last words can follow', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        let state = follow(events, () => undefined)
        // Whoever was put through to somebody else may go on; nobody has a line before it rings.
        if (state.phase === 'waiting') return
        if (state.phase === 'away' && state.reason === 'transfer') return
        state = step(state, { type: 'time_up' }).state
        if (state.phase === 'ended') return
        expect(state.phase).toBe('ending')
        const { reply } = state as { reply: number }
        state = step(state, { type: 'reply_audio', reply }).state
        state = step(state, { type: 'reply_sent', reply }).state
        state = step(state, { type: 'reply_heard', reply }).state
        expect(step(state, fired('last_words')).state.phase).toBe('ended')
      }),
      { numRuns: 2000 },
    )
  })

  it('a line that is lost and comes back leaves the same phase', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const state = follow(events, () => undefined)
        const gone = step(state, { type: 'line_lost' }).state
        if (gone.phase !== 'away' || state.phase === 'away') return
        const back = step(gone, { type: 'line_attached', firstSpeaker: 'agent' }).state
        const expected: Partial<Record<TurnState['phase'], string[]>> = {
          paused: ['speaking'],
          listening: ['listening', 'thinking'],
        }
        const phases = expected[state.phase] ?? [state.phase]
        expect(phases).toContain(back.phase)
      }),
      { numRuns: 2000 },
    )
  })

  it('a call in which nobody says anything more comes to its end by itself', () => {
    fc.assert(
      fc.property(anyEvents, fc.boolean(), (events, loses) => {
        const quiet = new QuietCall()
        let state = follow(events, (taken) => {
          quiet.saw(taken.event, taken.effects)
        })
        if (state.phase === 'waiting') return
        if (loses) state = quiet.take(state, { type: 'line_lost' })
        for (let i = 0; i < 200 && state.phase !== 'ended'; i++) {
          const next = quiet.next(state)
          expect(next, `nothing is waited for while ${state.phase}`).toBeDefined()
          if (next) state = quiet.take(state, next)
        }
        expect(state.phase).toBe('ended')
      }),
      { numRuns: 3000 },
    )
  })
})

/**
 * The world around a call in which nobody speaks any more: turns end, replies are heard, and the timers that run are fired in
 * their order.
 */
class QuietCall {
  readonly #timers = new Set<TurnTimer>()
  #callerSpeaks = false
  /** What the reply that is alive does next. */
  #reply: TurnEvent[] = []
  #held = false
  #isTransferring = false

  take(state: TurnState, event: TurnEvent): TurnState {
    const next = step(state, event)
    this.saw(event, next.effects)
    return next.state
  }

  saw(event: TurnEvent, effects: TurnStep['effects']): void {
    if (event.type === 'caller_words') this.#callerSpeaks = true
    if (event.type === 'caller_turn_ended') this.#callerSpeaks = false
    if (event.type === 'timer_fired') this.#timers.delete(event.timer)
    for (const effect of effects) {
      if (effect.type === 'start_timer') {
        this.#timers.delete(effect.timer)
        this.#timers.add(effect.timer)
      } else if (effect.type === 'stop_timer') this.#timers.delete(effect.timer)
      else if (effect.type === 'leave_line') this.#isTransferring = effect.reason === 'transfer'
      else if ('reply' in effect) this.#saw(effect)
    }
  }

  #saw(effect: Extract<TurnEffect, { reply: number }>): void {
    const { type, reply } = effect
    if (type === 'start_reply') {
      this.#reply = [
        { type: 'reply_audio', reply },
        { type: 'reply_sent', reply },
        { type: 'reply_heard', reply },
      ]
    }
    if (type === 'cancel_reply') this.#reply = []
    this.#held =
      type === 'hold_reply' || type === 'pause_reply' || (type === 'start_reply' && effect.held)
  }

  next(state: TurnState): TurnEvent | undefined {
    const isOnLine = state.phase !== 'away'
    if (isOnLine && this.#callerSpeaks) return ended('')
    if (isOnLine && !this.#held && this.#reply.length > 0) return this.#reply.shift()
    if (!isOnLine && state.reason === 'transfer' && this.#isTransferring) {
      this.#isTransferring = false
      return { type: 'transfer_ended', completed: false }
    }
    const [timer] = this.#timers
    return timer && fired(timer)
  }
}
