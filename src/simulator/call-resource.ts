import type { CallStatus } from '../providers/twilio/messages.ts'

/** What Twilio knows of a call, from which REST answers and webhook forms are made. */
export type CallFacts = {
  readonly callSid: string
  readonly accountSid: string
  readonly direction: 'inbound' | 'outbound-api'
  readonly from: string
  readonly to: string
  readonly status: CallStatus
  readonly queueTimeMs: number
  readonly createdAt: Date | undefined
  readonly startedAt: Date | undefined
  readonly endedAt: Date | undefined
  /** Whole seconds since the answer; undefined until the end. */
  readonly durationS: number | undefined
  /** The verdict of machine detection, if there was one. */
  readonly answeredBy: string | undefined
}

export const API_VERSION = '2010-04-01'

const SUBRESOURCES = [
  'notifications',
  'recordings',
  'payments',
  'events',
  'siprec',
  'streams',
  'transcriptions',
  'user_defined_messages',
  'user_defined_message_subscriptions',
]

/** The call as REST shows it. */
export function callResource(call: CallFacts): Record<string, unknown> {
  const path = `/${API_VERSION}/Accounts/${call.accountSid}/Calls/${call.callSid}`
  return {
    sid: call.callSid,
    account_sid: call.accountSid,
    to: call.to,
    to_formatted: call.to,
    from: call.from,
    from_formatted: call.from,
    phone_number_sid: null,
    status: call.status,
    direction: call.direction,
    api_version: API_VERSION,
    date_created: dateOrNull(call.createdAt),
    date_updated: dateOrNull(call.endedAt ?? call.startedAt ?? call.createdAt),
    start_time: dateOrNull(call.startedAt),
    end_time: dateOrNull(call.endedAt),
    duration: call.durationS === undefined ? null : String(call.durationS),
    price: null,
    price_unit: 'USD',
    answered_by: call.answeredBy ?? null,
    parent_call_sid: null,
    forwarded_from: null,
    group_sid: null,
    caller_name: null,
    queue_time: String(call.queueTimeMs),
    trunk_sid: null,
    annotation: null,
    uri: `${path}.json`,
    subresource_uris: Object.fromEntries(
      SUBRESOURCES.map((name) => [name, `${path}/${pascalCase(name)}.json`]),
    ),
  }
}

/** The parameters that every webhook about a call has. Twilio fills in places when it knows them. */
export function callParams(call: CallFacts): Record<string, string> {
  const params: Record<string, string> = {
    CallSid: call.callSid,
    AccountSid: call.accountSid,
    From: call.from,
    To: call.to,
    Caller: call.from,
    Called: call.to,
    CallStatus: call.status,
    ApiVersion: API_VERSION,
    Direction: call.direction,
  }
  for (const end of ['From', 'To', 'Caller', 'Called']) {
    for (const place of ['City', 'State', 'Zip', 'Country']) params[end + place] = ''
  }
  if (call.direction === 'inbound') params['StirVerstat'] = 'TN-Validation-Passed-A'
  return params
}

const SIP_CODES: Partial<Record<CallStatus, string>> = { busy: '487', failed: '404' }

/** What the last callback adds: seconds, and begun minutes as they are billed. */
export function finalParams(call: CallFacts): Record<string, string> {
  const seconds = call.durationS ?? 0
  const sipCode = SIP_CODES[call.status]
  return {
    CallDuration: String(seconds),
    Duration: String(Math.ceil(seconds / 60)),
    ...(sipCode === undefined ? {} : { SipResponseCode: sipCode }),
    ...(call.answeredBy === undefined ? {} : { AnsweredBy: call.answeredBy }),
  }
}

/** `Thu, 12 Feb 2026 11:48:25 +0000` */
export function rfc2822(date: Date): string {
  return date.toUTCString().replace('GMT', '+0000')
}

function dateOrNull(date: Date | undefined): string | null {
  return date ? rfc2822(date) : null
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
