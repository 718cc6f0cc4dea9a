import { z } from 'zod'

/**
 * Twilio's wire: media-stream messages in both directions and the forms of its webhooks. Every number inside a
 * media-stream message is a string, except `sampleRate` and `channels`. What Twilio sends is read tolerantly (unknown
 * keys are dropped); what we send must match exactly, because Twilio ignores a message with a missing or an extra field
 * (warning 31951).
 */

/** The first message of a stream; it has neither a sequence number nor a stream id. */
const Connected = z.object({
  event: z.literal('connected'),
  protocol: z.string().optional(),
  version: z.string().optional(),
})

export const StreamStart = z.object({
  event: z.literal('start'),
  sequenceNumber: z.string(),
  /** Nothing in it needs escaping: it is put into every message that we send. */
  streamSid: z.string().regex(/^\w{1,64}$/),
  start: z.object({
    accountSid: z.string(),
    streamSid: z.string(),
    callSid: z.string(),
    tracks: z.array(z.string()),
    mediaFormat: z.object({
      encoding: z.string(),
      sampleRate: z.number(),
      channels: z.number(),
    }),
    /** The `<Parameter>`s of the TwiML; values are always strings. */
    customParameters: z.record(z.string(), z.string()).default({}),
  }),
})
export type StreamStart = z.infer<typeof StreamStart>

/** 20 ms of the caller. `timestamp`: milliseconds since the stream began; the first one is not 0. */
const Media = z.object({
  event: z.literal('media'),
  sequenceNumber: z.string(),
  streamSid: z.string(),
  media: z.object({
    track: z.string(),
    chunk: z.string(),
    timestamp: z.string().regex(/^\d+$/),
    /** Base64 of μ-law bytes. */
    payload: z.string(),
  }),
})

/** A key that the caller pressed. The track is `inbound_track` here, though it is `inbound` in `media`. */
const Dtmf = z.object({
  event: z.literal('dtmf'),
  sequenceNumber: z.string(),
  streamSid: z.string(),
  dtmf: z.object({ track: z.string(), digit: z.string().regex(/^[0-9A-D*#]$/) }),
})

/** The echo of our mark: its audio has been played, or was dropped by `clear`. */
const MarkEcho = z.object({
  event: z.literal('mark'),
  sequenceNumber: z.string(),
  streamSid: z.string(),
  mark: z.object({ name: z.string() }),
})

/** The stream is over: the call ended, or new TwiML took its place. */
const Stop = z.object({
  event: z.literal('stop'),
  sequenceNumber: z.string(),
  streamSid: z.string(),
  stop: z.object({ accountSid: z.string(), callSid: z.string() }),
})

/** Twilio → server. Order: `connected`, `start`, any mix of `media`, `dtmf` and `mark`, `stop`. */
export const StreamMessage = z.discriminatedUnion('event', [
  Connected,
  StreamStart,
  Media,
  Dtmf,
  MarkEcho,
  Stop,
])
export type StreamMessage = z.infer<typeof StreamMessage>

/** Server → Twilio: these three and nothing else, as JSON text frames. */
export const StreamCommand = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('media'),
    streamSid: z.string(),
    media: z.strictObject({ payload: z.base64() }),
  }),
  z.strictObject({
    event: z.literal('mark'),
    streamSid: z.string(),
    mark: z.strictObject({ name: z.string() }),
  }),
  z.strictObject({ event: z.literal('clear'), streamSid: z.string() }),
])
export type StreamCommand = z.infer<typeof StreamCommand>

/** The only format of a media stream. */
export const MEDIA_FORMAT = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 } as const

/** `CallStatus` of webhooks: what REST knows, and `initiated`. */
export const CallStatus = z.enum([
  'queued',
  'initiated',
  'ringing',
  'in-progress',
  'completed',
  'busy',
  'no-answer',
  'failed',
  'canceled',
])
export type CallStatus = z.infer<typeof CallStatus>

/** Twilio wants the TwiML of a call that was answered (`outbound-…`) or comes in (`inbound`). */
export const VoiceForm = z.object({
  AccountSid: z.string(),
  CallSid: z.string(),
  /** Any string: callers may be `anonymous`, `client:…` or `sip:…`. */
  From: z.string(),
  To: z.string(),
  CallStatus: CallStatus,
  Direction: z.string(),
  /** Only to the fallback url: why it is asked, and instead of what. */
  ErrorCode: z.string().optional(),
  ErrorUrl: z.string().optional(),
})
export type VoiceForm = z.infer<typeof VoiceForm>

/** Call progress. Callbacks are unordered and may come twice; `SequenceNumber` counts from 0. */
export const StatusForm = z.object({
  AccountSid: z.string(),
  CallSid: z.string(),
  CallStatus: CallStatus,
  SequenceNumber: z.string().optional(),
  /** RFC 2822. */
  Timestamp: z.string().optional(),
  /** Seconds; only in the last callback. */
  CallDuration: z.string().optional(),
  SipResponseCode: z.string().optional(),
})
export type StatusForm = z.infer<typeof StatusForm>

/** The life of a `<Stream>`. `stream-error` is the only place that tells why a socket could not be opened. */
export const StreamStatusForm = z.object({
  AccountSid: z.string(),
  CallSid: z.string(),
  StreamSid: z.string(),
  StreamEvent: z.enum(['stream-started', 'stream-stopped', 'stream-error']),
  StreamError: z.string().optional(),
  /** ISO 8601. */
  Timestamp: z.string().optional(),
})
export type StreamStatusForm = z.infer<typeof StreamStatusForm>

/** `<Connect action>`: the stream has ended and Twilio asks what comes next. */
export const StreamEndedForm = VoiceForm
export type StreamEndedForm = z.infer<typeof StreamEndedForm>

/** `<Dial action>`: the other call is over and Twilio asks what comes next. */
export const TransferEndedForm = VoiceForm.extend({
  /** Of the other call: `completed`, `busy`, `no-answer`, `failed` or `canceled`. */
  DialCallStatus: z.string(),
})
export type TransferEndedForm = z.infer<typeof TransferEndedForm>

/** What became of the recording that Twilio makes of a call; minutes may pass after its end. */
export const RecordingStatusForm = z.object({
  AccountSid: z.string(),
  CallSid: z.string(),
  RecordingSid: z.string(),
  /** `absent`: there is nothing to hear in it, and Twilio keeps nothing. */
  RecordingStatus: z.enum(['in-progress', 'completed', 'absent', 'failed']),
  /** Seconds. */
  RecordingDuration: z.string().regex(/^\d+$/).optional(),
  RecordingChannels: z.string().optional(),
  /** Asks for the account's credentials, or for none: as the account is set. */
  RecordingUrl: z.string().optional(),
})
export type RecordingStatusForm = z.infer<typeof RecordingStatusForm>

/** What machine detection has found out, some seconds into the call. */
export const AmdForm = z.object({
  AccountSid: z.string(),
  CallSid: z.string(),
  /** `human`, `machine_start`, `fax` or `unknown`; with other settings `machine_end_…`. */
  AnsweredBy: z.string(),
  /** Milliseconds. */
  MachineDetectionDuration: z.string().optional(),
})
export type AmdForm = z.infer<typeof AmdForm>
