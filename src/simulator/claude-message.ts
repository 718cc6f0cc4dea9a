import type { RecordedRequest } from './claude-record.ts'
import {
  contentOf,
  countDeltas,
  cutBlocks,
  replyBlocks,
  type StreamBlock,
} from './claude-blocks.ts'
import type { PromptTokens } from './claude-cache.ts'
import { toolCallsOf } from './claude-reply.ts'

/** An answer in the vendor's shape: in parts for a stream, and whole. */
export type SimulatedMessage = {
  /** `message_start`'s message, without content. */
  readonly head: object
  readonly blocks: readonly StreamBlock[]
  /** What `message_delta` holds. */
  readonly end: object
  readonly whole: object
}

export function simulatedMessage(record: RecordedRequest, number: number): SimulatedMessage {
  const digits = String(number).padStart(8, '0')
  const { blocks, stop } = shape(record, `toolu_${digits}`)
  const usage = usageOf(record.promptTokens)
  const finalUsage = { ...usage, output_tokens: countDeltas(blocks) }
  const base = {
    id: `msg_${digits}`,
    type: 'message',
    role: 'assistant',
    model: record.model,
    container: null,
    diagnostics: null,
  }
  const open = { stop_reason: null, stop_sequence: null, stop_details: null }
  return {
    blocks,
    head: { ...base, ...open, content: [], usage },
    end: { delta: { ...stop, container: null }, usage: finalUsage },
    whole: { ...base, ...stop, content: contentOf(blocks), usage: finalUsage },
  }
}

/** The content of an answer, and why it ends. A piece of a stream counts as a token. */
function shape({ reply, fault, maxTokens }: RecordedRequest, toolUseId: string) {
  const thinkingFirst = fault?.kind === 'thinking_first'
  const all = replyBlocks(reply, { thinkingFirst, toolUseId })
  const stop = { stop_sequence: null, stop_details: null }
  if (fault?.kind === 'refusal') {
    const stop_details = { type: 'refusal', category: 'general_harms', explanation: null }
    const blocks = cutBlocks(all, fault.after ?? 0)
    return { blocks, stop: { ...stop, stop_reason: 'refusal', stop_details } }
  }
  const limit = fault?.kind === 'max_tokens' ? (fault.after ?? 0) : maxTokens
  // A warm-up ends at its limit of nothing, too.
  if (countDeltas(all) > limit || limit === 0) {
    return { blocks: cutBlocks(all, limit), stop: { ...stop, stop_reason: 'max_tokens' } }
  }
  const stop_reason = toolCallsOf(reply).length > 0 ? 'tool_use' : 'end_turn'
  return { blocks: all, stop: { ...stop, stop_reason } }
}

function usageOf({ read, written, fresh }: PromptTokens): object {
  return {
    input_tokens: fresh,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
    cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
    output_tokens: 1,
    output_tokens_details: null,
    server_tool_use: null,
    service_tier: 'standard',
    inference_geo: null,
    speed: 'standard',
  }
}
