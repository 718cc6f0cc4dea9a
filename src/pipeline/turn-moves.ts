import type { SessionEnd, SessionFailure } from './session-end.ts'
import type {
  CallerMeaning,
  Ending,
  Listening,
  Paused,
  Recording,
  ReplyKind,
  Speaking,
  Thinking,
  TurnCommon,
  TurnEffect,
  TurnEvent,
  TurnState,
  TurnStep,
} from './turn-events.ts'

/** The moves that the turn machine (`turn.ts`) is made of: each gives the state that follows and what is to be done. */

/** A caller who has not answered so often in a row is believed to be gone. */
const MOST_REPROMPTS = 2
/** An agent that was stopped by a sound goes on at the latest after this long, unless real words have come. */
const RESUME_MS = 2000
/**
 * A carrier that opens a second line has done with the first one before: for as long as it takes to ask for it and to connect
 * it, nothing is played. A word said twice is better than one that nobody has heard.
 */
const MOVE_MS = 300

export type Phase<P extends TurnState['phase']> = Extract<TurnState, { phase: P }>
export type Live = Exclude<TurnState, { phase: 'ended' }>

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

/** What a state carries on into the next one. */
export function common(state: Live): TurnCommon {
  if (state.phase === 'waiting') {
    const { reply } = state
    return { reply, unanswered: 0, peer: 'unknown', warn: false, news: false, refused: 0 }
  }
  const { reply, unanswered, peer, warn, news, refused } = state
  return { reply, unanswered, peer, warn, news, refused }
}

/** The floor is the caller's. */
export function listening(state: Live, more: Partial<Listening> = {}): Listening {
  return {
    ...common(state),
    phase: 'listening',
    callerSpeaking: false,
    prepared: 'nothing',
    owed: false,
    onHold: false,
    overdue: false,
    ...more,
  }
}

/** Lets a reply be heard that was prepared. */
export function release(state: Live, { opening }: { opening: boolean }): TurnStep {
  const before = common(state)
  const { reply } = before
  // An answer that was a guess knows what the tools had found out when it was begun; what came later has dropped it.
  const news = opening && before.news
  return {
    state: { ...before, news, phase: 'thinking', opening, holds: false, unanswered: 0 },
    effects: [
      ...(opening ? ([{ type: 'stop_timer', timer: 'first_words' }] as const) : []),
      { type: 'release_reply', reply },
    ],
  }
}

/** The model answers; `unanswered` when it does so because nobody has said anything. */
export function answer(state: Live, unanswered = 0): TurnStep {
  return say(state, 'answer', { unanswered })
}

function say(
  state: Live,
  kind: ReplyKind,
  { unanswered, holds = false }: { unanswered: number; holds?: boolean },
): TurnStep {
  const reply = state.reply + 1
  const before = common(state)
  const next: Thinking = {
    ...before,
    // The model sees what the tools have found out when it is asked.
    news: before.news && kind !== 'answer',
    phase: 'thinking',
    reply,
    unanswered,
    opening: false,
    holds,
  }
  return { state: next, effects: [{ type: 'start_reply', reply, kind, held: false }] }
}

/** As far as is known. */
export function isPerson(state: Live): boolean {
  const { peer } = common(state)
  return peer === 'person' || peer === 'unknown'
}

/** The caller asks for a moment: a person is told that we wait, a machine is not. */
export function hold(state: Listening, noted: readonly TurnEffect[]): TurnStep {
  // They have held us for too long already.
  if (state.onHold && state.overdue) {
    return prefix(noted, breakSilence({ ...state, callerSpeaking: false, overdue: false }))
  }
  const quiet = state.onHold || !isPerson(state) || state.prepared === 'opening'
  const stopped: TurnEffect = { type: 'stop_timer', timer: 'silence' }
  if (!quiet)
    return prefix([...noted, stopped], say(state, 'holding', { unanswered: 0, holds: true }))
  const next: Listening = { ...state, callerSpeaking: false, onHold: true, overdue: false }
  const timer: TurnEffect = { type: 'start_timer', timer: 'hold' }
  // On hold already: the clock runs on, so that an announcement that is repeated does not hold us for ever.
  return { state: next, effects: state.onHold ? noted : [...noted, stopped, timer] }
}

/** The caller is told that time is nearly up; the floor is theirs again afterwards. */
export function warnOfTime(state: Listening): TurnStep {
  return say({ ...state, warn: false }, 'time_warning', { unanswered: state.unanswered })
}

/** The caller has the floor, and has said nothing for too long. */
export function breakSilence(state: Listening): TurnStep {
  if (state.peer === 'screening' && state.onHold) return over(state, { reason: 'screened' })
  if (state.prepared === 'opening') return release(state, { opening: true })
  if (state.unanswered >= MOST_REPROMPTS) {
    // Nobody says goodbye to a menu.
    if (state.peer === 'ivr') return over(state, { reason: 'silence' })
    return lastWords(state, 'no_answer', { reason: 'silence' })
  }
  const unanswered = state.unanswered + 1
  const asked =
    state.peer === 'ivr' ? answer(state, unanswered) : say(state, 'reprompt', { unanswered })
  return prefix(silence(state), asked)
}

