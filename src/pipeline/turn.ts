import { isFarewell } from './farewell.ts'
import type { TurnEvent, TurnState, TurnStep } from './turn-events.ts'
import {
  answer,
  awaitCaller,
  breakSilence,
  apologise,
  failed,
  goOn,
  interruptedBy,
  isStale,
  lastWords,
  moveToLine,
  note,
  over,
  pause,
  prefix,
  release,
  resume,
  stay,
  yieldFloor,
  type Phase,
} from './turn-moves.ts'

/** A hello comes within a second of picking up; whoever is silent longer waits for us to speak. */
const FIRST_WORDS_AUTO_MS = 1200
/** When the callee is asked to speak first, an empty line is still not left silent. */
const FIRST_WORDS_CALLEE_MS = 6000
/** How long a caller who speaks over the goodbye is waited for. */
const LAST_WORDS_MS = 4000

export const initialTurn: TurnState = { phase: 'waiting', reply: 0, answered: false }

/**
 * Whose turn it is. `step` is pure: the session feeds it every event and carries out every effect, and holds no flags
 * of its own. Replies are numbered; an event of an older reply changes nothing.
 *
 *     waiting ──► listening ◄──► thinking ──► speaking ──► listening
 *                                   │          ▲  │
 *                                   │          paused ──► listening
 *                                   └─────────────┴──► ending ──► ended
 *
 * The caller's speech silences the agent at once, in every phase but `ending`. A mere “uh-huh” in the middle of what the
 * agent says only pauses it. A goodbye is not cut off, but a caller who says more than goodbye is answered.
 */
export function step(state: TurnState, event: TurnEvent): TurnStep {
  if (state.phase === 'ended' || isStale(state, event)) return { state, effects: [] }
  switch (event.type) {
    case 'line_closed':
      return over(state, { reason: 'caller_hung_up' })
    case 'end_requested':
      return over(state, { reason: event.reason })
    case 'time_up':
      return state.phase === 'ending'
        ? stay(state)
        : lastWords(state, 'time_up', { reason: 'time_limit' })
    default:
      return inPhase(state, event)
  }
}

function inPhase(state: Exclude<TurnState, { phase: 'ended' }>, event: TurnEvent): TurnStep {
  switch (state.phase) {
    case 'waiting':
      return whileWaiting(state, event)
    case 'listening':
      return whileListening(state, event)
    case 'thinking':
      return whileThinking(state, event)
    case 'speaking':
      return whileSpeaking(state, event)
    case 'paused':
      return whilePaused(state, event)
    case 'ending':
      return whileEnding(state, event)
  }
}

function whileWaiting(state: Phase<'waiting'>, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'started':
      return {
        state: { ...state, reply: 1 },
        effects: [{ type: 'start_reply', reply: 1, kind: 'opening', held: true }],
      }
    case 'answered':
      return stay({ ...state, answered: true })
    case 'reply_failed':
    case 'hearing_failed':
      // While it still rings nobody is bothered: the call is simply taken back.
      if (!state.answered) return over(state, failed(event.failure))
      return stay({ ...state, failure: event.failure })
    case 'line_attached':
      if (state.failure) return apologise(state, state.failure)
      if (event.firstSpeaker === 'agent') return release(state.reply)
      return {
        state: {
          phase: 'listening',
          reply: state.reply,
          callerSpeaking: false,
          held: true,
          owed: true,
          unanswered: 0,
        },
        effects: [
          {
            type: 'start_timer',
            timer: 'first_words',
            ms: event.firstSpeaker === 'auto' ? FIRST_WORDS_AUTO_MS : FIRST_WORDS_CALLEE_MS,
          },
        ],
      }
    default:
      return stay(state)
  }
}

