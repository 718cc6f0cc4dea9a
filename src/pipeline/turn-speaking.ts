import { goAway, leaveLine } from './turn-away.ts'
import type {
  Ending,
  LeaveReason,
  Paused,
  Recording,
  Speaking,
  Thinking,
  TurnEvent,
  TurnStep,
  TurnTimer,
} from './turn-events.ts'
import {
  answer,
  apologise,
  awaitCaller,
  common,
  failed,
  goOn,
  hold,
  interruptedBy,
  listening,
  moveToLine,
  note,
  over,
  pause,
  playing,
  prefix,
  remember,
  resume,
  stay,
  yieldFloor,
} from './turn-moves.ts'

/** How long a caller who speaks over the goodbye is waited for. */
const LAST_WORDS_MS = 4000
/** A breath before a message is begun anew: the machine has to be recording. */
const AFTER_BEEP_MS = 300

export function whileThinking(state: Thinking, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'reply_audio':
      return stay(audible(state))
    case 'line_attached':
      // Words that fill the wait may be heard by now.
      return moveToLine(state)
    // Without a sound: the agent presses keys, or keeps silent.
    case 'reply_sent':
      return whileSpeaking(audible(state), event)
    case 'caller_words':
      // An “okay” to words that only filled the wait.
      if (event.aside) return stay(state)
      // The opening does not depend on what the callee says; an answer does.
      return state.opening ? holdOpening(state, { callerSpeaking: true }) : yieldFloor(state)
    case 'caller_turn_ended':
      if (event.means === 'aside') return { state, effects: note(event.text) }
      return state.opening ? spokenBeforeOpening(state, event) : interruptedBy(state, event)
    case 'reply_failed':
    case 'hearing_failed':
      return apologise(state, event.failure)
    case 'tool_finished':
    case 'time_nearly_up':
      return stay(remember(state, event.type))
    case 'line_lost':
      return goAway(state, 'lost')
    default:
      return stay(state)
  }
}

type CallerTurnEnded = Extract<TurnEvent, { type: 'caller_turn_ended' }>

function holdOpening(state: Thinking, { callerSpeaking }: { callerSpeaking: boolean }) {
  return {
    state: listening(state, { callerSpeaking, prepared: 'opening', owed: true }),
    effects: [{ type: 'hold_reply', reply: state.reply }],
  } as const
}

/** A hello that was over before the opening could be heard does not stop it. */
function spokenBeforeOpening(state: Thinking, { text, means }: CallerTurnEnded): TurnStep {
  if (means !== 'hold') return { state, effects: note(text) }
  const held = holdOpening(state, { callerSpeaking: false })
  return prefix(held.effects, hold(held.state, note(text)))
}

function audible(state: Thinking): Speaking {
  return { ...common(state), phase: 'speaking', holds: state.holds, pending: false }
}

export function whileSpeaking(state: Speaking, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'caller_words':
      if (event.guarded) return stay(state)
      return event.aside ? pause(state) : yieldFloor(state)
    case 'caller_turn_ended':
      return spokenOver(state, event)
    case 'line_attached':
      return moveToLine(state)
    case 'line_lost':
      return goAway(playing(state), 'lost')
    case 'reply_dry':
      return stay({ ...state, dry: true })
    case 'reply_audio':
      return stay(playing(state))
    case 'reply_sent':
      return sent(playing(state), event.then)
    case 'reply_heard':
      return heardOut(state)
    case 'reply_failed':
      // What was sent is heard out first; the apology follows it.
      return stay({ ...state, failure: event.failure })
    case 'hearing_failed':
      return apologise(state, event.failure)
    case 'tool_finished':
    case 'time_nearly_up':
      return stay(remember(state, event.type))
    default:
      return stay(state)
  }
}

function spokenOver(state: Speaking, event: CallerTurnEnded): TurnStep {
  // An aside that is over before it could silence anybody.
  if (event.means === 'aside') return { state, effects: note(event.text) }
  if (!event.guarded || event.means === 'nothing') return interruptedBy(state, event)
  return { state: { ...state, pending: true }, effects: note(event.text) }
}

function sent(state: Speaking, then: 'hang_up' | LeaveReason | undefined): TurnStep {
  if (then === undefined) return stay(state)
  if (then !== 'hang_up') return stay({ ...state, leave: then })
  return stay({
    ...common(state),
    phase: 'ending',
    end: { reason: 'agent_hung_up' },
    heard: false,
    callerSpeaking: false,
  })
}

function heardOut(state: Speaking): TurnStep {
  if (state.failure) return apologise(state, state.failure)
  if (state.pending) return answer(state)
  if (state.leave) return leaveLine(state, state.leave)
  return awaitCaller(state, { holds: state.holds })
}

