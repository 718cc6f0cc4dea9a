import type { ModelMessage } from './model-messages.ts'
import type { ProviderErrorCode } from '../../errors.ts'
import type { ReplyUsage } from '../../providers/anthropic/reply-assembler.ts'
import type { ReplyPart } from '../../pipeline/ports.ts'
import type { Prompt } from '../../pipeline/prompt.ts'
import type { ToolDefinition } from '../../pipeline/tools.ts'

/** What the engine's worker is started with. */
export type WorkerSettings = {
  readonly apiKey: string
  /** Of Anthropic's API, without `/v1`. */
  readonly baseUrl: string
  /** Where memories of people are, if they are to be used. */
  readonly memoryUrl?: string | undefined
}

/** Everything that one reply is made from: the worker keeps nothing of a call. */
export type ReplyRequest = {
  readonly model: string
  readonly maxTokens: number
  readonly prompt: Prompt
  readonly tools: readonly ToolDefinition[]
  readonly messages: readonly ModelMessage[]
  /** Whose working memory the agent is to know, and in which thread: read only. */
  readonly person?: { readonly resourceId: string; readonly threadId: string } | undefined
}

/** A `ProviderError` on its way between threads. */
export type Failure = {
  readonly code: ProviderErrorCode
  readonly message: string
  readonly vendorCode?: string | undefined
}

export type ToWorker =
  | { readonly type: 'reply'; readonly id: number; readonly request: ReplyRequest }
  | { readonly type: 'abort'; readonly id: number }

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'part'; readonly id: number; readonly part: ReplyPart }
  | { readonly type: 'usage'; readonly id: number; readonly usage: ReplyUsage }
  /** Nothing more comes of this reply. */
  | { readonly type: 'end'; readonly id: number; readonly failure?: Failure }
