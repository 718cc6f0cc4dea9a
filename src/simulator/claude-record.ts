import type { PromptTokens } from './claude-cache.ts'
import type { ClaudeFault } from './claude-knobs.ts'
import type { SimulatedReply } from './claude-reply.ts'
import type { ClaudeRequest } from './claude-request.ts'

/** A request for a message that was accepted, whatever a fault made of it afterwards. */
export type RecordedRequest = {
  /** When all of it was there, on the simulator's clock. */
  readonly atMs: number
  readonly model: string
  /** Every part of the system prompt, joined. */
  readonly system: string
  readonly messages: ClaudeRequest['messages']
  readonly lastUserText: string
  readonly tools: readonly string[]
  readonly stream: boolean
  readonly maxTokens: number
  /** The body as it was parsed. */
  readonly body: ClaudeRequest
  readonly promptTokens: PromptTokens
  /** What the reply was to be; empty for a warm-up. */
  readonly reply: SimulatedReply
  readonly fault: ClaudeFault | undefined
  /** The client left before the answer was complete. */
  readonly aborted: boolean
}

/** What happens at Claude's side, as it happens: a request has come, or a piece of text of its reply leaves. */
export type ClaudeEvent =
  | { readonly type: 'asked'; readonly request: RecordedRequest }
  | { readonly type: 'text'; readonly request: RecordedRequest; readonly text: string }
