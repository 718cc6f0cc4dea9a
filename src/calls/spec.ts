import { z } from 'zod'
import {
  bodyFromHttpTool,
  E164,
  HttpToolBody,
  httpToolFromBody,
  HttpToolModel,
  OutcomeSchemaBody,
  RecordBody,
  recordFromBody,
  TransferTargetBody,
  VoicemailBody,
  WebhookUrl,
} from './spec-parts.ts'

const line = (max: number) => z.string().trim().min(1).max(max)

/** What the user of the API asks for: the body of `POST /api/phone/call`. */
export const CallSpecBody = z
  .strictObject({
    phone_number: E164.meta({
      description: 'Whom to call, in E.164 form',
      examples: ['+15551234567'],
    }),
    action: line(2000).meta({
      description: 'What the call is for, as one would tell an assistant',
      examples: ['Confirm your dentist appointment Thursday at 2pm'],
    }),
    context: line(8000)
      .optional()
      .meta({
        description: 'The facts the agent may use; it invents no others',
        examples: ['Dr. Smith, Suite 200. Rescheduling available Mon-Fri.'],
      }),
    callee_name: line(200)
      .optional()
      .meta({ examples: ['John'] }),
    agent_name: line(200)
      .optional()
      .meta({ examples: ['Alex'] }),
    organization: line(200)
      .optional()
      .meta({ examples: ['Downtown Dental'] }),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a BCP 47 language, such as en or de-DE')
      .optional()
      .meta({ description: 'BCP 47; default: the server’s LANGUAGE', examples: ['en'] }),
    voice_id: z
      .string()
      .regex(/^[\w-]{1,64}$/, 'the id of a voice')
      .optional()
      .meta({ description: 'Voice of the vendor that speaks; default: the server’s' }),
    opening: line(1000)
      .optional()
      .meta({ description: 'Exact first words, instead of generated ones' }),
    first_speaker: z.enum(['agent', 'callee', 'auto']).optional().meta({
      description:
        'Who speaks first once the phone is answered. `callee` and `auto` wait for a hello, `auto` only briefly. Default: `auto`; `agent` for inbound calls',
    }),
    disclosure: line(1000)
      .optional()
      .meta({
        description: 'Exact words before the opening, which nobody can talk over',
        examples: ['This call may be recorded.'],
      }),
    uninterruptible: z
      .array(z.enum(['opening', 'goodbye']))
      .max(2)
      .optional()
      .meta({ description: 'What the agent says to its end, whoever talks over it' }),
    voicemail: VoicemailBody.optional(),
    transfer_to: z
      .array(TransferTargetBody)
      .max(10)
      .optional()
      .meta({ description: 'The only numbers that the agent may hand the caller over to' }),
    tools: z
      .array(HttpToolBody)
      .max(16)
      .refine(
        (tools) => new Set(tools.map(({ name }) => name)).size === tools.length,
        'tools with different names',
      )
      .optional()
      .meta({ description: 'HTTP endpoints that the agent may ask during the call' }),
    outcome_schema: OutcomeSchemaBody.optional(),
    webhook_url: WebhookUrl.optional(),
    record: RecordBody.optional(),
    pronunciation: z
      .record(z.string().trim().min(1).max(100), z.string().trim().min(1).max(200))
      .refine((words) => Object.keys(words).length <= 100, 'at most 100 entries')
      .optional()
      .meta({
        description: 'How words are to be said: as written → as spoken',
        examples: [{ Nguyen: 'Win' }],
      }),
    max_duration_s: z
      .int()
      .min(10)
      .max(14_400)
      .optional()
      .meta({ description: 'The call is ended after this long; default: MAX_DURATION_S' }),
    backend: z.enum(['parley', 'atoms']).optional().meta({
      description:
        'Who carries the conversation: this server (default), or an agent of Smallest.ai’s Atoms in their cloud',
    }),
    metadata: z
      .record(z.string().min(1).max(64), z.string().max(500))
      .refine((metadata) => Object.keys(metadata).length <= 50, 'at most 50 entries')
      .optional()
      .meta({ description: 'Yours: kept with the call and returned with it' }),
  })
  .meta({ title: 'CallSpec' })
