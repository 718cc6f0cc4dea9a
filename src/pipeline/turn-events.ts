import type { AnsweredBy } from './answering/answered-by.ts'
import type { SessionEnd, SessionFailure } from './session-end.ts'

/** What every phase of a call that has a line carries along. */
export type TurnCommon = {
  /** The newest reply; events of older ones change nothing. */
  readonly reply: number
  /** How often in a row the caller was asked whether they are there. */
  readonly unanswered: number
  /** Who or what is at the other end, as far as is known. */
  readonly peer: AnsweredBy | 'unknown'
  /** The caller is still to be told that the time is nearly up. */
  readonly warn: boolean
  /** A tool has found out something that the model has not been asked about yet. */
  readonly news: boolean
  /** How often in a row the carrier was asked to press keys or to ring somebody, and did not. */
  readonly refused: number
}

/** Where a call's conversation stands: a state of the turn machine (`turn.ts`). */
export type TurnState =
  /** No line yet. The opening is being prepared and held. `failure`: it cannot be spoken. */
  | {
      readonly phase: 'waiting'
      readonly reply: number
      readonly answered: boolean
      readonly failure?: SessionFailure
      /** Who has answered, when that is known before there is a line. */
      readonly met?: AnsweredByEvent
      /** The call goes on where an earlier process has left it; `owed`: with an answer of the agent. */
      readonly resumed?: { readonly owed: boolean }
    }
  | Listening
  | Thinking
  | Speaking
  | Paused
  | Recording
  | Ending
  | Away
  | { readonly phase: 'ended' }

/** The floor is the caller's. */
export type Listening = TurnCommon & {
  readonly phase: 'listening'
  readonly callerSpeaking: boolean
  /**
   * What `reply` is: nothing; the opening, which waits for the caller's turn to end; or a guess, an answer to what the
   * caller has probably said, which waits for the confirmation.
   */
  readonly prepared: 'nothing' | 'opening' | 'guess'
  /** The agent was cut off, so an answer is owed even when the caller turns out to have said nothing. */
  readonly owed: boolean
  /** The agent was asked to wait: it does so quietly. */
  readonly onHold: boolean
  /** The time for silence ran out while the caller made sounds; unless they are words, it counts. */
  readonly overdue: boolean
}

/** The agent's turn; nothing can be heard of it yet. */
export type Thinking = TurnCommon & {
  readonly phase: 'thinking'
  readonly opening: boolean
  /** After this reply the agent waits quietly. */
  readonly holds: boolean
}

/** The agent is heard. */
export type Speaking = TurnCommon & {
  readonly phase: 'speaking'
  readonly holds: boolean
  /** The caller has said something that the agent could not stop for: it is answered next. */
  readonly pending: boolean
  /** There is nothing left to play, and more is to come. */
  readonly dry?: boolean
  /** What the agent does when all of the reply was heard. */
  readonly leave?: LeaveReason
  /** The reply broke off, and what there is of it is being played. */
  readonly failure?: SessionFailure
}

/**
 * Silenced by words that may be a mere backchannel. The rest of the reply is kept; it goes on where it stopped, or is
 * dropped.
 */
export type Paused = Omit<Speaking, 'phase'> & { readonly phase: 'paused' }

/** A machine takes a message: `reply` is the message, prepared and held until the machine records. */
export type Recording = TurnCommon & {
  readonly phase: 'recording'
  /** The machine, or somebody who has picked up after all, is heard. */
  readonly callerSpeaking: boolean
}

/** The agent's last words are on their way to the caller; `end` is what is reported when they were heard. */
export type Ending = TurnCommon & {
  readonly phase: 'ending'
  readonly end: SessionEnd
  readonly heard: boolean
  readonly callerSpeaking: boolean
}