function whileListening(state: Phase<'listening'>, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'caller_words':
      return {
        state: { ...state, callerSpeaking: true },
        effects: [{ type: 'stop_timer', timer: 'silence' }],
      }
    case 'caller_turn_ended': {
      const noted = note(event.text)
      // Noise that nobody took for words leaves the clock of silence alone.
      if (noted.length === 0 && !state.owed) {
        return state.callerSpeaking ? awaitCaller(state) : stay(state)
      }
      return prefix(noted, state.held ? release(state.reply) : answer(state))
    }
    case 'timer_fired':
      if (state.callerSpeaking) return stay(state)
      if (state.held) return release(state.reply)
      return event.timer === 'silence' ? breakSilence(state) : stay(state)
    case 'reply_failed':
    case 'hearing_failed':
      return apologise(state, event.failure)
    default:
      return stay(state)
  }
}

function whileThinking(state: Phase<'thinking'>, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'reply_audio':
      return stay({ phase: 'speaking', reply: state.reply, unanswered: state.unanswered })
    case 'caller_words': {
      const listening = {
        phase: 'listening',
        reply: state.reply,
        callerSpeaking: true,
        owed: true,
        unanswered: 0,
      } as const
      // The opening does not depend on what the callee says; an answer does.
      return state.opening
        ? {
            state: { ...listening, held: true },
            effects: [{ type: 'hold_reply', reply: state.reply }],
          }
        : {
            state: { ...listening, held: false },
            effects: [{ type: 'cancel_reply', reply: state.reply }],
          }
    }
    case 'caller_turn_ended':
      return interruptedBy(state, event.text)
    case 'reply_failed':
    case 'hearing_failed':
      return apologise(state, event.failure)
    default:
      return stay(state)
  }
}

function whileSpeaking(state: Phase<'speaking'>, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'caller_words':
      return event.aside ? pause(state) : yieldFloor(state)
    case 'caller_turn_ended':
      // An aside that is over before it could silence anybody.
      if (event.aside) return { state, effects: note(event.text) }
      return interruptedBy(state, event.text)
    case 'line_attached':
      return moveToLine(state)
    case 'reply_sent':
      if (!event.hangUp) return stay(state)
      return stay({
        phase: 'ending',
        reply: state.reply,
        end: { reason: 'agent_hung_up' },
        heard: false,
        callerSpeaking: false,
      })
    case 'reply_heard':
      if (state.failure) return apologise(state, state.failure)
      return awaitCaller(state)
    case 'reply_failed':
      // What was sent is heard out first; the apology follows it.
      return stay({ ...state, failure: event.failure })
    case 'hearing_failed':
      return apologise(state, event.failure)
    default:
      return stay(state)
  }
}

function whilePaused(state: Phase<'paused'>, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'caller_words':
      return event.aside ? stay(state) : yieldFloor(state)
    case 'caller_turn_ended':
      if (event.aside || event.text.trim() === '') return prefix(note(event.text), resume(state))
      return interruptedBy(state, event.text)
    case 'timer_fired':
      return event.timer === 'resume' ? resume(state) : stay(state)
    case 'reply_failed':
      return stay({ ...state, failure: event.failure })
    case 'hearing_failed':
      return apologise(state, event.failure)
    default:
      return stay(state)
  }
}

function whileEnding(state: Phase<'ending'>, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'line_attached':
      return moveToLine(state)
    case 'caller_words':
      return stay({ ...state, callerSpeaking: true })
    case 'caller_turn_ended': {
      const noted = note(event.text)
      const wantsMore = state.end.reason === 'agent_hung_up' && !isFarewell(event.text)
      if (wantsMore) return goOn(state, noted)
      const next = { ...state, callerSpeaking: false }
      return prefix(noted, state.heard ? over(next, state.end) : stay(next))
    }
    case 'reply_heard':
      if (!state.callerSpeaking) return over({ ...state, heard: true }, state.end)
      return {
        state: { ...state, heard: true },
        effects: [{ type: 'start_timer', timer: 'last_words', ms: LAST_WORDS_MS }],
      }
    case 'timer_fired':
      return state.heard && event.timer === 'last_words' ? over(state, state.end) : stay(state)
    case 'reply_failed':
      // Nothing of ours can speak any more: the carrier's own voice says it.
      return over(state, { ...state.end, unsaid: true })
    default:
      return stay(state)
  }
}
