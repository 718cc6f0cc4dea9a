import type { ProgressSubscription } from './call-progress.ts'
import type { RecordingWanted } from './carrier-recording.ts'
import type { DetectionWanted } from './machine-detection.ts'
import type { ProgressEvent, TwilioKnobs } from './twilio-knobs.ts'
import { RestError } from './twilio-rest-errors.ts'
import type { DocumentSource } from './twiml-documents.ts'
import { type Action, type HttpMethod, readMethod } from './twiml.ts'

/** What `POST Calls.json` asks for. */
export type NewCall = {
  readonly from: string
  readonly to: string
  readonly source: DocumentSource
  readonly fallback: Action | undefined
  readonly progress: ProgressSubscription
  readonly timeoutS: number
  readonly timeLimitS: number
  readonly detection: DetectionWanted | undefined
  readonly recording: RecordingWanted | undefined
  /** Keys that are pressed as soon as somebody has answered, before the TwiML. */
  readonly sendDigits: string | undefined
}

/** What an update of a call asks for; what is absent stays as it is. */
export type CallUpdate = {
  readonly status?: 'completed' | 'canceled'
  readonly source?: DocumentSource
  readonly timeLimitS?: number
  readonly statusCallback?: string
}

const E164 = /^\+[1-9]\d{6,14}$/
const SEND_DIGITS = /^[0-9A-D#*wW]{1,32}$/
const TWIML_LIMIT = 4000
const DETECTION_TIMEOUT_S = 30
const DEFAULT_TIMEOUT_S = 60
const MAX_TIMEOUT_S = 600
/** Four hours. */
const DEFAULT_TIME_LIMIT_S = 14_400
const EVENTS: readonly ProgressEvent[] = ['initiated', 'ringing', 'answered', 'completed']

/** Checked in Twilio's order: To, From, what to do, formats. Unknown parameters are ignored. */
export function readNewCall(form: URLSearchParams, knobs: TwilioKnobs): NewCall {
  const to = form.get('To') ?? ''
  const from = form.get('From') ?? ''
  if (to === '') throw new RestError(21201)
  if (from === '') throw new RestError(21213)
  const source = readSource(form)
  if (!source) throw new RestError(21205)
  if (!E164.test(to) || to === from) throw new RestError(21211)
  if (!E164.test(from)) throw new RestError(21212)
  if (knobs.ownNumbers && !knobs.ownNumbers.includes(from)) throw new RestError(21210)
  const fallbackUrl = form.get('FallbackUrl')
  return {
    from,
    to,
    source,
    fallback:
      fallbackUrl === null
        ? undefined
        : { url: checkedUrl(fallbackUrl), method: formMethod(form, 'FallbackMethod') },
    progress: readSubscription(form),
    timeoutS: readTimeout(form),
    timeLimitS: Number(form.get('TimeLimit') ?? DEFAULT_TIME_LIMIT_S),
    detection: readDetection(form),
    recording: readRecording(form),
    sendDigits: readSendDigits(form),
  }
}

export function readUpdate(form: URLSearchParams): CallUpdate {
  const status = form.get('Status')
  const source = readSource(form)
  const timeLimit = form.get('TimeLimit')
  const statusCallback = form.get('StatusCallback')
  return {
    ...(status === 'completed' || status === 'canceled' ? { status } : {}),
    ...(source ? { source } : {}),
    ...(timeLimit === null ? {} : { timeLimitS: Number(timeLimit) }),
    ...(statusCallback === null ? {} : { statusCallback: checkedUrl(statusCallback) }),
  }
}

/** `Url` wins over `Twiml`. */
function readSource(form: URLSearchParams): DocumentSource | undefined {
  const url = form.get('Url')
  if (url !== null) return { url: checkedUrl(url), method: formMethod(form, 'Method') }
  const twiml = form.get('Twiml')
  if (twiml === null) return undefined
  if (twiml.length > TWIML_LIMIT) throw new RestError(32018)
  return { twiml }
}

function readSubscription(form: URLSearchParams): ProgressSubscription {
  const url = form.get('StatusCallback')
  // The key is repeated, once for each event.
  const named = form.getAll('StatusCallbackEvent')
  const events = EVENTS.filter((event) => named.includes(event))
  return {
    url: url === null ? undefined : checkedUrl(url),
    method: formMethod(form, 'StatusCallbackMethod'),
    events: new Set(named.length > 0 ? events : ['completed']),
  }
}

/** A call that presses keys by itself is not examined. Unknown values are ignored like unknown parameters. */
function readDetection(form: URLSearchParams): DetectionWanted | undefined {
  const kind = form.get('MachineDetection')
  if (form.get('SendDigits') !== null) return undefined
  if (kind !== 'Enable' && kind !== 'DetectMessageEnd') return undefined
  const url = form.get('AsyncAmdStatusCallback')
  return {
    kind,
    isAsync: form.get('AsyncAmd') === 'true',
    callback:
      url === null
        ? undefined
        : { url: checkedUrl(url), method: formMethod(form, 'AsyncAmdStatusCallbackMethod') },
    timeoutMs: 1000 * Number(form.get('MachineDetectionTimeout') ?? DETECTION_TIMEOUT_S),
  }
}

function readRecording(form: URLSearchParams): RecordingWanted | undefined {
  if (form.get('Record') !== 'true') return undefined
  const url = form.get('RecordingStatusCallback')
  const events = form.getAll('RecordingStatusCallbackEvent').flatMap((names) => names.split(' '))
  return {
    channels: form.get('RecordingChannels') === 'dual' ? 'dual' : 'mono',
    callback:
      url === null
        ? undefined
        : { url: checkedUrl(url), method: formMethod(form, 'RecordingStatusCallbackMethod') },
    events: new Set(events.length > 0 ? events : ['completed']),
  }
}

function readSendDigits(form: URLSearchParams): string | undefined {
  const digits = form.get('SendDigits') ?? undefined
  if (digits !== undefined && !SEND_DIGITS.test(digits)) throw new RestError(21206)
  return digits
}

function readTimeout(form: URLSearchParams): number {
  const timeoutS = Number(form.get('Timeout') ?? DEFAULT_TIMEOUT_S)
  if (!(timeoutS > 0 && timeoutS <= MAX_TIMEOUT_S)) throw new RestError(21208)
  return timeoutS
}

function checkedUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw new RestError(21205)
  return url
}

function formMethod(form: URLSearchParams, name: string): HttpMethod {
  const method = form.get(name) ?? 'POST'
  if (!/^(get|post)$/i.test(method)) throw new RestError(21209)
  return readMethod(method)
}
