import { z } from 'zod'
import { CALL_STATUSES } from '../calls/call-status.ts'
import type { CallRecord } from '../calls/record.ts'
import { bodyFromSpec, CallSpecBody } from '../calls/spec.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { Turn } from '../pipeline/transcript.ts'

/** Calls as the API shows them: snake_case, times as ISO 8601, absent values as null. */
const ms = z.int()

const TurnView = z.discriminatedUnion('role', [
  z.object({ role: z.literal('caller'), text: z.string(), start_ms: ms, end_ms: ms }),
  z.object({
    role: z.literal('agent'),
    text: z.string().meta({ description: 'The words that were heard' }),
    interrupted: z.boolean(),
    start_ms: ms,
    end_ms: ms,
  }),
  z.object({
    role: z.literal('tool'),
    id: z.string(),
    name: z.string(),
    input: z.unknown(),
    result: z.string(),
    start_ms: ms,
    end_ms: ms,
  }),
])

const TimingsView = z
  .object({
    reply: z.int(),
    kind: z.enum(['opening', 'answer', 'reprompt', 'apology', 'time_up', 'no_answer']),
    speech_end_ms: ms.optional(),
    turn_end_ms: ms.optional(),
    first_text_ms: ms.optional(),
    first_phrase_ms: ms.optional(),
    first_audio_ms: ms.optional(),
    heard_ms: ms.optional(),
    barge_in_ms: ms.optional(),
    cleared_ms: ms.optional(),
  })
  .meta({ description: 'Milliseconds since the line was there, for one turn of the agent' })

export const CallSummary = z
  .object({
    call_id: z.string(),
    call_sid: z.string().nullable().meta({ description: 'Twilio’s id of the call' }),
    direction: z.enum(['outbound', 'inbound']),
    status: z.enum(CALL_STATUSES),
    phone_number: z.string(),
    created_at: z.iso.datetime(),
    answered_at: z.iso.datetime().nullable(),
    ended_at: z.iso.datetime().nullable(),
    duration_s: z.number().nullable().meta({ description: 'From the answer to the end' }),
    end_reason: z
      .enum([
        'agent_hung_up',
        'caller_hung_up',
        'requested',
        'time_limit',
        'silence',
        'failed',
        'not_answered',
        'expired',
      ])
      .nullable(),
    failure: z
      .object({ by: z.string(), code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'Who is to blame, when the status is `failed`' }),
    metadata: z.record(z.string(), z.string()),
  })
  .meta({ title: 'CallSummary' })

/** An inbound call's number may be anything, such as `anonymous`; what it is about comes from the configuration. */
const SpecView = CallSpecBody.extend({
  phone_number: z.string(),
  action: z.string(),
  context: z.string().optional(),
})

export const CallView = CallSummary.extend({
  spec: SpecView,
  transcript: z.array(TurnView).meta({ description: 'What was said, as it was heard' }),
  timings: z.array(TimingsView),
}).meta({ title: 'Call' })

export function summaryOf(record: CallRecord): z.infer<typeof CallSummary> {
  const { answeredAt, endedAt, failure } = record
  return {
    call_id: record.callId,
    call_sid: record.callSid ?? null,
    direction: record.direction,
    status: record.status,
    phone_number: record.spec.phoneNumber,
    created_at: record.createdAt.toISOString(),
    answered_at: answeredAt?.toISOString() ?? null,
    ended_at: endedAt?.toISOString() ?? null,
    duration_s: answeredAt && endedAt ? (endedAt.getTime() - answeredAt.getTime()) / 1000 : null,
    end_reason: record.endReason ?? null,
    failure: failure ?? null,
    metadata: record.spec.metadata ?? {},
  }
}

export function viewOf(record: CallRecord): z.infer<typeof CallView> {
  return {
    ...summaryOf(record),
    spec: bodyFromSpec(record.spec),
    transcript: record.turns.map(turnOf),
    timings: record.timings.map(timingsOf),
  }
}

function turnOf(turn: Turn): z.infer<typeof TurnView> {
  const { startMs, endMs, ...said } = turn
  return { ...said, start_ms: Math.round(startMs), end_ms: Math.round(endMs) }
}

function timingsOf(times: TurnTimings): z.infer<typeof TimingsView> {
  return {
    reply: times.reply,
    kind: times.kind,
    ...rounded('speech_end_ms', times.speechEndMs),
    ...rounded('turn_end_ms', times.turnEndMs),
    ...rounded('first_text_ms', times.firstTextMs),
    ...rounded('first_phrase_ms', times.firstPhraseMs),
    ...rounded('first_audio_ms', times.firstAudioMs),
    ...rounded('heard_ms', times.heardMs),
    ...rounded('barge_in_ms', times.bargeInMs),
    ...rounded('cleared_ms', times.clearedMs),
  }
}

function rounded(name: string, value: number | undefined): Readonly<Record<string, number>> {
  return value === undefined ? {} : { [name]: Math.round(value) }
}
