import type { TurnEvent, TurnState } from '../pipeline/turn-events.ts'

/** Every kind of event that the turn machine of this version knows. */
const EVENTS = {
  started: true,
  answered: true,
  line_attached: true,
  line_closed: true,
  line_lost: true,
  leave_failed: true,
  transfer_ended: true,
  answered_by: true,
  caller_sound: true,
  beep: true,
  caller_words: true,
  caller_turn_guessed: true,
  caller_resumed: true,
  caller_turn_ended: true,
  reply_audio: true,
  reply_dry: true,
  dead_air: true,
  reply_sent: true,
  reply_heard: true,
  reply_failed: true,
  tool_finished: true,
  hearing_failed: true,
  timer_fired: true,
  time_nearly_up: true,
  time_up: true,
  resumed: true,
  server_stopping: true,
  end_requested: true,
} as const satisfies Record<TurnEvent['type'], true>

const PHASES = {
  waiting: true,
  listening: true,
  thinking: true,
  speaking: true,
  paused: true,
  recording: true,
  ending: true,
  away: true,
  ended: true,
} as const satisfies Record<TurnState['phase'], true>

/** By its kind alone: that its fields are there is what the writer's version answers for. */
export function isTurnEvent(event: { readonly type: string }): event is TurnEvent {
  return Object.hasOwn(EVENTS, event.type)
}

/** By its phase alone. */
export function isTurnState(state: { readonly phase: string }): state is TurnState {
  return Object.hasOwn(PHASES, state.phase)
}
