import { apologise, isPerson, type Live, stay } from './turn-moves.ts'
import type { DeadAirEvent, TurnEvent, TurnState, TurnStep } from './turn-events.ts'

/**
 * Dead air: it is the agent's turn, and nothing is heard of it. The person is bridged over it with words that only fill the
 * wait, and the call ends in good order before they wonder whether anybody is there. The clock runs from the moment at
 * which the agent got the floor, or had nothing left to play, to the first sound of what it has to say; fillers do not stop it.
 */

/** A hello comes within a second of picking up; whoever is silent longer waits for us to speak. */
export const FIRST_WORDS_AUTO_MS = 1200

const UNANSWERED = {
  by: 'parley',
  code: 'dead_air',
  message: 'there was nothing to say for too long',
} as const

/** The reply that is waited for; undefined when nobody waits. */
function awaited(state: TurnState): number | undefined {
  switch (state.phase) {
    case 'thinking':
      return state.reply
    case 'speaking':
      return state.dry ? state.reply : undefined
    default:
      return undefined
  }
}

/** The same step, and the clock of dead air with it: started when a wait begins, stopped when it is over. */
export function watched(before: TurnState, event: TurnEvent, next: TurnStep): TurnStep {
  const now = awaited(next.state)
  if (now === awaited(before)) return next
  const { state, effects } = next
  if (now === undefined) return { state, effects: [{ type: 'unwatch_dead_air' }, ...effects] }
  const isLate = event.type === 'timer_fired' && event.timer === 'first_words'
  const waitedMs = isLate ? FIRST_WORDS_AUTO_MS : 0
  return { state, effects: [{ type: 'watch_dead_air', waitedMs }, ...effects] }
}

/** The person has waited for so long. */
export function deadAir(state: Live, { rung, working }: DeadAirEvent): TurnStep {
  if (awaited(state) === undefined) return stay(state)
  // A tool takes its time, and has fillers of its own.
  if (working) return { state, effects: [{ type: 'watch_dead_air', waitedMs: 0 }] }
  if (rung === 'give_up') return apologise(state, UNANSWERED)
  // Who has asked us to wait waits for nothing, and machines are told nothing that they might take for an answer.
  const isIdle = 'holds' in state && state.holds
  if (isIdle || !isPerson(state)) return stay(state)
  return { state, effects: [{ type: 'fill_wait', reply: state.reply }] }
}
