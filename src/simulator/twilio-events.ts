import type { CallStatus, StreamCommand } from '../providers/twilio/messages.ts'
import type { DialStatus } from './twilio-knobs.ts'

/** What happens on the simulated telephone network, for whoever wants to print it as it happens. */
export type TwilioEvent = {
  readonly callSid: string
  /** Milliseconds since the answer; 0 before it. */
  readonly atMs: number
} & (
  | { readonly type: 'ringing'; readonly from: string; readonly to: string }
  | { readonly type: 'answered' }
  | { readonly type: 'stream_started'; readonly streamSid: string }
  /** The server has sent this on the stream; it has not been carried out yet. */
  | { readonly type: 'command_arrived'; readonly command: StreamCommand['event'] }
  /** A word of the agent has reached the person's ear to its end. */
  | { readonly type: 'agent_word'; readonly word: string }
  /** The same, of somebody whom the person was handed over to. */
  | { readonly type: 'other_word'; readonly word: string }
  /** The person begins to say this. */
  | { readonly type: 'person_said'; readonly text: string }
  | { readonly type: 'person_pressed'; readonly digit: string }
  /** A key that the server's TwiML pressed towards the person. */
  | { readonly type: 'agent_pressed'; readonly digit: string }
  /** The server's TwiML rings somebody whom the person is to be handed over to. */
  | { readonly type: 'dialled'; readonly number: string }
  | { readonly type: 'dial_ended'; readonly number: string; readonly status: DialStatus }
  /** The server dropped this much of what it had sent. */
  | { readonly type: 'cleared'; readonly droppedMs: number }
  | { readonly type: 'ended'; readonly status: CallStatus }
  | { readonly type: 'callback_failed'; readonly url: string; readonly reason: string }
)

type WithoutPlace<E> = E extends TwilioEvent ? Omit<E, 'callSid' | 'atMs'> : never
/** An event of one call, before it is told where and when it happened. */
export type CallEvent = WithoutPlace<TwilioEvent>

/** An event of somebody whom the person is to be handed over to. */
export type DialEvent = Extract<TwilioEvent, { type: 'dialled' | 'dial_ended' | 'other_word' }>
