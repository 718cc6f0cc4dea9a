import { z } from 'zod'
import type { ReplyPart } from '../../pipeline/ports.ts'
import { failureOf } from './agent-failure.ts'
import type { Failure } from './worker-messages.ts'
import type { ReplyUsage } from '../../providers/anthropic/reply-assembler.ts'

type DoneReason = Extract<ReplyPart, { type: 'done' }>['reason']

const TextDelta = z.object({ text: z.string() })
const ToolCall = z.object({
  toolCallId: z.string(),
  toolName: z.string(),
  args: z.unknown().optional(),
})
const StepFinish = z.object({
  stepResult: z.object({ reason: z.string().optional(), rawReason: z.string().optional() }),
})
const Usage = z.object({
  metadata: z.object({
    providerMetadata: z.object({
      anthropic: z.object({
        usage: z.object({
          input_tokens: z.number(),
          output_tokens: z.number(),
          cache_read_input_tokens: z.number().nullish(),
          cache_creation_input_tokens: z.number().nullish(),
        }),
      }),
    }),
  }),
})
const Failed = z.object({ error: z.unknown() })

/** Of one chunk of Mastra's `fullStream`, as much as matters here. */
export type Chunk = { readonly type: string; readonly payload?: unknown }

/** Mastra's own words for why a reply is over; others are faults. */
const DONE: Readonly<Record<string, DoneReason>> = {
  stop: 'end',
  'tool-calls': 'tool_call',
  length: 'length',
  'content-filter': 'refusal',
}

/**
 * Mastra's stream of one reply, put together as parts of ours. Its stream never throws: an error is a chunk like any other,
 * and a connection that ended early looks like a reply that is over.
 */
export class ReplyChunks {
  #said = false
  #reason: string | undefined
  #failure: Failure | undefined
  #usage: ReplyUsage | undefined

  get usage(): ReplyUsage | undefined {
    return this.#usage
  }

  /** What a chunk adds to the reply, if anything. */
  take({ type, payload }: Chunk): ReplyPart | undefined {
    switch (type) {
      case 'text-delta':
        return this.#text(TextDelta.parse(payload).text)
      case 'tool-call': {
        const { toolCallId: id, toolName: name, args: input } = ToolCall.parse(payload)
        this.#said = true
        return { type: 'tool_call', id, name, input: input ?? {} }
      }
      case 'step-finish':
        this.#reason = StepFinish.parse(payload).stepResult.reason
        this.#usage = usageOf(payload)
        return undefined
      case 'error':
        this.#failure ??= failureOf(Failed.parse(payload).error)
        return undefined
      default:
        return undefined
    }
  }

  /** The last part, or why there is none. */
  finish(): ReplyPart | Failure {
    if (this.#failure) return this.#failure
    const reason = this.#reason === undefined ? undefined : DONE[this.#reason]
    if (reason === undefined) return failed('disconnected', 'the reply ended before its end')
    if (!this.#said && (reason === 'end' || reason === 'tool_call')) {
      return failed('empty', 'the reply holds neither a word nor a tool call')
    }
    return { type: 'done', reason }
  }

  #text(text: string): ReplyPart | undefined {
    if (text === '') return undefined
    if (text.trim() !== '') this.#said = true
    return { type: 'text', text }
  }
}

function usageOf(payload: unknown): ReplyUsage | undefined {
  const usage = Usage.safeParse(payload).data?.metadata.providerMetadata.anthropic.usage
  return (
    usage && {
      inputTokens: usage.input_tokens,
      cachedTokens: usage.cache_read_input_tokens ?? 0,
      cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
      outputTokens: usage.output_tokens,
    }
  )
}

function failed(code: Failure['code'], what: string): Failure {
  return { code, message: `claude failed behind mastra: ${what}` }
}
