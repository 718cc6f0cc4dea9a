import type Anthropic from '@anthropic-ai/sdk'
import type { Prompt } from '../../pipeline/prompt.ts'
import type { ToolDefinition } from '../../pipeline/tools.ts'
import { ANSWERED } from './history.ts'
import { wellFormedObject } from './well-formed.ts'

/**
 * What all requests of a call have in common, byte for byte, so that the vendor's prompt cache finds it again: tools, then the
 * rules (shared by all calls), then the call. Each block ends a cacheable prefix of its own.
 */
export type RequestBase = Pick<
  Anthropic.MessageCreateParams,
  'model' | 'system' | 'tools' | 'tool_choice' | 'thinking' | 'output_config'
>

const EPHEMERAL = { type: 'ephemeral' } as const

export function requestBase(
  model: string,
  prompt: Prompt,
  tools: readonly ToolDefinition[],
): RequestBase {
  return {
    model,
    system: [
      { type: 'text', text: prompt.rules, cache_control: EPHEMERAL },
      { type: 'text', text: prompt.call, cache_control: EPHEMERAL },
    ],
    ...toolsOf(tools),
    ...latencySettings(model),
  }
}

/**
 * One tool at a time: each call is spoken about, run and answered before the next. The API takes no `tool_choice` without
 * tools, and no text that is not valid Unicode, which a tool of the user's own may hold.
 */
function toolsOf(tools: readonly ToolDefinition[]): Pick<RequestBase, 'tools' | 'tool_choice'> {
  if (tools.length === 0) return {}
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description: description.toWellFormed(),
      input_schema: { ...wellFormedObject(inputSchema), type: 'object' },
    })),
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  }
}

/** A streamed reply to these messages; the cache's last mark moves along with the growing dialogue. */
export function replyRequest(
  base: RequestBase,
  messages: Anthropic.MessageParam[],
  maxTokens: number,
): Anthropic.MessageCreateParamsStreaming {
  return { ...base, messages, max_tokens: maxTokens, cache_control: EPHEMERAL, stream: true }
}

/** Reads the prompt into the cache and generates nothing: `max_tokens: 0` is allowed without streaming only. */
export function warmUpRequest(base: RequestBase): Anthropic.MessageCreateParamsNonStreaming {
  return { ...base, messages: [{ role: 'user', content: ANSWERED }], max_tokens: 0 }
}

/**
 * What makes a model answer at once. The 5 family thinks before it answers unless told not to, and the thinking counts
 * against `max_tokens`; its large models cannot be told. Older models do not know `effort`, and do not think unasked.
 */
export function latencySettings(model: string): Pick<RequestBase, 'thinking' | 'output_config'> {
  if (/\b(haiku|sonnet)-5/.test(model)) {
    return { thinking: { type: 'disabled' }, output_config: { effort: 'low' } }
  }
  if (/\b(opus|fable|mythos)-5/.test(model)) return { output_config: { effort: 'low' } }
  return {}
}
