import { z } from 'zod'
import { CALL_STATUSES } from '../calls/call-status.ts'
import { type CallRecord, END_REASONS } from '../calls/record.ts'
import type { AnsweredBy } from '../pipeline/answering/answered-by.ts'
import { summaryExample } from './examples.ts'

/** Calls as the API lists them: snake_case, times as ISO 8601, absent values as null. */

/** Whom a call can meet; one that is missing here does not compile. */
export const ANSWERED_BY = {
  person: 'person',
  voicemail: 'voicemail',
  mailbox_full: 'mailbox_full',
  ivr: 'ivr',
  screening: 'screening',
  carrier: 'carrier',
  fax: 'fax',
} as const satisfies { readonly [By in AnsweredBy]: By }

export const Failure = z.object({ by: z.string(), code: z.string(), message: z.string() })

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
    failure: Failure.nullable().meta({
      description: 'Who is to blame, when the status is `failed`',
    }),
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

export const CallList = z
  .object({
    calls: z.array(CallSummary),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Pass it as `cursor` to get the calls before these' }),
  })
  .meta({
    title: 'CallList',
    examples: [{ calls: [summaryExample], next_cursor: summaryExample.call_id }],
  })

export const CallParams = z.object({
  call_id: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: [summaryExample.call_id] }),
})

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