/** What the agent has to say by itself waits until it may. */
export function remember<S extends TurnCommon>(
  state: S,
  what: 'tool_finished' | 'time_nearly_up',
): S {
  return what === 'time_nearly_up' ? { ...state, warn: true } : { ...state, news: true }
}

/** The agent has said what it had to say; it is the caller's turn. */
export function awaitCaller(state: Live, { holds = false } = {}): TurnStep {
  const onHold = holds || common(state).peer === 'screening'
  const next = listening(state, { onHold, refused: 0 })
  if (next.news && !next.onHold) return answer(next)
  if (next.warn && !next.onHold) return warnOfTime(next)
  return {
    state: next,
    effects: [{ type: 'start_timer', timer: next.onHold ? 'hold' : 'silence' }],
  }
}

/** The line is back, and the floor is the caller's as it was before. */
export function listenAgain(state: Listening): TurnStep {
  if (state.prepared === 'opening') return release(state, { opening: true })
  return state.owed ? answer(state) : awaitCaller(state, { holds: state.onHold })
}

/** The caller has the floor, and what the agent was saying is over. */
export function yieldFloor(state: Exclude<Live, Phase<'waiting'>>): TurnStep {
  return {
    state: listening(state, { callerSpeaking: true, owed: true, unanswered: 0, refused: 0 }),
    effects: silence(state),
  }
}

/** Something of the reply is heard. */
export function playing(state: Speaking): Speaking {
  return state.dry ? { ...state, dry: false } : state
}

export function pause(state: Speaking): TurnStep {
  return {
    state: { ...playing(state), phase: 'paused' },
    effects: [
      { type: 'pause_reply', reply: state.reply },
      { type: 'start_timer', timer: 'resume', ms: RESUME_MS },
    ],
  }
}

export function resume(state: Paused): TurnStep {
  return {
    state: { ...state, phase: 'speaking' },
    effects: [
      { type: 'stop_timer', timer: 'resume' },
      { type: 'resume_reply', reply: state.reply },
    ],
  }
}

/** What was being played on another line goes on, from the same word, on the new one. */
export function moveToLine(state: Thinking | Speaking | Ending): TurnStep {
  return {
    state,
    effects: [
      { type: 'pause_reply', reply: state.reply, unheardMs: MOVE_MS },
      { type: 'resume_reply', reply: state.reply },
    ],
  }
}

/** A whole turn of the caller came while the agent had the floor. */
export function interruptedBy(
  state: Thinking | Speaking | Paused,
  { text, means }: { readonly text: string; readonly means: CallerMeaning },
): TurnStep {
  const noted = note(text)
  if (noted.length === 0) return stay(state)
  if (means === 'hold') return prefix(silence(state), hold(listening(state), noted))
  return prefix([...silence(state), ...noted], answer({ ...state, refused: 0 }))
}

/** The caller had more to say than goodbye. */
export function goOn(state: Ending, noted: readonly TurnEffect[]): TurnStep {
  return prefix(
    [{ type: 'stop_timer', timer: 'last_words' }, ...silence(state), ...noted],
    answer(state),
  )
}

/** Stops whatever reply there is. */
export function silence(state: Live): readonly TurnEffect[] {
  const cancel: TurnEffect = { type: 'cancel_reply', reply: state.reply }
  switch (state.phase) {
    case 'listening':
      return state.prepared === 'nothing' ? [] : [cancel]
    case 'paused':
      return [{ type: 'stop_timer', timer: 'resume' }, cancel]
    case 'recording':
      return [{ type: 'stop_timer', timer: 'message' }, cancel]
    case 'away':
      return silence(state.then)
    default:
      return [cancel]
  }
}

export function failed(failure: SessionFailure): SessionEnd {
  return { reason: 'failed', failure }
}

export function apologise(state: Live, failure: SessionFailure): TurnStep {
  return lastWords(state, 'apology', failed(failure))
}

/** Stock words that a call ends with. */
export type LastWords = 'apology' | 'time_up' | 'no_answer' | 'closing'

/** Says stock words and ends the call when they were heard. */
export function lastWords(state: Live, kind: LastWords, end: SessionEnd): TurnStep {
  const reply = state.reply + 1
  const next: Ending = {
    ...common(state),
    phase: 'ending',
    reply,
    end,
    heard: false,
    callerSpeaking: false,
  }
  return {
    state: next,
    effects: [...silence(state), { type: 'start_reply', reply, kind, held: false }],
  }
}

export function over(state: Live, end: SessionEnd): TurnStep {
  return { state: { phase: 'ended' }, effects: [...silence(state), { type: 'end', end }] }
}

/** Everything that has a line. */
export type OnLine = Listening | Thinking | Speaking | Paused | Recording | Ending
