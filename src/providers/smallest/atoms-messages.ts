import { z } from 'zod'

/**
 * The JSON of the Atoms API and its webhooks, as it is on the wire. Only what Parley reads is described; what a server leaves
 * out or adds changes nothing.
 */

/** What may be missing or null is `undefined`. */
function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined)
}

/** Flat: a nested value is refused with 400. */
export const CallVariables = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
export type CallVariables = z.infer<typeof CallVariables>

export const OutboundCall = z.object({
  agentId: z.string(),
  /** E.164 */
  phoneNumber: z.string(),
  variables: CallVariables.optional(),
  /** The number to call from; without one, the agent's. */
  fromProductId: z.string().optional(),
  versionId: z.string().optional(),
})
export type OutboundCall = z.infer<typeof OutboundCall>

export const StartedCall = z.object({ conversationId: z.string() })
export type StartedCall = z.infer<typeof StartedCall>

/** The SDK's types have bare strings here. A time is ISO 8601, or a number whose unit no page tells. */
export const TranscriptEntry = z.union([
  z.object({
    role: z.string(),
    content: z.string(),
    timestamp: maybe(z.union([z.string(), z.number()])),
  }),
  z.string().transform((content) => ({ role: 'agent', content, timestamp: undefined })),
])
export type TranscriptEntry = z.infer<typeof TranscriptEntry>

const Transcript = maybe(z.array(TranscriptEntry)).transform((entries) => entries ?? [])

const Analytics = z.object({
  summary: maybe(z.string()),
  dispositionMetrics: maybe(z.array(z.unknown())),
})

/** One call, as `GET /conversation/{callId}` tells it. */
export const ConversationLog = z.object({
  callId: maybe(z.string()),
  status: z.string(),
  /** Seconds. */
  duration: maybe(z.number()),
  type: maybe(z.string()),
  from: maybe(z.string()),
  to: maybe(z.string()),
  transcript: Transcript,
  recordingUrl: maybe(z.string()),
  variables: maybe(z.record(z.string(), z.unknown())),
  callCost: maybe(z.number()),
  callFailureReason: maybe(z.string()),
  postCallAnalytics: maybe(Analytics),
})
export type ConversationLog = z.infer<typeof ConversationLog>

export const ConversationLogs = z.object({
  logs: z.array(ConversationLog),
  total: maybe(z.number()),
})
export type ConversationLogs = z.infer<typeof ConversationLogs>

/** As `POST /agent` takes it. The prompt is not part of it: it is edited through the agent's versions. */
export const AgentSettings = z.looseObject({
  name: z.string(),
  description: z.string().optional(),
  language: z.object({ default: z.string(), supported: z.array(z.string()).optional() }).optional(),
  synthesizer: z
    .looseObject({
      voiceConfig: z.looseObject({ model: z.string(), voiceId: z.string().optional() }).optional(),
      sampleRate: z.number().optional(),
    })
    .optional(),
  slmModel: z.string().optional(),
  defaultVariables: CallVariables.optional(),
  globalKnowledgeBaseId: z.string().optional(),
})
export type AgentSettings = z.infer<typeof AgentSettings>

export const Agent = z.looseObject({
  _id: z.string(),
  name: z.string(),
  globalKnowledgeBaseId: maybe(z.string()),
})
export type Agent = z.infer<typeof Agent>

export const AgentPage = z.object({
  agents: z.array(Agent),
  totalCount: maybe(z.number()),
  hasMore: maybe(z.boolean()),
})
export type AgentPage = z.infer<typeof AgentPage>

export const KnowledgeBase = z.looseObject({
  _id: z.string(),
  name: z.string(),
  description: maybe(z.string()),
})
export type KnowledgeBase = z.infer<typeof KnowledgeBase>

export const KnowledgeItem = z.looseObject({
  _id: z.string(),
  itemType: maybe(z.string()),
  title: maybe(z.string()),
  fileName: maybe(z.string()),
})
export type KnowledgeItem = z.infer<typeof KnowledgeItem>

export const WebhookSettings = z.object({ endpoint: z.string(), description: z.string() })
export type WebhookSettings = z.infer<typeof WebhookSettings>

export const WEBHOOK_EVENTS = [
  'pre-conversation',
  'post-conversation',
  'analytics-completed',
] as const

const CallData = z.object({
  fromNumber: maybe(z.string()),
  toNumber: maybe(z.string()),
  /** Seconds. */
  callDuration: maybe(z.number()),
  callStatus: maybe(z.string()),
  answerTime: maybe(z.string()),
  endTime: maybe(z.string()),
})

/** What a webhook posts. `id` is that of the delivery: the same when it comes twice. */
export const WebhookEvent = z.object({
  id: z.string(),
  metadata: z.object({
    agentId: maybe(z.string()),
    /** One of `WEBHOOK_EVENTS`; Atoms may add others. */
    eventType: z.string(),
    callId: z.string(),
  }),
  callData: maybe(CallData),
  transcript: Transcript,
  recordingUrl: maybe(z.string()),
  analytics: maybe(Analytics),
})
export type WebhookEvent = z.infer<typeof WebhookEvent>

/** One of the server-sent events of a call that goes on. */
export const LiveEvent = z.object({
  event_type: z.string(),
  event_id: maybe(z.string()),
  timestamp: maybe(z.string()),
  call_id: maybe(z.string()),
  interim_transcription_text: maybe(z.string()),
  user_transcription_text: maybe(z.string()),
  tts_text: maybe(z.string()),
})
export type LiveEvent = z.infer<typeof LiveEvent>

/** Every answer is wrapped; `data` is absent where there is nothing to tell. */
export const Envelope = z.object({ status: z.boolean().optional(), data: z.unknown() })

/** In one shape for what Atoms refuses, in another for what its gateway does. */
export const AtomsRefusal = z.object({
  errors: z.array(z.string()).optional(),
  error: z.string().optional(),
  message: z.string().optional(),
})
