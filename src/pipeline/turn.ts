import type { SessionEnd } from './session-end.ts'
import { whileAway } from './turn-away.ts'
import { deadAir, watched } from './turn-dead-air.ts'
import type { TurnEvent, TurnState, TurnStep } from './turn-events.ts'
import { whileListening, whileWaiting } from './turn-listening.ts'
import { isStale, type LastWords, lastWords, type Live, over, stay } from './turn-moves.ts'
import { meet } from './turn-peer.ts'
import {
  whileEnding,
  whilePaused,
  whileRecording,
  whileSpeaking,
  whileThinking,
} from './turn-speaking.ts'

export const initialTurn: TurnState = { phase: 'waiting', reply: 0, answered: false }

/**
 * Whose turn it is. `step` is pure: the session feeds it every event and carries out every effect, and holds no flags
 * of its own. Replies are numbered; an event of an older reply changes nothing.
 *
 *     waiting ──► listening ◄──► thinking ──► speaking ──► listening
 *                     │             │          ▲  │
 *                     ▼             │          paused ──► listening
 *                 recording ──►     └─────────────┴──► ending ──► ended
 *
 * The caller's speech silences the agent at once, in every phase but `ending`, unless what it says is guarded. A mere
 * “uh-huh” in the middle of what the agent says only pauses it. A goodbye is not cut off, but a caller who says more than
 * goodbye is answered. `recording`: a machine takes a message. From every phase with a line the call may go `away`: the line is
 * gone, and the same phase goes on when another one comes.
 */
export function step(state: TurnState, event: TurnEvent): TurnStep {
  if (state.phase === 'ended' || isStale(state, event)) return { state, effects: [] }
  return watched(state, event, next(state, event))
}

function next(state: Live, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'line_closed':
      // Whoever leaves a line for another one loses the first.
      if (state.phase === 'away') return stay({ ...state, hasLine: false })
      return over(state, { reason: 'caller_hung_up' })
    case 'end_requested':
      return over(state, { reason: event.reason })
    case 'time_up':
      return mustEnd(state, 'time_up', { reason: 'time_limit' })
    case 'server_stopping':
      // Nobody has picked up yet, so there is nobody to tell.
      if (state.phase === 'waiting') return over(state, { reason: 'requested' })
      return mustEnd(state, 'closing', { reason: 'requested' })
    case 'dead_air':
      return deadAir(state, event)
    case 'answered_by':
      return state.phase === 'waiting' ? inPhase(state, event) : meet(state, event)
    default:
      return inPhase(state, event)
  }
}

/** The call has to end for a reason that the person is told. */
function mustEnd(state: Live, kind: LastWords, end: SessionEnd): TurnStep {
  switch (state.phase) {
    case 'ending':
      return stay(state)
    case 'recording':
      // There is nobody to say it to.
      return over(state, end)
    case 'away':
      // Whom the agent has put through may go on talking; the carrier has a limit of its own.
      if (state.reason !== 'transfer') return over(state, end)
      return stay(kind === 'time_up' ? { ...state, timeUp: true } : state)
    default:
      return lastWords(state, kind, end)
  }
}

function inPhase(state: Live, event: TurnEvent): TurnStep {
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
    case 'recording':
      return whileRecording(state, event)
    case 'ending':
      return whileEnding(state, event)
    case 'away':
      return whileAway(state, event)
  }
}
