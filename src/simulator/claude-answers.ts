import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { contentOf, countDeltas, replyBlocks } from './claude-blocks.ts'
import { PromptCache, type PromptTokens } from './claude-cache.ts'
import { ClaudeApiError } from './claude-errors.ts'
import { type ClaudeFault, type ClaudeKnobs, FaultDealer } from './claude-knobs.ts'
import {
  chooseReply,
  type ClaudeScript,
  lastUserText,
  type SimulatedReply,
  systemText,
} from './claude-reply.ts'
import { type ClaudeRequest, parseClaudeRequest } from './claude-request.ts'
import { type Break, limited, untilAborted, writeStream } from './claude-stream.ts'

/** A request for a message that was accepted, whatever a fault made of it afterwards. */
export type RecordedRequest = {
  /** On the simulator's clock. */
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

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const MAX_RECORDED = 1000

/** Answers requests for messages, and keeps a record of them. */
export class ClaudeAnswers {
  readonly #options: AnswersOptions
  readonly #cache: PromptCache
  readonly #faults = new FaultDealer()
  readonly #requests: RecordedRequest[] = []
  #answered = 0

  constructor(options: AnswersOptions) {
    this.#options = options
    this.#cache = new PromptCache(options.clock)
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests
  }

  /** @throws {ClaudeApiError} when the request is refused by its own fault */
  async answer(response: ServerResponse, body: string, version: string): Promise<void> {
    const request = parseClaudeRequest(body, version)
    const record = this.#record(request)
    const gone = new AbortController()
    response.once('close', () => {
      if (response.writableFinished) return
      record.aborted = !breaksConnection(record.fault)
      gone.abort(new Error('the connection is gone'))
    })
    try {
      await this.#respond(response, record, gone.signal)
    } catch (error) {
      // A client that leaves ends the wait for the next piece; nobody is left to tell.
      if (!gone.signal.aborted) throw error
    }
  }

  #record(request: ClaudeRequest): Mutable<RecordedRequest> {
    const told = lastUserText(request.messages)
    const warmUp = request.max_tokens === 0
    const fault = this.#faults.take(this.#options.knobs.faults, { lastUserText: told, warmUp })
    const silent = warmUp || fault?.kind === 'empty'
    const record: Mutable<RecordedRequest> = {
      atMs: this.#options.clock.now(),
      model: request.model,
      system: systemText(request),
      messages: request.messages,
      lastUserText: told,
      tools: (request.tools ?? []).map(({ name }) => name),
      stream: request.stream === true,
      maxTokens: request.max_tokens,
      body: request,
      promptTokens: this.#cache.account(request),
      reply: silent ? { text: '' } : chooseReply(request, this.#options.scripts),
      fault,
      aborted: false,
    }
    this.#requests.push(record)
    if (this.#requests.length > MAX_RECORDED) this.#requests.shift()
    this.#options.on?.({ type: 'asked', request: record })
    return record
  }

  async #respond(
    response: ServerResponse,
    record: RecordedRequest,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, knobs, on } = this.#options
    const { fault } = record
    if (fault?.kind === 'status') {
      sendStatus(response, fault)
      return
    }
    const firstTokenMs = fault?.kind === 'slow' ? fault.firstTokenMs : knobs.firstTokenMs
    await clock.sleep(firstTokenMs, { signal })
    const breaks = breakOf(fault)
    if (breaks && (breaks.after < 0 || !record.stream)) {
      await breakWithoutAnswer(response, breaks, signal)
      return
    }
    const message = this.#message(record)
    if (record.stream) {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      const { head, blocks, end } = message
      await writeStream(
        response,
        { head, blocks, end },
        {
          clock,
          tokenMs: knobs.tokenMs,
          signal,
          breaks,
          onText: (text) => on?.({ type: 'text', request: record, text }),
        },
      )
      return
    }
    await clock.sleep(knobs.tokenMs * countDeltas(message.blocks), { signal })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(message.whole))
  }

  #message(record: RecordedRequest) {
    const number = String(++this.#answered).padStart(8, '0')
    const { blocks, stop } = shape(record, `toolu_${number}`)
    const usage = usageOf(record.promptTokens)
    const outputTokens = { output_tokens: countDeltas(blocks), output_tokens_details: null }
    const base = {
      id: `msg_${number}`,
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
      end: { delta: { ...stop, container: null }, usage: { ...usage, ...outputTokens } },
      whole: { ...base, ...stop, content: contentOf(blocks), usage: { ...usage, ...outputTokens } },
    }
  }
}

type AnswersOptions = {
  readonly clock: Clock
  readonly knobs: ClaudeKnobs
  readonly scripts: readonly ClaudeScript[]
  readonly on?: (event: ClaudeEvent) => void
}

/** The content of an answer, and why it ends. */
function shape({ reply, fault, maxTokens }: RecordedRequest, toolUseId: string) {
  const all = replyBlocks(reply, { thinkingFirst: fault?.kind === 'thinking_first', toolUseId })
  const cutAt =
    fault?.kind === 'refusal' || fault?.kind === 'max_tokens' ? (fault.after ?? 0) : maxTokens
  const { blocks, atLimit } = limited(all, cutAt)
  return { blocks, stop: stopOf({ reply, fault, atLimit: atLimit || maxTokens === 0 }) }
}

function stopOf(how: {
  reply: SimulatedReply
  fault: ClaudeFault | undefined
  atLimit: boolean
}): object {
  const stop = { stop_sequence: null, stop_details: null }
  if (how.fault?.kind === 'refusal') {
    const stop_details = { type: 'refusal', category: 'general_harms', explanation: null }
    return { ...stop, stop_reason: 'refusal', stop_details }
  }
  if (how.atLimit) return { ...stop, stop_reason: 'max_tokens' }
  return { ...stop, stop_reason: how.reply.tool ? 'tool_use' : 'end_turn' }
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

/** Whether it is the fault, not the client, that ends the connection. */
function breaksConnection(fault: ClaudeFault | undefined): boolean {
  return fault?.kind === 'cut' || fault?.kind === 'early_end'
}

/** `after` below 0: not even the head of the response comes. */
function breakOf(fault: ClaudeFault | undefined): Break | undefined {
  switch (fault?.kind) {
    case 'stall':
    case 'cut':
      return { how: fault.kind, after: fault.after ?? -1 }
    case 'early_end':
      return { how: fault.kind, after: fault.after ?? 0 }
    case 'error_event':
      return {
        how: fault.kind,
        after: fault.after ?? 0,
        errorType: fault.type ?? 'overloaded_error',
      }
    default:
      return undefined
  }
}

async function breakWithoutAnswer(response: ServerResponse, { how }: Break, signal: AbortSignal) {
  if (how === 'stall') await untilAborted(signal)
  if (how === 'error_event') sendStatus(response, { status: 529 })
  else response.socket?.resetAndDestroy()
}

function sendStatus(
  response: ServerResponse,
  fault: { status: number; retryAfterS?: number; errorCode?: string },
): void {
  const error = new ClaudeApiError(fault.status, 'a scripted fault', fault.errorCode)
  response.writeHead(fault.status, {
    'content-type': 'application/json',
    ...(fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) }),
  })
  response.end(JSON.stringify({ ...error.body, request_id: response.getHeader('request-id') }))
}
