import { createTool } from '@mastra/core/tools'
import { z } from 'zod'
import { E164 } from '../calls/spec-parts.ts'
import { isOver, type ParleyClient, type PhoneCall } from './parley-client.ts'
import { orRefused, Refused } from './tool-refusal.ts'

const StartPhoneCall = z.object({
  phoneNumber: E164.describe('Whom to call, in E.164 form, such as +15551234567'),
  action: z
    .string()
    .min(1)
    .max(2000)
    .describe('What the call is for, as one would tell an assistant'),
  context: z
    .string()
    .max(8000)
    .optional()
    .describe('The facts the caller may use; it invents no others'),
  calleeName: z.string().max(200).optional().describe('Who is called'),
  agentName: z.string().max(200).optional().describe('Who calls'),
  organization: z.string().max(200).optional().describe('On whose behalf'),
  language: z.string().optional().describe('BCP 47, such as de'),
  outcomeSchema: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('JSON schema of what is to be found out'),
  metadata: z.record(z.string(), z.string()).optional(),
})
export type StartPhoneCall = z.infer<typeof StartPhoneCall>

const CallAnswer = z.object({
  success: z.literal(true),
  callId: z.string(),
  status: z.string(),
  isOver: z.boolean(),
  answeredBy: z.string().nullable(),
  endReason: z.string().nullable(),
  disposition: z.string().nullable(),
  summary: z.string().nullable(),
  data: z.unknown().optional(),
  optedOut: z.boolean(),
  transcript: z.array(z.string()).describe('Who said what, as it was heard'),
})

const CallId = z.string().min(1).max(64).describe('The callId that start-phone-call has returned')

/** The longest wait of `wait-for-call`: models' patience is shorter than that of a call. */
const LONGEST_WAIT_S = 3600

/** The body of `POST /api/phone/call` that these words of a model mean. */
export function specOf(input: StartPhoneCall): Record<string, unknown> {
  const { phoneNumber, calleeName, agentName, outcomeSchema, ...rest } = input
  const spec = {
    ...rest,
    phone_number: phoneNumber,
    callee_name: calleeName,
    agent_name: agentName,
    outcome_schema: outcomeSchema,
  }
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined))
}

/**
 * What a Mastra agent can do with phone calls. In the server's own process and in any other the tools are the same: only the
 * client differs.
 *
 * @param options.requiresApproval a person must agree before a phone rings (`agent.approveToolCall`)
 * @param options.briefing what is known of the person, added to the call's context
 * @param options.waitS how long wait-for-call waits unless it is told otherwise; default: a long call's time
 */
export function createCallTools(
  phone: ParleyClient,
  options: {
    readonly requiresApproval?: boolean
    readonly briefing?: (phoneNumber: string) => Promise<string | undefined>
    readonly waitS?: number
  } = {},
) {
  const startPhoneCall = createTool({
    id: 'start-phone-call',
    description:
      'Rings a phone number and has a whole conversation there, to do what `action` says. Returns at once with the callId; ' +
      'use wait-for-call to learn what came of it. One call a person and purpose: do not call again because the answer takes long.',
    inputSchema: StartPhoneCall,
    outputSchema: z.discriminatedUnion('success', [
      z.object({ success: z.literal(true), callId: z.string(), status: z.string() }),
      Refused,
    ]),
    requireApproval: options.requiresApproval ?? false,
    execute: (input, { abortSignal }) =>
      orRefused(async () => {
        const known = await options.briefing?.(input.phoneNumber)
        const context = [input.context, known].filter((text) => text !== undefined).join('\n\n')
        const spec = specOf({ ...input, ...(context !== '' && { context }) })
        const placed = await phone.placeCall(spec, { signal: abortSignal })
        return { success: true as const, callId: placed.call_id, status: placed.status }
      }),
  })
  const getCall = createTool({
    id: 'get-call',
    description: 'How a phone call stands: its status, what was said so far, and what came of it.',
    inputSchema: z.object({ callId: CallId }),
    outputSchema: z.discriminatedUnion('success', [CallAnswer, Refused]),
    execute: ({ callId }, { abortSignal }) =>
      orRefused(async () => answerOf(await phone.getCall(callId, { signal: abortSignal }))),
  })
  const hangUpCall = createTool({
    id: 'hang-up-call',
    description: 'Ends a phone call that is still going on.',
    inputSchema: z.object({ callId: CallId }),
    outputSchema: z.discriminatedUnion('success', [
      z.object({ success: z.literal(true) }),
      Refused,
    ]),
    execute: ({ callId }, { abortSignal }) =>
      orRefused(async () => {
        await phone.hangUp(callId, { signal: abortSignal })
        return { success: true as const }
      }),
  })
  return { startPhoneCall, getCall, hangUpCall, waitForCall: waitForCallTool(phone, options.waitS) }
}

function waitForCallTool(phone: ParleyClient, waitS = 900) {
  return createTool({
    id: 'wait-for-call',
    description: 'Waits until a phone call is over, and tells what came of it.',
    inputSchema: z.object({
      callId: CallId,
      timeoutS: z.number().int().min(1).max(LONGEST_WAIT_S).default(waitS),
    }),
    outputSchema: z.discriminatedUnion('success', [CallAnswer, Refused]),
    execute: ({ callId, timeoutS }, { abortSignal }) =>
      orRefused(async () => {
        const wait = { timeoutMs: timeoutS * 1000, signal: abortSignal }
        return answerOf(await phone.waitForCall(callId, wait))
      }),
  })
}

function answerOf(call: PhoneCall): z.infer<typeof CallAnswer> {
  const { outcome } = call
  return {
    success: true,
    callId: call.call_id,
    status: call.status,
    isOver: isOver(call),
    answeredBy: call.answered_by,
    endReason: call.end_reason,
    disposition: outcome?.disposition ?? null,
    summary: outcome?.summary ?? call.failure?.message ?? null,
    ...(outcome?.data !== undefined && { data: outcome.data }),
    optedOut: call.opted_out,
    transcript: call.transcript.flatMap(({ role, text }) =>
      text === undefined ? [] : [`${role}: ${text}`],
    ),
  }
}
