import { z } from 'zod'
import { isToolUrl } from './tool-url.ts'

/** The larger fields of a call's spec, each with its wire form and what the rest of the code knows it as. */

const line = (max: number) => z.string().trim().min(1).max(max)
export const E164 = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'an E.164 phone number, such as +15551234567')

/** What to do when a machine answers that takes messages. */
export const VoicemailBody = z
  .strictObject({
    action: z.enum(['leave_message', 'hang_up']),
    message: line(1000).optional().meta({
      description:
        'Exact words to leave; without them the agent writes them from `action` and `context`',
    }),
  })
  .meta({
    description:
      'What to do when voicemail answers; default: hang up, so that nothing private is left on a machine unasked',
  })

/** A number that the agent may hand the caller over to. */
export const TransferTargetBody = z.strictObject({
  phone_number: E164,
  name: line(100).meta({ examples: ['the front desk'] }),
  when: line(500)
    .optional()
    .meta({ description: 'When to hand over to it', examples: ['The person asks for a human'] }),
})

/** JSON schema of an object; whether it is a valid one is checked when the call is placed. */
const ObjectSchema = z
  .looseObject({ type: z.literal('object') })
  .refine((schema) => JSON.stringify(schema).length <= 16_000, 'at most 16,000 characters')

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/

/** A tool of the user's own: an HTTP endpoint that the agent may ask during the call. */
export const HttpToolBody = z.strictObject({
  name: z.string().regex(/^[a-zA-Z][\w-]{0,63}$/, 'a letter, then letters, digits, _ or -'),
  description: line(1000).meta({ description: 'When to use it and what it answers' }),
  input_schema: ObjectSchema.meta({ description: 'JSON schema of its arguments, `type: object`' }),
  url: z.string().max(2000).refine(isToolUrl, 'an http or https URL without a password'),
  method: z.enum(['GET', 'POST']).optional().meta({
    description: 'POST (default) sends the arguments as JSON, GET as query parameters',
  }),
  headers: z.record(z.string().regex(HEADER_NAME), z.string().max(2000)).optional(),
  secret_headers: z
    .record(z.string().regex(HEADER_NAME), z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/))
    .optional()
    .meta({
      description: 'Header name → name of a secret in the server’s TOOL_SECRETS',
      examples: [{ authorization: 'CRM_TOKEN' }],
    }),
  result_schema: z
    .looseObject({})
    .optional()
    .meta({ description: 'JSON schema that its answer must fit' }),
  timeout_ms: z.int().min(100).max(60_000).optional().meta({ description: 'Default: 10000' }),
  confirm: z.boolean().optional().meta({
    description:
      'It runs only after the agent has told the person what it is about to do, and they have said yes; for tools that change something',
  }),
  max_calls: z
    .int()
    .min(1)
    .max(40)
    .optional()
    .meta({ description: 'It runs at most this often in a call; default: 40' }),
})

export const HttpToolModel = z.object({
  name: z.string(),
  description: z.string(),
  inputSchema: z.looseObject({ type: z.literal('object') }),
  url: z.string(),
  method: z.enum(['GET', 'POST']),
  headers: z.record(z.string(), z.string()),
  secretHeaders: z.record(z.string(), z.string()),
  resultSchema: z.looseObject({}).optional(),
  timeoutMs: z.int(),
  confirm: z.boolean().optional(),
  maxCalls: z.int().optional(),
})
export type HttpTool = z.infer<typeof HttpToolModel>

const TOOL_TIMEOUT_MS = 10_000

export function httpToolFromBody(body: z.infer<typeof HttpToolBody>): HttpTool {
  return {
    name: body.name,
    description: body.description,
    inputSchema: body.input_schema,
    url: body.url,
    method: body.method ?? 'POST',
    headers: body.headers ?? {},
    secretHeaders: body.secret_headers ?? {},
    resultSchema: body.result_schema,
    timeoutMs: body.timeout_ms ?? TOOL_TIMEOUT_MS,
    confirm: body.confirm,
    maxCalls: body.max_calls,
  }
}

export function bodyFromHttpTool(tool: HttpTool): z.infer<typeof HttpToolBody> {
  return {
    name: tool.name,
    description: tool.description,
    input_schema: tool.inputSchema,
    url: tool.url,
    method: tool.method,
    headers: tool.headers,
    secret_headers: tool.secretHeaders,
    result_schema: tool.resultSchema,
    timeout_ms: tool.timeoutMs,
    confirm: tool.confirm,
    max_calls: tool.maxCalls,
  }
}

/** What is to be found out from the transcript after the call. */
export const OutcomeSchemaBody = z
  .looseObject({})
  .refine((schema) => JSON.stringify(schema).length <= 16_000, 'at most 16,000 characters')
  .meta({
    description:
      'JSON schema of what is to be found out; filled in from the transcript after the call',
    examples: [{ type: 'object', properties: { confirmed: { type: 'boolean' } } }],
  })

export const WebhookUrl = z
  .string()
  .max(2000)
  .refine(isToolUrl, 'an http or https URL without a password')
  .meta({ description: 'Where to report this call, instead of the server’s WEBHOOK_URL' })

export const RecordBody = z
  .union([z.boolean(), z.strictObject({ announcement: line(500).optional() })])
  .meta({
    description:
      'Keeps the call as a stereo WAV: the caller left, the agent right. `announcement`: exact words that say so at the beginning',
    examples: [true, { announcement: 'This call is recorded.' }],
  })

export function recordFromBody(
  body: z.infer<typeof RecordBody> | undefined,
): { announcement?: string | undefined } | undefined {
  if (body === undefined || body === false) return undefined
  return body === true ? {} : body
}
