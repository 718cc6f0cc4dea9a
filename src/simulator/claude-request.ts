import { z } from 'zod'
import { ClaudeApiError, invalid } from './claude-errors.ts'
import { checkMessages } from './claude-messages.ts'
import { CLAUDE_MODELS, MAX_OUTPUT_TOKENS, type SimulatedModel } from './claude-models.ts'

const cacheControl = z.object({
  type: z.literal('ephemeral'),
  ttl: z.enum(['5m', '1h']).optional(),
})
const marked = { cache_control: cacheControl.nullish() }

const textBlock = z.object({ type: z.literal('text'), text: z.string(), ...marked })
const toolUseBlock = z.object({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/, "String should match pattern '^[a-zA-Z0-9_-]+$'"),
  name: z.string().min(1).max(200),
  input: z.record(z.string(), z.unknown()),
  ...marked,
})
const toolResultBlock = z.object({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(textBlock)]).optional(),
  is_error: z.boolean().optional(),
  ...marked,
})
const block = z.discriminatedUnion('type', [textBlock, toolUseBlock, toolResultBlock])
const message = z.object({
  role: z.enum(['user', 'assistant', 'system']),
  content: z.union([z.string(), z.array(block).min(1)]),
})

const tool = z.object({
  name: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,128}$/, "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  ...marked,
})

/** The body of `POST /v1/messages`, as far as a phone call uses it; an unknown key is an error, as it is there. */
const messagesBody = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.number().int().nonnegative(),
  messages: z.array(message).min(1, 'at least one message is required'),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  stream: z.boolean().optional(),
  tools: z.array(tool).optional(),
  tool_choice: z
    .object({
      type: z.enum(['auto', 'any', 'tool', 'none']),
      name: z.string().optional(),
      disable_parallel_tool_use: z.boolean().optional(),
    })
    .optional(),
  thinking: z
    .object({
      type: z.enum(['enabled', 'disabled', 'adaptive', 'between_tools']),
      budget_tokens: z.number().int().optional(),
    })
    .optional(),
  output_config: z
    .object({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullish(),
      format: z.looseObject({}).nullish(),
    })
    .optional(),
  cache_control: cacheControl.nullish(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.number().optional(),
  stop_sequences: z.array(z.string()).optional(),
  metadata: z.looseObject({}).optional(),
  service_tier: z.enum(['auto', 'standard_only']).optional(),
})

export type ClaudeRequest = z.infer<typeof messagesBody>
export type ClaudeMessage = z.infer<typeof message>
export type ClaudeBlock = z.infer<typeof block>

/**
 * A request body that the real API would take.
 *
 * @throws {ClaudeApiError} with what it would say otherwise
 */
export function parseClaudeRequest(json: string, version: string): ClaudeRequest {
  const request = parseBody(json)
  const model = CLAUDE_MODELS.find(({ id }) => id === request.model)
  if (model === undefined) throw new ClaudeApiError(404, `model: ${request.model}`)
  checkSampling(request, model, version)
  checkThinking(request, model)
  checkMaxTokens(request)
  checkTools(request)
  checkForcedTool(request, model)
  checkSystem(request)
  checkMessages(request.messages)
  checkCacheMarks(request)
  return request
}

function parseBody(json: string): ClaudeRequest {
  let body: unknown
  try {
    body = JSON.parse(json, (_, value: unknown) => {
      if (typeof value === 'string' && !value.isWellFormed()) throw new SyntaxError('surrogate')
      return value
    })
  } catch {
    throw invalid('The request body is not valid JSON')
  }
  const parsed = messagesBody.safeParse(body)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(describe(issue))
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  const path = issue?.path.join('.') ?? ''
  if (issue?.code === 'unrecognized_keys') {
    return `${[...issue.path, issue.keys[0]].join('.')}: Extra inputs are not permitted`
  }
  if (issue?.code === 'invalid_type' && issue.message.includes('received undefined')) {
    return `${path}: Field required`
  }
  return `${path}: ${issue?.message ?? 'Invalid input'}`
}

