import type { SessionEnd, SessionFailure } from './session-end.ts'
import type { TurnEffect, TurnEvent, TurnState, TurnStep } from './turn-events.ts'

/** The moves that the turn machine (`turn.ts`) is made of: each gives the state that follows and what is to be done. */

/** A caller who has not answered so often in a row is believed to be gone. */
const MOST_REPROMPTS = 2
/** An agent that was stopped by a sound goes on at the latest after this long, unless real words have come. */
const RESUME_MS = 2000

export type Phase<P extends TurnState['phase']> = Extract<TurnState, { phase: P }>
type Live = Exclude<TurnState, { phase: 'ended' }>

export function stay(state: TurnState): TurnStep {
  return { state, effects: [] }
}

export function prefix(effects: readonly TurnEffect[], next: TurnStep): TurnStep {
  return { state: next.state, effects: [...effects, ...next.effects] }
}

export function note(text: string): readonly TurnEffect[] {
  return text.trim() === '' ? [] : [{ type: 'note_caller', text }]
}

export function isStale(state: Live, event: TurnEvent): boolean {
  return 'reply' in event && event.reply !== state.reply
}

export function release(reply: number): TurnStep {
  return {
    state: { phase: 'thinking', reply, opening: true, unanswered: 0 },
    effects: [
      { type: 'stop_timer', timer: 'first_words' },
      { type: 'release_reply', reply },
    ],
  }
}

export function answer(state: Live): TurnStep {
  const reply = state.reply + 1
  return {
    state: { phase: 'thinking', reply, opening: false, unanswered: 0 },
    effects: [{ type: 'start_reply', reply, kind: 'answer', held: false }],
  }
}

/** The caller has the floor, and has said nothing for too long. */
export function breakSilence(state: Phase<'listening'>): TurnStep {
  if (state.unanswered >= MOST_REPROMPTS) {
    return lastWords(state, 'no_answer', { reason: 'silence' })
  }
  const reply = state.reply + 1
  return {
    state: { phase: 'thinking', reply, opening: false, unanswered: state.unanswered + 1 },
    effects: [{ type: 'start_reply', reply, kind: 'reprompt', held: false }],
  }
}

/** The agent has said what it had to say; it is the caller's turn. */
export function awaitCaller({ reply, unanswered }: Phase<'speaking' | 'listening'>): TurnStep {
  return {
    state: {
      phase: 'listening',
      reply,
      callerSpeaking: false,
      held: false,
      owed: false,
      unanswered,
    },
    effects: [{ type: 'start_timer', timer: 'silence' }],
  }
}

/** The caller has the floor, and what the agent was saying is over. */
export function yieldFloor(state: Phase<'speaking' | 'paused'>): TurnStep {
  return {
    state: {
      phase: 'listening',
      reply: state.reply,
      callerSpeaking: true,
      held: false,
      owed: true,
      unanswered: 0,
    },
    effects: silence(state),
  }
}

export function pause(state: Phase<'speaking'>): TurnStep {
  return {
    state: { ...state, phase: 'paused' },
    effects: [
      { type: 'pause_reply', reply: state.reply },
      { type: 'start_timer', timer: 'resume', ms: RESUME_MS },
    ],
  }
}

export function resume(state: Phase<'paused'>): TurnStep {
  return {
    state: { ...state, phase: 'speaking' },
    effects: [
      { type: 'stop_timer', timer: 'resume' },
      { type: 'resume_reply', reply: state.reply },
    ],
  }
}

/** What was being played on another line goes on, from the same word, on the new one. */
export function moveToLine(state: Phase<'speaking' | 'ending'>): TurnStep {
  return {
    state,
    effects: [
      { type: 'pause_reply', reply: state.reply },
      { type: 'resume_reply', reply: state.reply },
    ],
  }
}

/** A whole turn of the caller came while the agent had the floor. */
export function interruptedBy(state: Live, text: string): TurnStep {
  const noted = note(text)
  return noted.length === 0 ? stay(state) : prefix([...silence(state), ...noted], answer(state))
}

/** The caller had more to say than goodbye. */
export function goOn(state: Phase<'ending'>, noted: readonly TurnEffect[]): TurnStep {
  return prefix(
    [{ type: 'stop_timer', timer: 'last_words' }, ...silence(state), ...noted],
    answer(state),
  )
}

/** Stops whatever reply there is. */
function silence(state: Live): readonly TurnEffect[] {
  if (state.phase === 'listening' && !state.held) return []
  const cancel: TurnEffect = { type: 'cancel_reply', reply: state.reply }
  return state.phase === 'paused' ? [{ type: 'stop_timer', timer: 'resume' }, cancel] : [cancel]
}

export function failed(failure: SessionFailure): SessionEnd {
  return { reason: 'failed', failure }
}

export function apologise(state: Live, failure: SessionFailure): TurnStep {
  return lastWords(state, 'apology', failed(failure))
}

/** Says stock words and ends the call when they were heard. Without a line it just ends. */
export function lastWords(
  state: Live,
  kind: 'apology' | 'time_up' | 'no_answer',
  end: SessionEnd,
): TurnStep {
  const reply = state.reply + 1
  return {
    state: { phase: 'ending', reply, end, heard: false, callerSpeaking: false },
    effects: [...silence(state), { type: 'start_reply', reply, kind, held: false }],
  }
}

export function over(state: Live, end: SessionEnd): TurnStep {
  return { state: { phase: 'ended' }, effects: [...silence(state), { type: 'end', end }] }
}