export type CallSpecBody = z.infer<typeof CallSpecBody>

const CallSpecModel = z.object({
  /** E.164 for a call that we place; for an inbound one whatever the carrier says of the caller. */
  phoneNumber: z.string(),
  action: z.string(),
  context: z.string().optional(),
  calleeName: z.string().optional(),
  agentName: z.string().optional(),
  organization: z.string().optional(),
  language: z.string().optional(),
  voiceId: z.string().optional(),
  opening: z.string().optional(),
  firstSpeaker: z.enum(['agent', 'callee', 'auto']).optional(),
  disclosure: z.string().optional(),
  uninterruptible: z.array(z.enum(['opening', 'goodbye'])).optional(),
  voicemail: z
    .object({ action: z.enum(['leave_message', 'hang_up']), message: z.string().optional() })
    .optional(),
  transferTo: z
    .array(z.object({ phoneNumber: z.string(), name: z.string(), when: z.string().optional() }))
    .optional(),
  tools: z.array(HttpToolModel).optional(),
  outcomeSchema: z.looseObject({}).optional(),
  webhookUrl: z.string().optional(),
  /** The call is kept as sound; `announcement`: words that tell the person so before anything else. */
  record: z.object({ announcement: z.string().optional() }).optional(),
  pronunciation: z.record(z.string(), z.string()).optional(),
  maxDurationS: z.int().optional(),
  backend: z.enum(['parley', 'atoms']).optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  /** The trace that the call belongs to: the `traceparent` header it was asked for with. */
  traceparent: z.string().optional(),
})

/** What a call is to be, as the rest of the code knows it. */
export type CallSpec = z.infer<typeof CallSpecModel>

export function specFromBody(body: CallSpecBody): CallSpec {
  return {
    phoneNumber: body.phone_number,
    action: body.action,
    context: body.context,
    calleeName: body.callee_name,
    agentName: body.agent_name,
    organization: body.organization,
    language: body.language,
    voiceId: body.voice_id,
    opening: body.opening,
    firstSpeaker: body.first_speaker,
    disclosure: body.disclosure,
    uninterruptible: body.uninterruptible,
    voicemail: body.voicemail,
    transferTo: body.transfer_to?.map(({ phone_number: phoneNumber, name, when }) => ({
      phoneNumber,
      name,
      when,
    })),
    tools: body.tools?.map(httpToolFromBody),
    outcomeSchema: body.outcome_schema,
    webhookUrl: body.webhook_url,
    record: recordFromBody(body.record),
    pronunciation: body.pronunciation,
    maxDurationS: body.max_duration_s,
    backend: body.backend,
    metadata: body.metadata,
  }
}

export function bodyFromSpec(spec: CallSpec): CallSpecBody {
  return {
    phone_number: spec.phoneNumber,
    action: spec.action,
    context: spec.context,
    callee_name: spec.calleeName,
    agent_name: spec.agentName,
    organization: spec.organization,
    language: spec.language,
    voice_id: spec.voiceId,
    opening: spec.opening,
    first_speaker: spec.firstSpeaker,
    disclosure: spec.disclosure,
    uninterruptible: spec.uninterruptible,
    voicemail: spec.voicemail,
    transfer_to: spec.transferTo?.map(({ phoneNumber, name, when }) => ({
      phone_number: phoneNumber,
      name,
      when,
    })),
    tools: spec.tools?.map(bodyFromHttpTool),
    outcome_schema: spec.outcomeSchema,
    webhook_url: spec.webhookUrl,
    record: spec.record,
    pronunciation: spec.pronunciation,
    max_duration_s: spec.maxDurationS,
    backend: spec.backend,
    metadata: spec.metadata,
  }
}

/** The body of a request, and the spec it means. */
export const callSpecCodec = z.codec(CallSpecBody, CallSpecModel, {
  decode: specFromBody,
  encode: bodyFromSpec,
})
