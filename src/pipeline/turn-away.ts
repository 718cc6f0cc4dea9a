import type {
  Away,
  AwayReason,
  LeaveReason,
  TurnEffect,
  TurnEvent,
  TurnStep,
} from './turn-events.ts'
import {
  apologise,
  awaitCaller,
  common,
  failed,
  lastWords,
  listenAgain,
  listening,
  note,
  over,
  type OnLine,
  prefix,
  remember,
  resume,
  silence,
  stay,
} from './turn-moves.ts'

/** A greeting that was cut by the loss of the line is believed to be over so long after it is back. */
const GREETING_OVER_MS = 3000

/** A model that was told twice that the carrier does not do it, and asks for it again, will not think of anything else. */
const MOST_REFUSALS = 3

/** The line goes, or is gone: what was being said waits for another one. */
export function goAway(state: OnLine, reason: AwayReason): TurnStep {
  const { then, effects } = setAside(state)
  const away: Away = {
    ...common(then),
    phase: 'away',
    reason,
    hasLine: reason !== 'lost',
    timeUp: false,
    then,
  }
  // Who talks with somebody else does so for as long as they like.
  const timer: readonly TurnEffect[] =
    reason === 'transfer' ? [] : [{ type: 'start_timer', timer: 'away' }]
  return { state: away, effects: [...effects, ...timer] }
}

/** The agent has said what it had to, and leaves the line to press keys or to put the caller through. */
export function leaveLine(state: OnLine, reason: LeaveReason): TurnStep {
  const gone = goAway(listening(state), reason)
  return { state: gone.state, effects: [...gone.effects, { type: 'leave_line', reason }] }
}

/** What goes on when a line is back, silenced until then. */
export function setAside(state: OnLine): { then: OnLine; effects: readonly TurnEffect[] } {
  const paused: TurnEffect = { type: 'pause_reply', reply: state.reply }
  switch (state.phase) {
    case 'listening': {
      const timers: readonly TurnEffect[] = (['silence', 'hold', 'first_words'] as const).map(
        (timer) => ({ type: 'stop_timer', timer }),
      )
      if (state.prepared !== 'guess') return { then: state, effects: timers }
      const cancel: TurnEffect = { type: 'cancel_reply', reply: state.reply }
      return { then: { ...state, prepared: 'nothing' }, effects: [...timers, cancel] }
    }
    case 'paused':
      return { then: state, effects: [{ type: 'stop_timer', timer: 'resume' }] }
    case 'recording':
      return { then: state, effects: [{ type: 'stop_timer', timer: 'message' }] }
    case 'thinking':
    case 'speaking':
    case 'ending':
      return { then: state, effects: [paused] }
  }
}

/** The turn machine without a line. */
export function whileAway(state: Away, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'line_attached':
      return prefix([{ type: 'stop_timer', timer: 'away' }], comeBack(state))
    case 'leave_failed':
      return leaveFailed(state)
    case 'line_lost':
      // The line broke before the keys were pressed: it is that what is waited for now.
      return stay({ ...state, hasLine: false, ...(state.reason === 'keys' && { reason: 'lost' }) })
    case 'transfer_ended':
      if (event.completed) return over(state, { reason: 'transferred' })
      // The person is on the way back to us, and the model hears from the tool what has become of it.
      return { state: owing(state), effects: [{ type: 'start_timer', timer: 'away' }] }
    case 'caller_turn_ended':
      return saidMeanwhile(state, event)
    case 'tool_finished':
    case 'time_nearly_up':
      return stay({ ...state, then: remember(state.then, event.type) })
    case 'reply_failed':
    case 'hearing_failed':
      return stay({ ...state, failure: event.failure })
    case 'timer_fired':
      return event.timer === 'away' ? over(state, failed(STREAM_LOST)) : stay(state)
    default:
      return stay(state)
  }
}

/** The model hears from the tool that nothing has come of it, unless it has been told often enough. */
function leaveFailed(state: Away): TurnStep {
  const refused = state.then.refused + 1
  const failure = refused < MOST_REFUSALS ? state.failure : (state.failure ?? REFUSED)
  const told = owing({ ...state, then: { ...state.then, refused }, ...(failure && { failure }) })
  if (state.hasLine) return prefix([{ type: 'stop_timer', timer: 'away' }], comeBack(told))
  // The carrier has taken the line all the same: another one may come.
  return {
    state: { ...told, reason: 'lost' },
    effects: [{ type: 'start_timer', timer: 'away' }],
  }
}

/** The end of what the caller was saying when the line went. It is answered when there is a line. */
function saidMeanwhile(
  state: Away,
  { text, means }: Extract<TurnEvent, { type: 'caller_turn_ended' }>,
): TurnStep {
  const noted = note(text)
  const { then } = state
  if (noted.length === 0 || means === 'aside') return { state, effects: noted }
  if (then.phase !== 'thinking' || then.opening) return { state: owing(state), effects: noted }
  // The answer that is being made does not know of it.
  return {
    state: { ...state, then: listening(then, { owed: true }) },
    effects: [...silence(then), ...noted],
  }
}

/** An answer is owed when the line is back. */
function owing(state: Away): Away {
  const { then } = state
  switch (then.phase) {
    case 'listening':
      return { ...state, then: { ...then, owed: true } }
    case 'speaking':
    case 'paused':
      return { ...state, then: { ...then, pending: true } }
    default:
      return state
  }
}

const STREAM_LOST = {
  by: 'twilio',
  code: 'stream_lost',
  message: 'the audio connection broke, and no new one came',
} as const

const REFUSED = {
  by: 'twilio',
  code: 'line_refused',
  message: 'the carrier neither pressed the keys nor rang the number, however often it was asked',
} as const

function comeBack({ then, reason, failure, timeUp }: Away): TurnStep {
  if (failure) return apologise(then, failure)
  if (timeUp) return lastWords(then, 'time_up', { reason: 'time_limit' })
  switch (then.phase) {
    case 'listening':
      return reason === 'keys' && !then.owed
        ? awaitCaller(then)
        : listenAgain({ ...then, callerSpeaking: false, overdue: false })
    case 'thinking':
    case 'speaking':
    case 'ending':
      return { state: then, effects: [{ type: 'resume_reply', reply: then.reply }] }
    case 'paused':
      return resume(then)
    case 'recording':
      return {
        state: then,
        effects: [{ type: 'start_timer', timer: 'message', ms: GREETING_OVER_MS }],
      }
  }
}
