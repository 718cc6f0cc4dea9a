import { setAside } from './turn-away.ts'
import type { AnsweredByEvent, Away, Ending, Recording, TurnStep } from './turn-events.ts'
import {
  answer,
  common,
  type Live,
  listening,
  over,
  type Phase,
  prefix,
  silence,
  stay,
  yieldFloor,
} from './turn-moves.ts'
import { BEEP_WAIT_MS, LONGEST_GREETING_MS } from './turn-speaking.ts'

type Met = Exclude<Live, Phase<'waiting'>>

/** It has become known, or is now thought otherwise, who or what is at the other end. */
export function meet(before: Met, event: AnsweredByEvent): TurnStep {
  if (before.phase === 'away') return meetAway(before, event)
  const state: Exclude<Met, Away> = { ...before, peer: event.by }
  switch (event.by) {
    case 'person':
      return meetPerson(state)
    case 'voicemail':
      return event.message ? takeMessage(state) : over(state, { reason: 'voicemail' })
    case 'mailbox_full':
      return over(state, { reason: 'voicemail' })
    case 'carrier':
    case 'fax':
      return over(state, { reason: 'unreachable' })
    case 'ivr':
      return meetMachine(state, { lets: 'nothing' })
    case 'screening':
      return meetMachine(state, { lets: 'speech' })
  }
}

/** It changes what happens when a line is back; nothing is said before there is one. */
function meetAway(state: Away, event: AnsweredByEvent): TurnStep {
  // The person talks with somebody else.
  if (state.reason === 'transfer')
    return stay({ ...state, then: { ...state.then, peer: event.by } })
  const met = meet(state.then, event)
  if (met.state.phase === 'ended' || met.state.phase === 'waiting' || met.state.phase === 'away') {
    return met
  }
  const { then, effects } = setAside(met.state)
  return {
    state: { ...state, ...common(then), then },
    effects: [...met.effects, ...effects],
  }
}

/** Somebody picks up while a machine is being talked to: they are listened to. */
function meetPerson(state: Exclude<Met, Away>): TurnStep {
  if (state.phase === 'recording') return turnTo(state)
  if (state.phase === 'ending' && state.end.reason === 'message_left') return turnTo(state)
  if (state.phase !== 'listening' || !state.onHold) return stay(state)
  return {
    state: { ...state, onHold: false, overdue: false },
    effects: [{ type: 'start_timer', timer: 'silence' }],
  }
}

/** The message is dropped for whoever it was found out to be. They may be speaking; if not, they wait for an answer. */
function turnTo(state: Recording | Ending): TurnStep {
  return state.callerSpeaking ? yieldFloor(state) : prefix(silence(state), answer(state))
}

/** The message is made ready while the greeting goes on, or while a beep may still come. */
function takeMessage(state: Exclude<Met, Away>): TurnStep {
  if (state.phase === 'recording' || state.phase === 'ending') return stay(state)
  const reply = state.reply + 1
  const callerSpeaking = state.phase === 'listening' && state.callerSpeaking
  const ms = callerSpeaking ? LONGEST_GREETING_MS : BEEP_WAIT_MS
  return {
    state: { ...common(state), phase: 'recording', reply, callerSpeaking },
    effects: [
      ...silence(state),
      { type: 'stop_timer', timer: 'first_words' },
      { type: 'stop_timer', timer: 'silence' },
      { type: 'start_reply', reply, kind: 'message', held: true },
      { type: 'start_timer', timer: 'message', ms },
    ],
  }
}

/**
 * An opening is for people. A menu gets none; an assistant that screens calls may hear it to its end, for it says who is
 * calling, and why.
 */
function meetMachine(
  state: Exclude<Met, Away>,
  { lets }: { lets: 'nothing' | 'speech' },
): TurnStep {
  switch (state.phase) {
    case 'listening': {
      if (state.prepared !== 'opening') return stay(state)
      const stopped = [...silence(state), { type: 'stop_timer', timer: 'first_words' }] as const
      if (!state.callerSpeaking) return prefix(stopped, answer(state))
      return { state: listening(state, { callerSpeaking: true, owed: true }), effects: stopped }
    }
    case 'recording':
      return turnTo(state)
    case 'thinking':
      return state.opening ? prefix(silence(state), answer(state)) : stay(state)
    case 'speaking':
    case 'paused':
      return lets === 'speech' ? stay(state) : prefix(silence(state), answer(state))
    default:
      return stay(state)
  }
}
