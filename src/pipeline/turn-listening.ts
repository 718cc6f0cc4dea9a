import type { FirstSpeaker, Listening, TurnEffect, TurnEvent, TurnStep } from './turn-events.ts'
import { goAway } from './turn-away.ts'
import { FIRST_WORDS_AUTO_MS } from './turn-dead-air.ts'
import {
  answer,
  apologise,
  breakSilence,
  failed,
  hold,
  listening,
  note,
  over,
  type Phase,
  prefix,
  release,
  remember,
  stay,
  warnOfTime,
} from './turn-moves.ts'
import { meet } from './turn-peer.ts'
import { backOnLine, takeUp } from './turn-resumed.ts'

/** When the callee is asked to speak first, an empty line is still not left silent. */
const FIRST_WORDS_CALLEE_MS = 6000

/** A sound may be the beginning of a greeting: its first words are there by then. */
const FIRST_SOUND_MS = 1500

/** The turn machine before there is a line … */
export function whileWaiting(state: Phase<'waiting'>, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'started':
      return {
        state: { ...state, reply: 1 },
        effects: [{ type: 'start_reply', reply: 1, kind: 'opening', held: true }],
      }
    case 'resumed':
      return takeUp(state, event)
    case 'answered':
      return stay({ ...state, answered: true })
    case 'reply_failed':
    case 'hearing_failed':
      // While it still rings nobody is bothered: the call is simply taken back.
      if (!state.answered) return over(state, failed(event.failure))
      return stay({ ...state, failure: event.failure })
    case 'answered_by':
      return stay({ ...state, met: event })
    case 'line_attached':
      return pickedUp(state, event.firstSpeaker)
    default:
      return stay(state)
  }
}

function pickedUp(state: Phase<'waiting'>, firstSpeaker: FirstSpeaker): TurnStep {
  if (state.failure) return apologise(state, state.failure)
  if (state.resumed) return backOnLine(state, state.resumed)
  const waits = listening(state, { prepared: 'opening', owed: true })
  // What is known of them already need not wait for their words.
  if (state.met && state.met.by !== 'person') return meet(waits, state.met)
  if (firstSpeaker === 'agent') return release(state, { opening: true })
  const ms = firstSpeaker === 'auto' ? FIRST_WORDS_AUTO_MS : FIRST_WORDS_CALLEE_MS
  return { state: waits, effects: [{ type: 'start_timer', timer: 'first_words', ms }] }
}

/** … and while the floor is the caller's. */
export function whileListening(state: Listening, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'caller_words':
      return stay({ ...state, callerSpeaking: true })
    case 'caller_sound':
      return soundHeard(state)
    case 'caller_turn_guessed':
      return guess(state, event.text)
    case 'caller_resumed':
      return state.prepared === 'guess' ? dropGuess(state) : stay(state)
    case 'caller_turn_ended':
      return callerTurnEnded(state, event)
    case 'timer_fired':
      return timerFired(state, event)
    case 'reply_failed':
    case 'hearing_failed':
      if (event.type === 'reply_failed' && state.prepared === 'guess') return dropGuess(state)
      return apologise(state, event.failure)
    case 'tool_finished':
    case 'time_nearly_up':
      return takeFloor(state, event.type)
    case 'line_lost':
      return goAway(state, 'lost')
    default:
      return stay(state)
  }
}

/** Whoever is about to speak is not spoken over, even if their words are not there yet. */
function soundHeard(state: Listening): TurnStep {
  if (state.prepared !== 'opening' || state.callerSpeaking || state.onHold) return stay(state)
  return { state, effects: [{ type: 'start_timer', timer: 'first_words', ms: FIRST_SOUND_MS }] }
}

function timerFired(
  state: Listening,
  { timer, working }: Extract<TurnEvent, { type: 'timer_fired' }>,
): TurnStep {
  const patience = state.onHold ? 'hold' : 'silence'
  const isSilence = timer === patience
  // The caller waits for us, not we for them.
  if (isSilence && working) return { state, effects: [{ type: 'start_timer', timer: patience }] }
  if (state.callerSpeaking) return stay({ ...state, overdue: state.overdue || isSilence })
  if (isSilence) return breakSilence(state)
  const isWaitedFor = timer === 'first_words' && state.prepared === 'opening' && !state.onHold
  return isWaitedFor ? release(state, { opening: true }) : stay(state)
}

/** The agent has something to say by itself, and does so when nobody else speaks or is about to. */
function takeFloor(state: Listening, why: 'tool_finished' | 'time_nearly_up'): TurnStep {
  const isIdle = !state.callerSpeaking && state.prepared === 'nothing' && !state.onHold
  // A guess that does not know the news is of no use any more.
  if (why === 'tool_finished' && state.prepared === 'guess') return dropGuess(remember(state, why))
  if (!isIdle) return stay(remember(state, why))
  const next = why === 'time_nearly_up' ? warnOfTime(state) : answer(state)
  return prefix([stopped('silence')], next)
}

function stopped(timer: 'silence' | 'hold'): TurnEffect {
  return { type: 'stop_timer', timer }
}

/** Answers what the caller has probably said, for nobody to hear yet. */
function guess(state: Listening, text: string): TurnStep {
  if (!state.callerSpeaking || state.prepared !== 'nothing' || state.onHold) return stay(state)
  const reply = state.reply + 1
  return {
    state: { ...state, reply, prepared: 'guess' },
    effects: [{ type: 'start_reply', reply, kind: 'answer', held: true, text }],
  }
}

function dropGuess(state: Listening): TurnStep {
  return {
    state: { ...state, prepared: 'nothing' },
    effects: [{ type: 'cancel_reply', reply: state.reply }],
  }
}

function callerTurnEnded(
  state: Listening,
  event: Extract<TurnEvent, { type: 'caller_turn_ended' }>,
): TurnStep {
  const hasWords = event.means !== 'nothing'
  if (state.prepared === 'guess') {
    if (event.asGuessed && hasWords && event.means !== 'hold') {
      return prefix([stopped('silence'), ...note(event.text)], release(state, { opening: false }))
    }
    const dropped = { ...state, prepared: 'nothing' } as const
    return prefix(dropGuess(state).effects, callerTurnEnded(dropped, event))
  }
  if (event.means === 'hold') return hold(state, note(event.text))
  if (!hasWords && !state.owed) return nothingSaid(state)
  const timers = [stopped('silence'), ...(state.onHold ? [stopped('hold')] : [])]
  const next = state.prepared === 'opening' ? release(state, { opening: true }) : answer(state)
  return prefix([...timers, ...note(event.text)], next)
}

/** Noise that somebody took for words leaves the clock of silence alone. */
function nothingSaid(state: Listening): TurnStep {
  const quiet: Listening = { ...state, callerSpeaking: false, overdue: false }
  if (state.overdue) return breakSilence(quiet)
  if (state.news) return takeFloor(quiet, 'tool_finished')
  return state.warn ? takeFloor(quiet, 'time_nearly_up') : stay(quiet)
}
