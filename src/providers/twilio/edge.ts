import type { WebSocket } from 'ws'
import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { type Meters, noMeters } from '../../metrics/meters.ts'
import type { TransferOutcome } from '../../pipeline/ports.ts'
import type { SessionFailure } from '../../pipeline/session-end.ts'
import { stockPhrases } from '../../pipeline/stock-phrases.ts'
import { addressOf } from './addresses.ts'
import {
  AmdForm,
  RecordingStatusForm,
  StatusForm,
  StreamEndedForm,
  StreamStatusForm,
  TransferEndedForm,
  VoiceForm,
} from './messages.ts'
import { SignatureCheck } from './signature.ts'
import { STATUS } from './status.ts'
import { type Admit, StreamDoor } from './stream-door.ts'
import * as twiml from './twiml.ts'

/** Twilio's words for what became of the other call; `canceled`: the person hung up while it rang. */
const OUTCOME: Readonly<Record<string, TransferOutcome>> = {
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no_answer',
  canceled: 'no_answer',
}

function failureOf(code: string, message: string): SessionFailure {
  return { by: 'twilio', code, message }
}

/** Everything that Twilio asks of our server, in the terms of calls: the side of Twilio that faces the routes. */
export class TwilioEdge {
  readonly #publicHost: string
  readonly #language: string
  readonly #signatures: SignatureCheck
  readonly #door: StreamDoor
  readonly #meters: Meters

  constructor(options: {
    publicHost: string
    accountSid: string
    authTokens: readonly string[]
    /** Of what is said when nobody knows which call it is. */
    language?: string
    clock: Clock
    log: Logger
    meters?: Meters
  }) {
    this.#publicHost = options.publicHost
    this.#language = options.language ?? 'en'
    this.#meters = options.meters ?? noMeters
    this.#signatures = new SignatureCheck(options)
    this.#door = new StreamDoor(options)
  }

  isWebhookGenuine(
    target: string,
    signature: string | undefined,
    params: Readonly<Record<string, unknown>>,
  ): boolean {
    const isGenuine = this.#signatures.isWebhookGenuine(target, signature, params)
    if (!isGenuine) this.#meters.signatureFailed()
    return isGenuine
  }

  isUpgradeGenuine(target: string, signature: string | undefined): boolean {
    const isGenuine = this.#signatures.isUpgradeGenuine(target, signature)
    if (!isGenuine) this.#meters.signatureFailed()
    return isGenuine
  }

  /** Readers of forms throw a `ZodError` when Twilio sent something else than documented. */
  readVoice(form: unknown) {
    const { CallSid, From, To, Direction, CallStatus } = VoiceForm.parse(form)
    const direction: 'inbound' | 'outbound' = Direction === 'inbound' ? 'inbound' : 'outbound'
    const isRinging = CallStatus === 'ringing'
    return { callSid: CallSid, from: From, to: To, direction, isRinging }
  }

  readError(form: unknown) {
    const { ErrorCode: errorCode, ErrorUrl: errorUrl } = VoiceForm.parse(form)
    return { ...(errorCode && { errorCode }), ...(errorUrl && { errorUrl }) }
  }

  readStatus(form: unknown) {
    const { CallSid, CallStatus, SipResponseCode } = StatusForm.parse(form)
    const failure = failureOf(
      SipResponseCode ? `sip_${SipResponseCode}` : 'call_failed',
      'Twilio could not reach the number',
    )
    return {
      callSid: CallSid,
      status: STATUS[CallStatus],
      ...(CallStatus === 'failed' && { failure }),
    }
  }

  readStreamStatus(form: unknown) {
    const { CallSid, StreamEvent, StreamError } = StreamStatusForm.parse(form)
    return {
      callSid: CallSid,
      event: StreamEvent,
      ...(StreamEvent === 'stream-error' && {
        failure: failureOf('stream_error', StreamError ?? 'Twilio could not open the media stream'),
      }),
    }
  }

  readStreamEnded(form: unknown) {
    const { CallSid, CallStatus } = StreamEndedForm.parse(form)
    return { callSid: CallSid, status: STATUS[CallStatus] }
  }

  readTransferEnded(form: unknown) {
    const { CallSid, CallStatus, DialCallStatus } = TransferEndedForm.parse(form)
    const outcome = OUTCOME[DialCallStatus] ?? 'failed'
    return { callSid: CallSid, status: STATUS[CallStatus], outcome }
  }

  readAmd(form: unknown) {
    const { CallSid, AnsweredBy } = AmdForm.parse(form)
    return { callSid: CallSid, answeredBy: AnsweredBy }
  }

  readRecordingStatus(form: unknown) {
    const { CallSid, RecordingSid, RecordingStatus, RecordingDuration } =
      RecordingStatusForm.parse(form)
    return {
      callSid: CallSid,
      recordingSid: RecordingSid,
      status: RecordingStatus,
      ...(RecordingDuration !== undefined && { durationS: Number(RecordingDuration) }),
    }
  }

  /** Address that a call which something else dials is answered at. */
  voiceUrl(callId: string): string {
    return addressOf(this.#publicHost, 'voice', callId)
  }

  connect(token: string): string {
    return twiml.connectStream(this.#publicHost, token)
  }

  reject(reason: 'busy' | 'rejected'): string {
    return twiml.reject(reason)
  }

  sayAndHangUp(text: string, language: string): string {
    return twiml.sayAndHangUp(text, language)
  }

  askAgain(callId?: string): string {
    return twiml.askAgain(this.#publicHost, callId)
  }

  hangUp(): string {
    return twiml.hangUp()
  }

  apologise(): string {
    return twiml.sayAndHangUp(stockPhrases(this.#language).apology, this.#language)
  }

  /** Lets a media stream in whose upgrade was genuine. */
  openStream(socket: WebSocket, admit: Admit, peer?: string): void {
    this.#door.enter(socket, admit, peer)
  }
}
