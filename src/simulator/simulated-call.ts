import type { CallStatus } from '../providers/twilio/messages.ts'
import type { SentCallback } from './call-progress.ts'
import type { TwoSides } from './call-recording.ts'
import type { Utterance } from './person-ear.ts'
import type { DialStatus } from './twilio-knobs.ts'

/** A number that was dialled so that the person could be handed over, and what was talked about. */
export type HandOver = {
  readonly number: string
  readonly status: DialStatus
  /** The number it was dialled with, if the TwiML says so. */
  readonly callerId: string | undefined
  /** What the person said while connected. */
  readonly said: string
  /** What the person heard while connected. */
  readonly heard: string
}

/** A call as those see it who watch the simulated network: tests, the demo, the bench. */
export type SimulatedCall = {
  readonly callSid: string
  readonly direction: 'inbound' | 'outbound-api'
  readonly from: string
  readonly to: string
  readonly status: CallStatus
  /** Every status the call has had, in order; times are of the clock. */
  readonly statuses: readonly { readonly status: CallStatus; readonly at: number }[]
  /** Time of the clock at which the call was answered. */
  readonly answeredAt: number | undefined
  /** What the person said, but not to somebody whom they were handed over to. */
  readonly said: readonly Utterance[]
  /**
   * What the person heard of the agent, and of Twilio in its place. A new utterance begins after 700 ms without a letter, or after 200 ms in which the person
   * spoke.
   */
  readonly heard: readonly Utterance[]
  /** All that was heard of the agent, with a blank between utterances. */
  heardText(): string
  /** Keys that the server's TwiML pressed towards the person. */
  readonly keysHeard: string
  /** What an answering machine recorded: all that was heard after its last beep. */
  readonly leftMessage: string
  /** Whom the server's TwiML dialled, in the order in which it rang out or was answered. */
  readonly transferredTo: readonly HandOver[]
  readonly callbacks: readonly SentCallback[]
  /** Twilio was asked to record it. */
  readonly isRecorded: boolean
  /** Every document that was carried out. */
  readonly twiml: readonly string[]
  /** How many media streams were opened. */
  readonly streamCount: number
  readonly marksReturned: number
  /** Resolves when the call is over and its last callback has been answered. */
  readonly ended: Promise<void>
  /** Both sides since the answer, of equal length. */
  recording(): TwoSides
  /** The person hangs up, or declines a call that rings. */
  hangUp(): void
  press(keys: string): void
  /** The network between Twilio and the server breaks: no `stop`, close code 1006. */
  cutStream(): void
  /** Twilio gives the stream up, and leaves its socket half open for a while. */
  freezeStream(): void
  /**
   * What the server sends never arrives, though the stream stays open and nobody is told; `both`: nor does anything that
   * Twilio sends.
   */
  stallStream(ways: 'out' | 'both'): void
  /** Twilio asks for the call's document once more and opens a second stream, while the socket of the first stays open. */
  openAnotherStream(): void
}
