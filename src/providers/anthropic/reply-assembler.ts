import type Anthropic from '@anthropic-ai/sdk'
import { ProviderError, type ProviderErrorCode } from '../../errors.ts'
import type { ReplyPart } from '../../pipeline/ports.ts'

type StreamEvent = Anthropic.RawMessageStreamEvent

export type ReplyUsage = {
  readonly inputTokens: number
  readonly cachedTokens: number
  /** Input that was not in the cache and is now; not among `inputTokens`. Absent: none. */
  readonly cacheWriteTokens?: number
  readonly outputTokens: number
}

type ToolUse = { id: string; name: string; json: string }

/**
 * Puts one streamed message together. Blocks are told apart by type, for a thinking block may come first. Events of an
 * unknown kind are passed over.
 */
export class ReplyAssembler {
  readonly #tools = new Map<number, ToolUse>()
  #stopReason: Anthropic.StopReason | null = null
  #brokenTool = false
  #said = false
  #complete = false
  #usage: ReplyUsage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0 }

  /** For the log: how much of the prompt came from the cache is what the time to the first token hangs on. */
  get usage(): ReplyUsage {
    return this.#usage
  }

  /** What an event adds to the reply, if anything. */
  take(event: StreamEvent): ReplyPart | undefined {
    switch (event.type) {
      case 'message_start': {
        const { usage } = event.message
        const cacheWriteTokens = usage.cache_creation_input_tokens ?? 0
        this.#usage = {
          ...this.#usage,
          inputTokens: usage.input_tokens,
          cachedTokens: usage.cache_read_input_tokens ?? 0,
          ...(cacheWriteTokens > 0 && { cacheWriteTokens }),
        }
        return undefined
      }
      case 'content_block_start':
        return this.#startBlock(event)
      case 'content_block_delta':
        return this.#continueBlock(event)
      case 'content_block_stop':
        return this.#endBlock(event.index)
      case 'message_delta':
        this.#stopReason = event.delta.stop_reason
        this.#usage = { ...this.#usage, outputTokens: event.usage.output_tokens }
        return undefined
      case 'message_stop':
        this.#complete = true
        return undefined
      default:
        return undefined
    }
  }

  /**
   * The last part, once the stream has ended.
   *
   * @throws {ProviderError} when the message is not whole: the SDK ends its stream quietly even then
   */
  finish(): ReplyPart {
    if (!this.#complete || this.#stopReason === null) {
      throw failed('disconnected', 'the reply ended before its end')
    }
    const reason = doneReason(this.#stopReason)
    if (this.#brokenTool && reason !== 'length') {
      throw failed('protocol', 'the input of a tool call is no JSON')
    }
    if (!this.#said && (reason === 'end' || reason === 'tool_call')) {
      throw failed('empty', 'the reply holds neither a word nor a tool call')
    }
    return { type: 'done', reason }
  }

  #startBlock({ index, content_block: block }: Anthropic.RawContentBlockStartEvent) {
    if (block.type === 'tool_use') {
      this.#tools.set(index, { id: block.id, name: block.name, json: '' })
    }
    return block.type === 'text' ? this.#text(block.text) : undefined
  }

  #continueBlock({ index, delta }: Anthropic.RawContentBlockDeltaEvent) {
    if (delta.type === 'text_delta') return this.#text(delta.text)
    const tool = this.#tools.get(index)
    if (delta.type === 'input_json_delta' && tool) tool.json += delta.partial_json
    return undefined
  }

  #text(text: string): ReplyPart | undefined {
    if (text === '') return undefined
    if (text.trim() !== '') this.#said = true
    return { type: 'text', text }
  }

  #endBlock(index: number): ReplyPart | undefined {
    const tool = this.#tools.get(index)
    if (tool === undefined) return undefined
    this.#tools.delete(index)
    try {
      // A tool without input may come without a single delta.
      const input: unknown = tool.json === '' ? {} : JSON.parse(tool.json)
      this.#said = true
      return { type: 'tool_call', id: tool.id, name: tool.name, input }
    } catch {
      // Judged in `finish`: it is expected when the reply was cut at the model's limit.
      this.#brokenTool = true
      return undefined
    }
  }
}

type DoneReason = Extract<ReplyPart, { type: 'done' }>['reason']

function doneReason(reason: Anthropic.StopReason): DoneReason {
  switch (reason) {
    case 'tool_use':
      return 'tool_call'
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'length'
    case 'refusal':
      return 'refusal'
    default:
      return 'end'
  }
}

function failed(code: ProviderErrorCode, message: string): ProviderError {
  return new ProviderError(`claude failed: ${message}`, { provider: 'anthropic', code })
}
