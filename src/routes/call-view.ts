import { z } from 'zod'
import { CALL_STATUSES } from '../calls/call-status.ts'
import { type CallRecord, END_REASONS } from '../calls/record.ts'
import { bodyFromSpec, CallSpecBody } from '../calls/spec.ts'
import type { AnsweredBy } from '../pipeline/answering/answered-by.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { Turn } from '../pipeline/transcript.ts'
import { REPLY_KINDS } from '../pipeline/turn-events.ts'

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
    kind: z.enum(REPLY_KINDS),
    speech_end_ms: ms.optional(),
    turn_end_ms: ms.optional(),
    filler_ms: ms.optional().meta({ description: 'Words that bridged the wait for a tool' }),
    first_text_ms: ms.optional(),
    first_phrase_ms: ms.optional(),
    first_audio_ms: ms.optional(),
    heard_ms: ms.optional(),
    barge_in_ms: ms.optional(),
    cleared_ms: ms.optional(),
  })
  .meta({ description: 'Milliseconds since the line was there, for one turn of the agent' })

/** Whom a call can meet; one that is missing here does not compile. */
const ANSWERED_BY = {
  person: 'person',
  voicemail: 'voicemail',
  mailbox_full: 'mailbox_full',
  ivr: 'ivr',
  screening: 'screening',
  carrier: 'carrier',
  fax: 'fax',
} as const satisfies { readonly [By in AnsweredBy]: By }

const NoteView = z
  .object({ result: z.string(), details: z.unknown().optional() })
  .meta({ description: 'What the agent has noted as an outcome' })

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
    end_reason: z.enum(END_REASONS).nullable(),
    failure: z
      .object({ by: z.string(), code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'Who is to blame, when the status is `failed`' }),
    answered_by: z
      .enum(ANSWERED_BY)
      .nullable()
      .meta({ description: 'Who or what answered; null as long as it is not known' }),
    opted_out: z.boolean().meta({ description: 'The person does not want to be called again' }),
    transferred_to: z
      .string()
      .nullable()
      .meta({ description: 'To whom the person was handed over, by name' }),
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
  notes: z.array(NoteView).meta({ description: 'Oldest first' }),
  message_left: z
    .string()
    .nullable()
    .meta({ description: 'What was left on a machine, as far as it was played' }),
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
    answered_by: record.answeredBy ?? null,
    opted_out: record.optedOut,
    transferred_to: record.transferredTo ?? null,
    metadata: record.spec.metadata ?? {},
  }
}

export function viewOf(record: CallRecord): z.infer<typeof CallView> {
  return {
    ...summaryOf(record),
    spec: bodyFromSpec(record.spec),
    notes: record.notes.map((note) => ({ ...note })),
    message_left: record.messageLeft ?? null,
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
    ...rounded('filler_ms', times.fillerMs),
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