/** There is no line: the carrier presses keys, rings somebody else, or has lost the connection. */
export type Away = TurnCommon & {
  readonly phase: 'away'
  readonly reason: AwayReason
  /** The old line is still open: the carrier has not taken it yet. */
  readonly hasLine: boolean
  /** The call has reached its longest duration meanwhile. */
  readonly timeUp: boolean
  /** What goes on when a line is back. */
  readonly then: Listening | Thinking | Speaking | Paused | Recording | Ending
  readonly failure?: SessionFailure
}

export type LeaveReason = 'keys' | 'transfer'
export type AwayReason = LeaveReason | 'lost'

/**
 * - `silence`: the caller has the floor and says nothing. `hold`: the same while the agent was asked to wait.
 * - `away`: there is no line. All three last as long as the call's settings say.
 * - `first_words`: the callee says nothing after picking up. `resume`: sounds that stopped the agent turn out to be none.
 * - `last_words`: the caller speaks over the goodbye. `message`: the machine's greeting is over, or too long.
 */
export type TurnTimer = SettingTimer | TimedTimer
export type SettingTimer = 'silence' | 'hold' | 'away'
export type TimedTimer = 'first_words' | 'last_words' | 'resume' | 'message'

/** What a whole turn of the caller amounts to. `aside`: a backchannel in the middle of what the agent says. */
export type CallerMeaning = 'nothing' | 'aside' | 'hold' | 'farewell' | 'words'

/** `message`: whether a machine is left one. */
export type AnsweredByEvent = {
  readonly type: 'answered_by'
  readonly by: AnsweredBy
  readonly message: boolean
}

/** The call was carried by a process that has died in the middle of it. Stands in the place of `started`. */
export type ResumedEvent = {
  readonly type: 'resumed'
  /** Number of the last reply on record. */
  readonly lastReply: number
  /** What was said last waits for an answer, or was none of the agent's. */
  readonly owed: boolean
  /** The person was handed over, and may be talking with somebody else. */
  readonly handedOver: boolean
  readonly met?: AnsweredByEvent
}

/**
 * The person has waited for the agent so long that it is time for words that fill the wait, or for the end of the call.
 * `working`: a tool is at work for them.
 */
export type DeadAirEvent = {
  readonly type: 'dead_air'
  readonly rung: 'filler' | 'give_up'
  readonly working?: true
}

export type TurnEvent =
  | { readonly type: 'started' }
  | ResumedEvent
  /** Somebody picked up; the line follows. */
  | { readonly type: 'answered' }
  | { readonly type: 'line_attached'; readonly firstSpeaker: FirstSpeaker }
  /** The person is gone. */
  | { readonly type: 'line_closed' }
  /** The connection broke; a new one may come. */
  | { readonly type: 'line_lost' }
  /** The carrier could not do what the agent left the line for. */
  | { readonly type: 'leave_failed' }
  | { readonly type: 'transfer_ended'; readonly completed: boolean }
  | AnsweredByEvent
  /** The first sound at the other end, before anybody can tell what it is. */
  | { readonly type: 'caller_sound' }
  /** The machine's beep is over. */
  | { readonly type: 'beep' }
  /**
   * `aside`: so far no more than (the beginning of) a backchannel in the middle of what the agent says. `guarded`: what the agent is saying is
   * not to be cut off.
   */
  | { readonly type: 'caller_words'; readonly aside: boolean; readonly guarded: boolean }
  /** The caller has probably finished; `caller_resumed` or `caller_turn_ended` follows. */
  | { readonly type: 'caller_turn_guessed'; readonly text: string }
  | { readonly type: 'caller_resumed' }
  | {
      readonly type: 'caller_turn_ended'
      readonly text: string
      readonly means: CallerMeaning
      readonly guarded: boolean
      /** The words are those of the guess. */
      readonly asGuessed: boolean
      /** A machine's greeting that has announced a beep. */
      readonly expectsBeep: boolean
    }
  /** The first audio of the reply went to the line, or more of it after `reply_dry`; fillers are none of it. */
  | { readonly type: 'reply_audio'; readonly reply: number }
  /** All of the reply that there is was played, and more is to come. */
  | { readonly type: 'reply_dry'; readonly reply: number }
  | DeadAirEvent
  /** All audio of the reply went to the line; `then`: what the agent does when it was heard. */
  | { readonly type: 'reply_sent'; readonly reply: number; readonly then?: 'hang_up' | LeaveReason }
  /** The person has heard all audio of the reply. */
  | { readonly type: 'reply_heard'; readonly reply: number }
  /** No more audio of the reply comes. */
  | { readonly type: 'reply_failed'; readonly reply: number; readonly failure: SessionFailure }
  /** A tool has its result only now, after the reply that asked for it. */
  | { readonly type: 'tool_finished' }
  | { readonly type: 'hearing_failed'; readonly failure: SessionFailure }
  /** `working`: a tool is still at work for the caller, though no reply waits for it. */
  | { readonly type: 'timer_fired'; readonly timer: TurnTimer; readonly working?: true }
  | { readonly type: 'time_nearly_up' }
  | { readonly type: 'time_up' }
  /** The server is about to stop, and the call with it. */
  | { readonly type: 'server_stopping' }
  | { readonly type: 'end_requested'; readonly reason: 'requested' | 'caller_hung_up' }

