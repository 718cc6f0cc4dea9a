import type { Clock } from '../../clock.ts'
import type { ConversationEngine, ReplyPart } from '../../pipeline/ports.ts'
import { buildPrompt, type CallBrief, type Prompt } from '../../pipeline/prompt.ts'
import { callTools, type ToolDefinition } from '../../pipeline/tools.ts'
import type { Turn } from '../../pipeline/transcript.ts'
import { type Deadlines, Watchdog } from '../../providers/anthropic/watchdog.ts'
import type { MindThread } from './mind-thread.ts'
import { modelMessagesFrom } from './model-messages.ts'
import type { ReplyRequest } from './worker-messages.ts'
import type { ReplyUsage } from '../../providers/anthropic/reply-assembler.ts'

export type MastraEngineOptions = Deadlines & {
  readonly thread: Pick<MindThread, 'reply'>
  readonly model: string
  readonly maxTokens: number
  /** Whose memory the agent may read during the call. */
  readonly person?: ReplyRequest['person']
  /** Told of each whole reply what it took. */
  readonly onUsage?: (usage: ReplyUsage) => void
  readonly clock: Clock
}

/** A Mastra agent as the mind of one call. */
export class MastraEngine implements ConversationEngine {
  readonly #options: MastraEngineOptions
  #call: { readonly prompt: Prompt; readonly tools: readonly ToolDefinition[] } | undefined
  #exactOpening = ''

  constructor(options: MastraEngineOptions) {
    this.#options = options
  }

  setup(
    brief: CallBrief,
    { tools = callTools }: { signal: AbortSignal; tools?: readonly ToolDefinition[] },
  ): Promise<void> {
    this.#call = { prompt: buildPrompt(brief), tools }
    this.#exactOpening = brief.opening?.trim() ?? ''
    return Promise.resolve()
  }

  async *getOpening({ signal }: { signal: AbortSignal }): AsyncGenerator<ReplyPart> {
    if (this.#exactOpening === '') {
      yield* this.streamResponse([], { signal })
    } else if (!signal.aborted) {
      yield { type: 'text', text: this.#exactOpening }
      yield { type: 'done', reason: 'end' }
    }
  }

  async *streamResponse(
    turns: readonly Turn[],
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ReplyPart> {
    const { thread, onUsage } = this.#options
    using watchdog = new Watchdog(this.#options.clock, this.#options)
    const request = this.#requestFor(turns)
    watchdog.wait()
    const parts = thread.reply(request, {
      signal: AbortSignal.any([signal, watchdog.signal]),
      ...(onUsage && { onUsage }),
    })
    for await (const part of parts) {
      watchdog.arrived(true)
      if (signal.aborted) return
      yield part
      watchdog.wait()
    }
    if (watchdog.late && !signal.aborted) throw watchdog.late
  }

  async getResponse(turns: readonly Turn[], { signal }: { signal: AbortSignal }): Promise<string> {
    let text = ''
    for await (const part of this.streamResponse(turns, { signal })) {
      if (part.type === 'text') text += part.text
    }
    signal.throwIfAborted()
    return text.trim()
  }

  #requestFor(turns: readonly Turn[]): ReplyRequest {
    if (this.#call === undefined) throw new Error('setup comes before the first reply')
    const { model, maxTokens, person } = this.#options
    return { ...this.#call, model, maxTokens, person, messages: modelMessagesFrom(turns) }
  }
}
