import { z } from 'zod'
import { CallSpecBody } from '../../calls/spec.ts'
import { E164, WebhookUrl } from '../../calls/spec-parts.ts'

/** What the words of a person or a model may be long. */
const MAX_INSTRUCTIONS_CHARS = 2000

/** The input of `call-and-follow-up`. */
export const FollowUpInput = z
  .strictObject({
    call: CallSpecBody.meta({ description: 'The call: a body of `POST /api/phone/call`' }),
    approval: z.enum(['none', 'call', 'follow_up', 'both']).default('none').meta({
      description: 'Before which calls a person is asked: the first, a follow-up call, or both',
    }),
    attempts: z.int().min(1).max(10).default(3).meta({
      description: 'How often the person is rung at most when nobody picks up or the line is busy',
    }),
    retry_after_s: z
      .int()
      .min(1)
      .max(7 * 86_400)
      .default(300)
      .meta({ description: 'How long after an attempt in vain the next one comes' }),
    give_up_after_s: z.int().min(60).max(86_400).default(18_000).meta({
      description: 'How long after it was placed a call is waited for at most',
    }),
    follow_up: z
      .strictObject({
        instructions: z.string().trim().min(1).max(MAX_INSTRUCTIONS_CHARS).optional().meta({
          description:
            'When to call again, whom and why. Without them: only who asks to be called back is called again',
        }),
        phone_numbers: z.array(E164).max(10).default([]).meta({
          description: 'Others who may be called; nobody else is',
        }),
        webhook_url: WebhookUrl.optional().meta({ description: 'Where to report what came of it' }),
      })
      .default({ phone_numbers: [] }),
  })
  .meta({ title: 'CallAndFollowUp' })
export type FollowUpInput = z.infer<typeof FollowUpInput>

/** What a run knows of a call that is over. */
export const FinishedCall = z.object({
  call_id: z.string(),
  status: z.string(),
  disposition: z.string().nullable(),
  summary: z.string().nullable(),
  /** When the person wants to be called again, in their words. */
  callback_at: z.string().nullable(),
  opted_out: z.boolean(),
  transcript: z.array(z.string()),
})
export type FinishedCall = z.infer<typeof FinishedCall>

/** A call that the run has to make, until somebody is reached or it gives up. `spec` null: there is none. */
export const CallTask = z.object({
  spec: CallSpecBody.nullable(),
  /** How many there were. */
  attempt: z.int(),
  attempts: z.int(),
  retry_after_s: z.int(),
  give_up_after_s: z.int(),
  /** The next attempt comes this long after the one before; the first of a follow-up call may have to wait too. */
  wait_s: z.number(),
  last: FinishedCall.nullable(),
  /** Why there was no call at all: an error code of the API. */
  refused: z.string().nullable(),
  call_ids: z.array(z.string()),
})
export type CallTask = z.infer<typeof CallTask>

export const PlacedTask = CallTask.extend({ call_id: z.string().nullable() })
export type PlacedTask = z.infer<typeof PlacedTask>

/** What the workflow goes on with after the first call. */
export const Summary = z.object({
  outcome: z.enum(['reached', 'not_reached', 'refused']),
  summary: z.string(),
  task: CallTask,
})
export type Summary = z.infer<typeof Summary>

export const Decision = z.object({
  action: z.enum(['call', 'webhook', 'done']),
  reason: z.string(),
  phone_number: E164.optional(),
  purpose: z.string().optional(),
  wait_s: z.number().optional(),
})
export type Decision = z.infer<typeof Decision>

export const Decided = Summary.extend({ decision: Decision, next: CallTask })
export type Decided = z.infer<typeof Decided>

/** What came of a run. */
export const FollowUpResult = z.object({
  outcome: z.enum(['reached', 'not_reached', 'refused', 'not_approved']),
  summary: z.string().nullable(),
  calls: z.array(z.string()).meta({ description: 'Ids of all calls, in order' }),
  decision: Decision.nullable(),
  follow_up: FinishedCall.nullable().meta({ description: 'The follow-up call, if there was one' }),
  webhook: z.enum(['delivered', 'failed']).nullable(),
})
export type FollowUpResult = z.infer<typeof FollowUpResult>

/** What a suspended run waits for: shown by the API, and what wakes it goes by it. */
export const Waiting = z.discriminatedUnion('waiting_for', [
  z.object({
    waiting_for: z.literal('call'),
    call_id: z.string(),
    until: z.iso.datetime(),
    wait_ms: z.number(),
  }),
  z.object({ waiting_for: z.literal('time'), until: z.iso.datetime(), wait_ms: z.number() }),
  z.object({
    waiting_for: z.literal('approval'),
    phone_number: z.string(),
    purpose: z.string(),
  }),
])
export type Waiting = z.infer<typeof Waiting>

/** What a person answers who was asked for approval. */
export const Approval = z.object({ approved: z.boolean(), by: z.string().max(200).optional() })
/** A wait for a time is over, or is not to go on. */
export const GoOn = z.object({})
/** The call that is waited for may be over; `timed_out`: it was waited for long enough. */
export const LookAgain = z.object({ timed_out: z.boolean().optional() })
