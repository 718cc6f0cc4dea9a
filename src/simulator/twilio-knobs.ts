/** How the simulated Twilio behaves; may be changed at any time, and holds for what begins afterwards. */
export type TwilioKnobs = {
  /** Calls dialled a second; what is more waits in the queue. A real account begins with 1. */
  callsPerSecond: number
  /** Every create is refused with this while it is set. */
  refuseDial: { status: number; code: number; message: string } | undefined
  /** Numbers the account owns; any other `From` is refused (21210). Undefined: every number. */
  ownNumbers: readonly string[] | undefined
  /** From the `initiated` callback to ringing. */
  setupMs: number
  /** The `answered` callback leaves this long before the voice webhook, as it was seen on a real call. */
  answeredLeadMs: number
  /** From the TwiML to the opening of the stream's socket. */
  streamConnectMs: number
  /** How long the stream's socket may take to open; what Twilio allows is not known. */
  streamTimeoutMs: number
  /** The first frame's timestamp; real streams begin at 100 to 170. */
  firstTimestampMs: number
  /** How often each status callback is sent: 0 loses them, 2 sends them twice. */
  callbackCopies: number
  /** Holds back the callbacks of an event for so long; others overtake them. */
  callbackDelayMs: Partial<Record<ProgressEvent, number>>
  /** The whole answer to a webhook must be there by then (11205). */
  webhookTimeoutMs: number
  /** What becomes of every `<Dial>`. */
  dialOutcome: { status: DialStatus; durationS: number }
  /** The status of a call that `<Reject>` refused without the reason "busy"; not known for sure. */
  rejectedStatus: 'no-answer' | 'busy' | 'failed'
  /** How long a socket that `freezeStream` has silenced stays half open. */
  frozenStreamMs: number
  /** Whether calls keep their sound for `recording()`; without it hundreds of calls need little memory. */
  record: boolean
}

export type ProgressEvent = 'initiated' | 'ringing' | 'answered' | 'completed'
export type DialStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled'

export const DEFAULT_KNOBS: Readonly<TwilioKnobs> = {
  callsPerSecond: Infinity,
  refuseDial: undefined,
  ownNumbers: undefined,
  setupMs: 200,
  answeredLeadMs: 75,
  streamConnectMs: 30,
  streamTimeoutMs: 10_000,
  firstTimestampMs: 150,
  callbackCopies: 1,
  callbackDelayMs: {},
  webhookTimeoutMs: 15_000,
  dialOutcome: { status: 'completed', durationS: 5 },
  rejectedStatus: 'no-answer',
  frozenStreamMs: 30_000,
  record: true,
}