export function whilePaused(state: Paused, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'caller_words':
      return event.aside || event.guarded ? stay(state) : yieldFloor(state)
    case 'caller_turn_ended':
      return pausedFor(state, event)
    case 'timer_fired':
      return event.timer === 'resume' ? resume(state) : stay(state)
    case 'reply_failed':
      return stay({ ...state, failure: event.failure })
    case 'hearing_failed':
      return apologise(state, event.failure)
    case 'tool_finished':
    case 'time_nearly_up':
      return stay(remember(state, event.type))
    case 'line_lost':
      return goAway(state, 'lost')
    default:
      return stay(state)
  }
}

function pausedFor(state: Paused, { text, means, guarded }: CallerTurnEnded): TurnStep {
  if (means === 'aside' || means === 'nothing') return prefix(note(text), resume(state))
  // By now it is known that the reply is a goodbye that nobody may cut off.
  if (guarded) return prefix(note(text), resume({ ...state, pending: true }))
  return interruptedBy(state, { text, means })
}

export function whileEnding(state: Ending, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'line_attached':
      return moveToLine(state)
    case 'line_lost':
      return state.heard ? over(state, state.end) : goAway(state, 'lost')
    case 'caller_words':
      return stay({ ...state, callerSpeaking: true })
    case 'caller_turn_ended':
      return afterGoodbye(state, event)
    case 'beep':
      return recordsFromHere(state)
    case 'reply_heard':
      return lastWordsHeard(state)
    case 'timer_fired':
      return endingTimer(state, event.timer)
    case 'reply_failed':
      if (state.end.reason === 'message_left') return over(state, failed(event.failure))
      // Nothing of ours can speak any more: the carrier's own voice says it.
      return over(state, { ...state.end, unsaid: true })
    default:
      return stay(state)
  }
}

function endingTimer(state: Ending, timer: TurnTimer): TurnStep {
  if (timer === 'message' && !state.heard) {
    return { state, effects: [{ type: 'resume_reply', reply: state.reply }] }
  }
  return state.heard && timer === 'last_words' ? over(state, state.end) : stay(state)
}

/** A beep into the message: what was said before it is not recorded, and the message begins anew. */
function recordsFromHere(state: Ending): TurnStep {
  if (state.end.reason !== 'message_left' || state.heard) return stay(state)
  return {
    state,
    effects: [
      { type: 'rewind_reply', reply: state.reply },
      { type: 'start_timer', timer: 'message', ms: AFTER_BEEP_MS },
    ],
  }
}

function lastWordsHeard(state: Ending): TurnStep {
  if (!state.callerSpeaking) return over({ ...state, heard: true }, state.end)
  return {
    state: { ...state, heard: true },
    effects: [{ type: 'start_timer', timer: 'last_words', ms: LAST_WORDS_MS }],
  }
}

function afterGoodbye(state: Ending, event: CallerTurnEnded): TurnStep {
  const noted = note(event.text)
  const saysMore = event.means === 'words' || event.means === 'hold'
  const { reason } = state.end
  const isOpen = reason === 'agent_hung_up' || reason === 'silence'
  if (saysMore && !event.guarded && isOpen) return goOn(state, noted)
  const next = { ...state, callerSpeaking: false }
  return prefix(noted, state.heard ? over(next, state.end) : stay(next))
}

/** A pause after a greeting without a beep: the machine records by now. */
const AFTER_GREETING_MS = 1500
/** A beep that was announced, or that may come, comes within so long, or not at all. */
export const BEEP_WAIT_MS = 6000
/** Longer greetings are not waited for: the message is rather cut than never left. */
export const LONGEST_GREETING_MS = 45_000

export function whileRecording(state: Recording, event: TurnEvent): TurnStep {
  switch (event.type) {
    case 'caller_words':
      return {
        state: { ...state, callerSpeaking: true },
        effects: [{ type: 'start_timer', timer: 'message', ms: LONGEST_GREETING_MS }],
      }
    case 'caller_turn_ended': {
      const ms = event.expectsBeep ? BEEP_WAIT_MS : AFTER_GREETING_MS
      return {
        state: { ...state, callerSpeaking: false },
        effects: [...note(event.text), { type: 'start_timer', timer: 'message', ms }],
      }
    }
    case 'beep':
      return leaveMessage(state)
    case 'timer_fired':
      return event.timer === 'message' ? leaveMessage(state) : stay(state)
    case 'reply_failed':
      return over(state, failed(event.failure))
    case 'line_lost':
      return goAway(state, 'lost')
    default:
      return stay(state)
  }
}

function leaveMessage(state: Recording): TurnStep {
  return {
    state: {
      ...common(state),
      phase: 'ending',
      end: { reason: 'message_left' },
      heard: false,
      callerSpeaking: false,
    },
    effects: [
      { type: 'stop_timer', timer: 'message' },
      { type: 'release_reply', reply: state.reply },
    ],
  }
}
