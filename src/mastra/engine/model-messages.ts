import { messagesFrom } from '../../providers/anthropic/history.ts'
import type { Turn } from '../../pipeline/transcript.ts'

type TextPart = { readonly type: 'text'; readonly text: string }
type ToolCallPart = {
  readonly type: 'tool-call'
  readonly toolCallId: string
  readonly toolName: string
  readonly input: unknown
}
type ToolResultPart = {
  readonly type: 'tool-result'
  readonly toolCallId: string
  readonly toolName: string
  readonly output: { readonly type: 'text'; readonly value: string }
}

/** A message as the AI SDK, and with it Mastra, takes it. */
export type ModelMessage =
  | { readonly role: 'user'; readonly content: readonly TextPart[] }
  | { readonly role: 'assistant'; readonly content: readonly (TextPart | ToolCallPart)[] }
  | { readonly role: 'tool'; readonly content: readonly ToolResultPart[] }

type Message = ReturnType<typeof messagesFrom>[number]
type Block = Exclude<Message['content'], string>[number]

/**
 * A call's turns for a Mastra agent: the same list that goes to Claude directly, made by the same sanitiser, in the AI SDK's
 * words for it. Results of tools stand in messages of their own there.
 */
export function modelMessagesFrom(turns: readonly Turn[]): ModelMessage[] {
  const toolNames = new Map<string, string>()
  return messagesFrom(turns).flatMap(({ role, content }): ModelMessage[] => {
    const blocks: Block[] =
      typeof content === 'string' ? [{ type: 'text', text: content }] : content
    if (role === 'assistant') return [{ role, content: blocks.flatMap(assistantPart) }]
    const results = blocks.flatMap(resultPart)
    const texts = blocks.flatMap(textPart)
    return [
      ...(results.length > 0 ? [{ role: 'tool' as const, content: results }] : []),
      ...(texts.length > 0 ? [{ role: 'user' as const, content: texts }] : []),
    ]
  })

  function assistantPart(block: Block): (TextPart | ToolCallPart)[] {
    if (block.type !== 'tool_use') return textPart(block)
    toolNames.set(block.id, block.name)
    const { id: toolCallId, name: toolName, input } = block
    return [{ type: 'tool-call', toolCallId, toolName, input }]
  }

  function resultPart(block: Block): ToolResultPart[] {
    if (block.type !== 'tool_result') return []
    const value = typeof block.content === 'string' ? block.content : ''
    const toolName = toolNames.get(block.tool_use_id) ?? 'unknown'
    return [
      {
        type: 'tool-result',
        toolCallId: block.tool_use_id,
        toolName,
        output: { type: 'text', value },
      },
    ]
  }
}

function textPart(block: Block): TextPart[] {
  return block.type === 'text' ? [{ type: 'text', text: block.text }] : []
}
