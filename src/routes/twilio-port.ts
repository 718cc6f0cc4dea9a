import type { WebSocket } from '@fastify/websocket'
import type { AnsweredCall } from '../calls/answered-call.ts'
import type { CallStatus } from '../calls/call-status.ts'
import type { Line, LineListener, TransferOutcome } from '../pipeline/ports.ts'
import type { SessionFailure } from '../pipeline/session-end.ts'

/** What the routes that Twilio calls need to know of Twilio's ways. Readers throw when a form is not as documented. */
export interface TwilioPort {
  /** `target`: the request's path and query, exactly as they came. */
  isWebhookGenuine(
    target: string,
    signature: string | undefined,
    params: Readonly<Record<string, unknown>>,
  ): boolean
  isUpgradeGenuine(target: string, signature: string | undefined): boolean

  readVoice(form: unknown): Omit<AnsweredCall, 'callId'>
  /** What went wrong with the voice url, of a form that was sent to the fallback url. */
  readError(form: unknown): { errorCode?: string; errorUrl?: string }
  readStatus(form: unknown): { callSid: string; status: CallStatus; failure?: SessionFailure }
  readStreamStatus(form: unknown): { callSid: string; event: string; failure?: SessionFailure }
  /** `status`: of the call itself, whose stream or transfer is over. */
  readStreamEnded(form: unknown): { callSid: string; status: CallStatus }
  readTransferEnded(form: unknown): {
    callSid: string
    status: CallStatus
    outcome: TransferOutcome
  }
  /** What became of the carrier's own recording of a call, in its own words. */
  readRecordingStatus(form: unknown): {
    callSid: string
    recordingSid: string
    status: string
    durationS?: number
  }
  /** `answeredBy`: in the carrier's own words. */
  readAmd(form: unknown): { callSid: string; answeredBy: string }

  /** Address that a call which something else dials is answered at. */
  voiceUrl(callId: string): string

  /** TwiML documents. */
  connect(token: string): string
  reject(reason: 'busy' | 'rejected'): string
  sayAndHangUp(text: string, language: string): string
  hangUp(): string
  /** In a moment, what to do with the call. */
  askAgain(callId?: string): string
  /** Needs nothing of ours. */
  apologise(): string

  openStream(
    socket: WebSocket,
    admit: (claim: { callSid: string; token: string }, line: Line) => LineListener | undefined,
    /** The address that the stream comes from. */
    peer: string,
  ): void
}