/** Who speaks first once the phone was picked up. `auto`: the callee, if they do so soon. */
export type FirstSpeaker = 'agent' | 'callee' | 'auto'

/** All but `opening`, `answer` and `message` are stock words that need no model. */
export const REPLY_KINDS = [
  'opening',
  'answer',
  'message',
  'holding',
  'reprompt',
  'time_warning',
  'apology',
  'time_up',
  'no_answer',
  'resumption',
  'closing',
] as const
export type ReplyKind = (typeof REPLY_KINDS)[number]

export type TurnEffect =
  /** Generate and synthesise; `held`: send nothing to the line before `release_reply`. */
  | {
      readonly type: 'start_reply'
      readonly reply: number
      readonly kind: ReplyKind
      readonly held: boolean
      /** The words that the caller has probably said, and that the answer is a guess for. */
      readonly text?: string
    }
  | { readonly type: 'release_reply'; readonly reply: number }
  /** Undoes a release of which nothing was sent yet. */
  | { readonly type: 'hold_reply'; readonly reply: number }
  /** Stop it, silence the line, and keep of it only what was heard. */
  | { readonly type: 'cancel_reply'; readonly reply: number }
  /** Silences the line and keeps what was not heard; the last `unheardMs` until now may not have been played. */
  | { readonly type: 'pause_reply'; readonly reply: number; readonly unheardMs?: number }
  /** Silences the line and goes back to the first word; what was played does not count as heard. */
  | { readonly type: 'rewind_reply'; readonly reply: number }
  /** Goes on from the word at which it was paused, or from where it was rewound to. */
  | { readonly type: 'resume_reply'; readonly reply: number }
  /** Says words that fill the wait for this reply, unless it is heard first. */
  | { readonly type: 'fill_wait'; readonly reply: number }
  /** The person waits for the agent, and has done so for a while: events `dead_air` follow, until … */
  | { readonly type: 'watch_dead_air'; readonly waitedMs: number }
  | { readonly type: 'unwatch_dead_air' }
  | { readonly type: 'note_caller'; readonly text: string }
  /** Do what the reply's last tool call asks for; the line goes away, and comes back. */
  | { readonly type: 'leave_line'; readonly reason: LeaveReason }
  | { readonly type: 'start_timer'; readonly timer: TimedTimer; readonly ms: number }
  | { readonly type: 'start_timer'; readonly timer: SettingTimer }
  | { readonly type: 'stop_timer'; readonly timer: TurnTimer }
  | { readonly type: 'end'; readonly end: SessionEnd }

/** What is to be done with a reply. */
export type ReplyEffect = Extract<TurnEffect, { reply: number }>

export type TurnStep = { readonly state: TurnState; readonly effects: readonly TurnEffect[] }
