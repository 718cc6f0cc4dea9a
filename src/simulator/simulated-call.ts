import type { CallStatus } from '../providers/twilio/messages.ts'
import type { SentCallback } from './call-progress.ts'
import type { TwoSides } from './call-recording.ts'
import type { Utterance } from './person-ear.ts'

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
  /** What the person said. */
  readonly said: readonly Utterance[]
  /**
   * What the person heard. A new utterance begins after 700 ms without a letter, or after 200 ms in which the person
   * spoke.
   */
  readonly heard: readonly Utterance[]
  /** All that was heard, with a blank between utterances. */
  heardText(): string
  /** Keys that the server's TwiML pressed towards the person. */
  readonly keysHeard: string
  readonly callbacks: readonly SentCallback[]
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
}