function checkSampling(request: ClaudeRequest, model: SimulatedModel, version: string): void {
  for (const key of ['temperature', 'top_p', 'top_k'] as const) {
    if (request[key] === undefined) continue
    if (version >= '2026-10-21') throw invalid(`${key}: Extra inputs are not permitted`)
    if (model.family5) throw invalid(`${key}: this model does not support sampling parameters`)
  }
}

function checkThinking(
  { thinking, output_config, max_tokens }: ClaudeRequest,
  model: SimulatedModel,
) {
  const effort = output_config?.effort ?? undefined
  if (effort !== undefined && !model.effort) {
    throw invalid('This model does not support the effort parameter.')
  }
  if (thinking?.type === 'disabled') {
    if (!model.thinkingCanBeOff)
      throw invalid('thinking.type: this model does not support disabled')
    if (effort === 'xhigh' || effort === 'max') {
      throw invalid(`thinking.type: disabled is not supported with effort ${effort}`)
    }
  }
  if (thinking?.type !== 'enabled') return
  if (thinking.budget_tokens === undefined) throw invalid('thinking.budget_tokens: Field required')
  if (thinking.budget_tokens < 1024) {
    throw invalid('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  }
  if (thinking.budget_tokens >= max_tokens) {
    throw invalid('`max_tokens` must be greater than `thinking.budget_tokens`')
  }
}

/** 0 reads the prompt into the cache; it goes together with nothing that only a reply has. */
function checkMaxTokens(request: ClaudeRequest): void {
  if (request.max_tokens > MAX_OUTPUT_TOKENS) {
    throw invalid(`max_tokens: ${request.max_tokens} > ${MAX_OUTPUT_TOKENS}, which is the maximum`)
  }
  if (request.max_tokens > 0) return
  const choice = request.tool_choice?.type
  const thinks = request.thinking !== undefined && request.thinking.type !== 'disabled'
  const forced = choice === 'any' || choice === 'tool'
  if (request.stream === true || thinks || forced || request.output_config?.format) {
    throw invalid('max_tokens: 0 is not supported with stream, thinking, a forced tool or a format')
  }
}

function checkTools({ tools = [], tool_choice: choice }: ClaudeRequest): void {
  const names = tools.map(({ name }) => name)
  if (new Set(names).size < names.length) throw invalid('tools: Tool names must be unique.')
  if (choice === undefined) return
  if (tools.length === 0) throw invalid('tool_choice may only be specified while providing tools')
  if (choice.type === 'tool' && !names.includes(choice.name ?? '')) {
    throw invalid(`tool_choice.name: tool '${choice.name ?? ''}' not found in provided tools`)
  }
}

/** A model that thinks, as those of the 5 family do unless they are told not to, cannot be made to call a tool. */
function checkForcedTool({ tool_choice, thinking }: ClaudeRequest, model: SimulatedModel): void {
  if (tool_choice?.type !== 'tool' && tool_choice?.type !== 'any') return
  if (!model.thinkingCanBeOff) {
    throw invalid(`tool_choice: forced tool use is not supported on ${model.id}`)
  }
  const thinks = thinking === undefined ? model.family5 : thinking.type !== 'disabled'
  if (thinks) throw invalid('Thinking may not be enabled when tool_choice forces tool use.')
}

function checkSystem({ system }: ClaudeRequest): void {
  if (typeof system === 'string' || system === undefined) return
  if (system.some(({ text }) => text.trim() === '')) {
    throw invalid('system: text content blocks must contain non-whitespace text')
  }
}

const MAX_CACHE_MARKS = 4

function checkCacheMarks({ cache_control, tools = [], system, messages }: ClaudeRequest): void {
  const blocks = [
    { cache_control },
    ...tools,
    ...(typeof system === 'string' ? [] : (system ?? [])),
    ...messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content)),
  ]
  const marks = blocks.filter((candidate) => candidate.cache_control).length
  if (marks > MAX_CACHE_MARKS) {
    throw invalid(`A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`)
  }
}
