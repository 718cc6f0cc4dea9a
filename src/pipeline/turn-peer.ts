import { LONGEST_GREETING_MS } from './turn-speaking.ts'
import type { TurnEvent, TurnStep } from './turn-events.ts'
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

type AnsweredByEvent = Extract<TurnEvent, { type: 'answered_by' }>
type Met = Exclude<Live, Phase<'waiting'>>

/** It has become known, or is now thought otherwise, who or what is at the other end. */
export function meet(before: Met, event: AnsweredByEvent): TurnStep {
  const state: Met = { ...before, peer: event.by }
  if (state.phase === 'away') return stay({ ...state, then: { ...state.then, peer: event.by } })
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

/** Somebody picks up while a machine is being talked to: they are listened to. */
function meetPerson(state: Met): TurnStep {
  const isForMachine =
    state.phase === 'recording' || (state.phase === 'ending' && state.end.reason === 'message_left')
  if (isForMachine) return yieldFloor(state)
  if (state.phase !== 'listening' || !state.onHold) return stay(state)
  return {
    state: { ...state, onHold: false },
    effects: [{ type: 'start_timer', timer: 'silence' }],
  }
}

/** The message is made ready while the greeting goes on. */
function takeMessage(state: Met): TurnStep {
  if (state.phase === 'recording' || state.phase === 'ending') return stay(state)
  const reply = state.reply + 1
  return {
    state: { ...common(state), phase: 'recording', reply },
    effects: [
      ...silence(state),
      { type: 'stop_timer', timer: 'first_words' },
      { type: 'stop_timer', timer: 'silence' },
      { type: 'start_reply', reply, kind: 'message', held: true },
      { type: 'start_timer', timer: 'message', ms: LONGEST_GREETING_MS },
    ],
  }
}

/**
 * An opening is for people. A menu gets none; an assistant that screens calls may hear it to its end, for it says who is
 * calling, and why.
 */
function meetMachine(state: Met, { lets }: { lets: 'nothing' | 'speech' }): TurnStep {
  switch (state.phase) {
    case 'listening':
      if (state.prepared !== 'opening') return stay(state)
      return {
        state: { ...listening(state), callerSpeaking: state.callerSpeaking, owed: true },
        effects: [...silence(state), { type: 'stop_timer', timer: 'first_words' }],
      }
    case 'recording':
      return yieldFloor(state)
    case 'thinking':
      return state.opening ? prefix(silence(state), answer(state)) : stay(state)
    case 'speaking':
    case 'paused':
      return lets === 'speech' ? stay(state) : prefix(silence(state), answer(state))
    default:
      return stay(state)
  }
}
