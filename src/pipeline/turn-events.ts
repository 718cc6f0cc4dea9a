import type { SessionEnd, SessionFailure } from './session-end.ts'

/** Where a call's conversation stands: a state of the turn machine (`turn.ts`). */
export type TurnState =
  /** No line yet. The opening is being prepared and held. `failure`: it cannot be spoken. */
  | {
      readonly phase: 'waiting'
      readonly reply: number
      readonly answered: boolean
      readonly failure?: SessionFailure
    }
  /** The floor is the caller's. */
  | {
      readonly phase: 'listening'
      readonly reply: number
      readonly callerSpeaking: boolean
      /** `reply` is prepared and waits for the caller's turn to end: the opening that waits for a hello. */
      readonly held: boolean
      /** The agent was cut off, so an answer is owed even when the caller turns out to have said nothing. */
      readonly owed: boolean
      /** How often in a row the caller was asked whether they are there. */
      readonly unanswered: number
    }
  /** The agent's turn; nothing can be heard of it yet. */
  | {
      readonly phase: 'thinking'
      readonly reply: number
      readonly opening: boolean
      readonly unanswered: number
    }
  /** The agent is heard. `failure`: the reply broke off, and what there is of it is being played. */
  | {
      readonly phase: 'speaking'
      readonly reply: number
      readonly unanswered: number
      readonly failure?: SessionFailure
    }
  /**
   * Silenced by words that may be a mere backchannel. The rest of the reply is kept; it goes on where it stopped, or is
   * dropped.
   */
  | {
      readonly phase: 'paused'
      readonly reply: number
      readonly unanswered: number
      readonly failure?: SessionFailure
    }
  /** The agent's last words are on their way to the caller; `end` is what is reported when they were heard. */
  | {
      readonly phase: 'ending'
      readonly reply: number
      readonly end: SessionEnd
      readonly heard: boolean
      readonly callerSpeaking: boolean
    }
  | { readonly phase: 'ended' }

/** `silence` runs while the caller has the floor and says nothing; how long is a setting of the call. */
export type TurnTimer = 'first_words' | 'last_words' | 'resume' | 'silence'

export type TurnEvent =
  | { readonly type: 'started' }
  /** Somebody picked up; the line follows. */
  | { readonly type: 'answered' }
  | { readonly type: 'line_attached'; readonly firstSpeaker: FirstSpeaker }
  | { readonly type: 'line_closed' }
  /** `aside`: so far no more than a backchannel in the middle of what the agent says. */
  | { readonly type: 'caller_words'; readonly aside: boolean }
  | { readonly type: 'caller_turn_ended'; readonly text: string; readonly aside: boolean }
  /** The first audio of the reply went to the line. */
  | { readonly type: 'reply_audio'; readonly reply: number }
  /** All audio of the reply went to the line. */
  | { readonly type: 'reply_sent'; readonly reply: number; readonly hangUp: boolean }
  /** The person has heard all audio of the reply. */
  | { readonly type: 'reply_heard'; readonly reply: number }
  /** No more audio of the reply comes. */
  | { readonly type: 'reply_failed'; readonly reply: number; readonly failure: SessionFailure }
  | { readonly type: 'hearing_failed'; readonly failure: SessionFailure }
  | { readonly type: 'timer_fired'; readonly timer: TurnTimer }
  | { readonly type: 'time_up' }
  | { readonly type: 'end_requested'; readonly reason: 'requested' | 'caller_hung_up' }

/** Who speaks first once the phone was picked up. `auto`: the callee, if they do so soon. */
export type FirstSpeaker = 'agent' | 'callee' | 'auto'

/** All but the opening and answers are stock words that need no model. */
export type ReplyKind = 'opening' | 'answer' | 'reprompt' | 'apology' | 'time_up' | 'no_answer'

export type TurnEffect =
  /** Generate and synthesise; `held`: send nothing to the line before `release_reply`. */
  | {
      readonly type: 'start_reply'
      readonly reply: number
      readonly kind: ReplyKind
      readonly held: boolean
    }
  | { readonly type: 'release_reply'; readonly reply: number }
  /** Undoes a release of which nothing was sent yet. */
  | { readonly type: 'hold_reply'; readonly reply: number }
  /** Stop it, silence the line, and keep of it only what was heard. */
  | { readonly type: 'cancel_reply'; readonly reply: number }
  /** Silences the line and keeps what was not heard. */
  | { readonly type: 'pause_reply'; readonly reply: number }
  /** Goes on from the word at which it was paused. */
  | { readonly type: 'resume_reply'; readonly reply: number }
  | { readonly type: 'note_caller'; readonly text: string }
  | {
      readonly type: 'start_timer'
      readonly timer: Exclude<TurnTimer, 'silence'>
      readonly ms: number
    }
  | { readonly type: 'start_timer'; readonly timer: 'silence' }
  | { readonly type: 'stop_timer'; readonly timer: TurnTimer }
  | { readonly type: 'end'; readonly end: SessionEnd }

export type TurnStep = { readonly state: TurnState; readonly effects: readonly TurnEffect[] }
