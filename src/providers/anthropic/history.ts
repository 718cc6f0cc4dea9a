import type Anthropic from '@anthropic-ai/sdk'
import { STILL_RUNNING } from '../../pipeline/tools.ts'
import type { Turn } from '../../pipeline/transcript.ts'
import { wellFormedObject } from './well-formed.ts'

type Message = Anthropic.UserMessageParam | Anthropic.AssistantMessageParam
type Block = Anthropic.TextBlockParam | Anthropic.ToolUseBlockParam | Anthropic.ToolResultBlockParam

/**
 * Stage directions to the model, each a whole line in parentheses of a user message; the prompt explains them. They
 * stand on the user's side because a model takes up the manner of its own lines, and would speak them aloud.
 */
export const ANSWERED = '(The call was answered.)'
const CUTS_IN = '(cuts in)'
const SILENCE = '(silence)'
/** It was no line of the model's, and is not to become one. */
const WAITED = (words: string) => `(While they waited, they were told: ${words})`

/** What stands for a result that is not there yet: the caller has cut in while the tool was at work. */
const RUNNING =
  '(This tool is still running. Its result will stand here once it is there. Do not call it again for the same thing, and ' +
  'do not say that it is done: if the person asks, you are still checking.)'

/**
 * A call's turns as the API accepts them, whatever the turns are: it begins and ends with a user message, roles
 * alternate, no text is blank, every tool call is followed by its result, and all text is valid Unicode.
 *
 * Adding a turn leaves all but the last two messages as they were: the prompt cache lives on that.
 */
export function messagesFrom(turns: readonly Turn[]): Message[] {
  const messages = new MessageList()
  let cutOff = false
  turns.forEach((turn, index) => {
    if (turn.role === 'tool') {
      addToolTurn(messages, turn, index)
      cutOff = false
      return
    }
    const text = turn.text.toWellFormed().trim()
    if (text === '') return
    if (turn.role === 'agent' && turn.filler) {
      messages.add('user', { type: 'text', text: WAITED(text) })
    } else if (turn.role === 'agent') {
      messages.add('assistant', { type: 'text', text: turn.interrupted ? cut(text) : text })
      cutOff = turn.interrupted
    } else {
      messages.add('user', { type: 'text', text: cutOff ? `${CUTS_IN}\n${text}` : text })
      cutOff = false
    }
  })
  return messages.finish()
}

class MessageList {
  readonly #list: { role: 'user' | 'assistant'; blocks: Block[] }[] = []

  add(role: 'user' | 'assistant', block: Block): void {
    if (this.#list.length === 0 && role === 'assistant') {
      this.add('user', { type: 'text', text: ANSWERED })
    }
    const last = this.#list.at(-1)
    if (last?.role === role) last.blocks.push(block)
    else this.#list.push({ role, blocks: [block] })
  }

  finish(): Message[] {
    const last = this.#list.at(-1)
    if (last === undefined) this.add('user', { type: 'text', text: ANSWERED })
    else if (last.role === 'assistant') this.add('user', { type: 'text', text: SILENCE })
    return this.#list.map(({ role, blocks }) => ({ role, content: contentOf(blocks) }))
  }
}

/** Mere text as one string, its pieces on lines of their own. */
function contentOf(blocks: readonly Block[]): string | Block[] {
  const texts = blocks.filter((block) => block.type === 'text')
  if (texts.length < blocks.length) return [...blocks]
  return texts.map((block) => block.text).join('\n')
}

/** What the person heard of a line before they talked over it; the dash stands for the rest. */
function cut(heard: string): string {
  return `${heard.replace(/[\s,;:–—-]+$/u, '')} —`.trim()
}

function addToolTurn(
  messages: MessageList,
  turn: Extract<Turn, { role: 'tool' }>,
  index: number,
): void {
  // The vendor's own id is not needed again; one made from the place in the call is unique and well-formed.
  const id = `tool_${index}`
  // Names come back from the model, which may invent one that the API would not take.
  const name = turn.name.replaceAll(/[^\w-]/g, '_').slice(0, 64) || 'unknown'
  messages.add('assistant', { type: 'tool_use', id, name, input: wellFormedObject(turn.input) })
  messages.add('user', { type: 'tool_result', tool_use_id: id, content: resultOf(turn.result) })
}

function resultOf(text: string): string {
  const result = text.toWellFormed().trim()
  if (result === STILL_RUNNING) return RUNNING
  return result === '' ? 'done' : result
}
