import { invalid } from './claude-errors.ts'
import type { ClaudeBlock, ClaudeMessage } from './claude-request.ts'

/** The rules that hold between messages. The API merges neighbours of one role before it looks at them. */
export function checkMessages(messages: readonly ClaudeMessage[]): void {
  messages.forEach(({ content }, index) => {
    checkText(blocksOf(content), `messages.${index}`)
  })
  checkSystemNotes(messages)
  const merged = mergeNeighbours(messages.filter(({ role }) => role !== 'system'))
  if (merged[0]?.role !== 'user') throw invalid('messages: first message must use the "user" role')
  if (merged.at(-1)?.role === 'assistant') {
    throw invalid(
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
  }
  checkToolPairs(merged)
}

export function blocksOf(content: ClaudeMessage['content']): readonly ClaudeBlock[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

type Merged = { readonly role: ClaudeMessage['role']; readonly blocks: ClaudeBlock[] }

export function mergeNeighbours(messages: readonly ClaudeMessage[]): Merged[] {
  const merged: Merged[] = []
  for (const { role, content } of messages) {
    const last = merged.at(-1)
    if (last?.role === role) last.blocks.push(...blocksOf(content))
    else merged.push({ role, blocks: [...blocksOf(content)] })
  }
  return merged
}

function checkText(blocks: readonly ClaudeBlock[], where: string): void {
  for (const block of blocks) {
    if (block.type !== 'text') continue
    if (block.text === '') throw invalid(`${where}: text content blocks must be non-empty`)
    if (block.text.trim() === '') {
      throw invalid(`${where}: text content blocks must contain non-whitespace text`)
    }
  }
}

/** A system note stands after a user message, and at the end or before an assistant message; it holds text only. */
function checkSystemNotes(messages: readonly ClaudeMessage[]): void {
  messages.forEach(({ role, content }, index) => {
    if (role !== 'system') return
    const where = `messages.${index}`
    if (messages[index - 1]?.role !== 'user') {
      throw invalid(`${where}: a system message must follow a user message`)
    }
    if ((messages[index + 1]?.role ?? 'assistant') !== 'assistant') {
      throw invalid(
        `${where}: a system message must be last or be followed by an assistant message`,
      )
    }
    if (blocksOf(content).some(({ type }) => type !== 'text')) {
      throw invalid(`${where}: a system message may hold text only`)
    }
  })
}

function checkToolPairs(messages: readonly Merged[]): void {
  const ids = new Set<string>()
  messages.forEach(({ role, blocks }, index) => {
    const uses = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []))
    if (uses.length > 0 && role !== 'assistant') {
      throw invalid(`messages.${index}: \`tool_use\` blocks can only be in \`assistant\` messages`)
    }
    for (const id of uses) {
      if (ids.has(id)) throw invalid('messages: `tool_use` ids must be unique')
      ids.add(id)
    }
    const answers = resultIds(messages[index + 1]?.blocks ?? [])
    const open = uses.filter((id) => !answers.includes(id))
    if (open.length > 0) {
      throw invalid(
        `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. ` +
          'Each `tool_use` block must have a corresponding `tool_result` block in the next message.',
      )
    }
    checkResults(messages, index)
  })
}

function checkResults(messages: readonly Merged[], index: number): void {
  const { role, blocks } = messages[index] ?? { role: 'user', blocks: [] }
  const results = resultIds(blocks)
  if (results.length > 0 && role !== 'user') {
    throw invalid(`messages.${index}: \`tool_result\` blocks can only be in \`user\` messages`)
  }
  const asked = (messages[index - 1]?.blocks ?? []).flatMap((block) =>
    block.type === 'tool_use' ? [block.id] : [],
  )
  const stray = results.find((id) => !asked.includes(id))
  if (stray !== undefined) {
    throw invalid(
      `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray}. ` +
        'Each `tool_result` block must have a corresponding `tool_use` block in the previous message.',
    )
  }
  const leading = blocks.slice(0, results.length)
  if (leading.some(({ type }) => type !== 'tool_result')) {
    throw invalid(`messages.${index}: \`tool_result\` blocks must come first in a message`)
  }
}

function resultIds(blocks: readonly ClaudeBlock[]): string[] {
  return blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []))
}
