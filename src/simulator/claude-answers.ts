import type { ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import { countDeltas } from './claude-blocks.ts'
import { PromptCache } from './claude-cache.ts'
import { ClaudeApiError } from './claude-errors.ts'
import { type ClaudeFault, type ClaudeKnobs, FaultDealer } from './claude-knobs.ts'
import { simulatedMessage } from './claude-message.ts'
import {
  chooseReply,
  type ClaudeScript,
  lastUserText,
  permitted,
  type SimulatedReply,
  systemText,
} from './claude-reply.ts'
import type { ClaudeEvent, RecordedRequest } from './claude-record.ts'
import { type ClaudeRequest, parseClaudeRequest } from './claude-request.ts'
import { type Break, untilAborted, writeStream } from './claude-stream.ts'
import type { Violations } from './violations.ts'

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
    const atMs = this.#options.clock.now()
    const record = this.#record(parseClaudeRequest(body, version), atMs)
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

  #record(request: ClaudeRequest, atMs: number): Mutable<RecordedRequest> {
    const told = lastUserText(request.messages)
    const warmUp = request.max_tokens === 0
    const fault = this.#faults.take(this.#options.knobs.faults, {
      lastUserText: told,
      warmUp,
      model: request.model,
    })
    const silent = warmUp || fault?.kind === 'empty'
    const record: Mutable<RecordedRequest> = {
      atMs,
      model: request.model,
      system: systemText(request),
      messages: request.messages,
      lastUserText: told,
      tools: (request.tools ?? []).map(({ name }) => name),
      stream: request.stream === true,
      maxTokens: request.max_tokens,
      body: request,
      promptTokens: this.#cache.account(request),
      reply: silent ? { text: '' } : this.#reply(request),
      fault,
      aborted: false,
    }
    this.#requests.push(record)
    if (this.#requests.length > MAX_RECORDED) this.#requests.shift()
    this.#options.on?.({ type: 'asked', request: record })
    return record
  }

  #reply(request: ClaudeRequest): SimulatedReply {
    const { scripts, violations } = this.#options
    const { reply, undeclared } = permitted(chooseReply(request, scripts), request)
    for (const { name } of undeclared) {
      violations.add('anthropic', 'no declaration of a tool that the script calls', name)
    }
    return reply
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
    await clock.sleep(firstTokenMs + (record.reply.afterMs ?? 0), { signal })
    const breaks = breakOf(fault)
    if (breaks && (breaks.after < 0 || !record.stream)) {
      await breakWithoutAnswer(response, breaks, signal)
      return
    }
    const message = simulatedMessage(record, ++this.#answered)
    if (record.stream) {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      const onText = (text: string) => on?.({ type: 'text', request: record, text })
      const { tokenMs } = knobs
      await writeStream(response, message, { clock, tokenMs, signal, breaks, onText })
      return
    }
    await clock.sleep(knobs.tokenMs * countDeltas(message.blocks), { signal })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(message.whole))
  }
}

type AnswersOptions = {
  readonly clock: Clock
  readonly violations: Violations
  readonly knobs: ClaudeKnobs
  readonly scripts: readonly ClaudeScript[]
  readonly on?: (event: ClaudeEvent) => void
}

/** Whether it is the fault, not the client, that ends the connection. */
function breaksConnection(fault: ClaudeFault | undefined): boolean {
  return fault?.kind === 'cut' || fault?.kind === 'early_end' || fault?.kind === 'garbage'
}

/** `after` below 0: not even the head of the response comes. */
function breakOf(fault: ClaudeFault | undefined): Break | undefined {
  switch (fault?.kind) {
    case 'stall':
    case 'cut':
      return { how: fault.kind, after: fault.after ?? -1 }
    case 'early_end':
    case 'garbage':
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
