import type { ConversationEngine, ReplyPart } from '../../pipeline/ports.ts'
import { buildPrompt, type CallBrief } from '../../pipeline/prompt.ts'
import { callTools, type ToolDefinition } from '../../pipeline/tools.ts'
import type { Turn } from '../../pipeline/transcript.ts'
import { toProviderError } from './failure.ts'
import { messagesFrom } from './history.ts'
import { type ReplySource, streamReply } from './reply-stream.ts'
import { replyRequest, requestBase, type RequestBase, warmUpRequest } from './request.ts'
import { Watchdog } from './watchdog.ts'

export type ClaudeEngineOptions = ReplySource & {
  readonly model: string
  readonly maxTokens: number
  /** Not for a model that may never be asked. Default: true. */
  readonly warmsUp?: boolean
}

/** Claude as the mind of one call. */
export class ClaudeEngine implements ConversationEngine {
  readonly #options: ClaudeEngineOptions
  #base: RequestBase | undefined
  #exactOpening = ''

  constructor(options: ClaudeEngineOptions) {
    this.#options = options
  }

  /**
   * Learns the call. When the opening has to be generated, that request warms up connection and prompt cache by itself, and
   * must not wait for another; a given opening asks nothing of the model, so a warm-up goes out instead. One that fails is
   * only logged: the first reply then pays for it.
   */
  async setup(
    brief: CallBrief,
    { signal, tools = callTools }: { signal: AbortSignal; tools?: readonly ToolDefinition[] },
  ): Promise<void> {
    this.#base = requestBase(this.#options.model, buildPrompt(brief), tools)
    this.#exactOpening = brief.opening?.trim() ?? ''
    if (this.#exactOpening !== '' && this.#options.warmsUp !== false)
      await this.#warmUp(this.#base, signal)
  }

  async #warmUp(base: RequestBase, signal: AbortSignal): Promise<void> {
    const { client, clock, log } = this.#options
    using watchdog = new Watchdog(clock, this.#options)
    watchdog.wait()
    try {
      await client.messages.create(warmUpRequest(base), {
        signal: AbortSignal.any([signal, watchdog.signal]),
      })
    } catch (error) {
      if (signal.aborted) return
      const { code, vendorCode } = watchdog.late ?? toProviderError(error)
      log.warn({ provider: 'anthropic', code, vendorCode }, 'claude warm-up failed')
    }
  }

  async *getOpening({ signal }: { signal: AbortSignal }): AsyncGenerator<ReplyPart> {
    if (this.#exactOpening === '') {
      yield* this.streamResponse([], { signal })
    } else if (!signal.aborted) {
      yield { type: 'text', text: this.#exactOpening }
      yield { type: 'done', reason: 'end' }
    }
  }

  streamResponse(
    turns: readonly Turn[],
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ReplyPart> {
    if (this.#base === undefined) throw new Error('setup comes before the first reply')
    const request = replyRequest(this.#base, messagesFrom(turns), this.#options.maxTokens)
    return streamReply(this.#options, request, { signal })
  }

  async getResponse(turns: readonly Turn[], { signal }: { signal: AbortSignal }): Promise<string> {
    let text = ''
    for await (const part of this.streamResponse(turns, { signal })) {
      if (part.type === 'text') text += part.text
    }
    signal.throwIfAborted()
    return text.trim()
  }
}
