import { createAnthropic } from '@ai-sdk/anthropic'
import { Mastra } from '@mastra/core'
import { Agent } from '@mastra/core/agent'
import type { MastraLanguageModel, ToolsInput } from '@mastra/core/agent'
import type { MessageListInput } from '@mastra/core/agent/message-list'
import type { MastraMemory } from '@mastra/core/memory'
import { RequestContext } from '@mastra/core/request-context'
import { fetch as undiciFetch } from 'undici'
import type { ToolDefinition } from '../../pipeline/tools.ts'
import { anthropicDispatcher } from '../../providers/anthropic/dispatcher.ts'
import { latencySettings } from '../../providers/anthropic/request.ts'
import { wellFormedObject } from '../../providers/anthropic/well-formed.ts'
import { ReplyChunks } from './reply-chunks.ts'
import { withOwnTools } from './own-tools.ts'
import type { FromWorker, ReplyRequest, WorkerSettings } from './worker-messages.ts'

/** Where in a request's context its model stands. */
const MODEL = 'model'
const CACHED = { anthropic: { cacheControl: { type: 'ephemeral' } } } as const

/** What comes of a reply, in order; the last is its end. */
type Tell = (answer: Answer) => void
type Answer = FromWorker extends infer Message
  ? Message extends { readonly id: number }
    ? Omit<Message, 'id'>
    : never
  : never

/**
 * The Mastra agent that speaks in calls. It keeps nothing of them: its history is what it is given, its instructions are the
 * call's, and what it knows of the person it may read, not write.
 *
 * - One step a reply: what follows a tool, or a connection that ended early, is the call's to decide. The tools are the call's own;
 *   whoever asks for the reply runs them.
 * - Nothing is tried again here: whoever waits on the phone has a second model sooner.
 * - No logger: Mastra's prints whole prompts when a vendor fails.
 */
export class ReplyAgent {
  readonly #dispatcher = anthropicDispatcher()
  readonly #anthropic: ReturnType<typeof createAnthropic>
  readonly #memory: MastraMemory | undefined
  readonly #agent: Agent

  constructor(settings: WorkerSettings, memory?: MastraMemory) {
    this.#memory = memory
    this.#anthropic = createAnthropic({
      apiKey: settings.apiKey,
      baseURL: `${settings.baseUrl.replace(/\/+$/, '')}/v1`,
      // The cast bridges two copies of one set of types: undici's, and the older one that Node's types bring.
      fetch: ((input: string, init: object) =>
        undiciFetch(input, { ...init, dispatcher: this.#dispatcher })) as unknown as typeof fetch,
    })
    this.#agent = new Agent({
      id: 'phone-voice',
      name: 'Phone voice',
      instructions: '',
      model: ({ requestContext }) => requestContext.get<string, MastraLanguageModel>(MODEL),
      ...(memory && { memory }),
    })
    // An agent by itself would log.
    new Mastra({ agents: { agent: this.#agent }, logger: false })
  }

  /** Speaks one reply; after an abort nothing more is told than that it is over. Never rejects. */
  async reply(request: ReplyRequest, { signal, tell }: { signal: AbortSignal; tell: Tell }) {
    const chunks = new ReplyChunks()
    try {
      const { fullStream } = await this.#stream(request, signal)
      for await (const chunk of fullStream) {
        if (signal.aborted) break
        const part = chunks.take(chunk)
        if (part) tell({ type: 'part', part })
      }
    } catch (error) {
      chunks.take({ type: 'error', payload: { error } })
    }
    if (signal.aborted) {
      tell({ type: 'end' })
      return
    }
    if (chunks.usage) tell({ type: 'usage', usage: chunks.usage })
    const last = chunks.finish()
    if ('code' in last) {
      tell({ type: 'end', failure: last })
      return
    }
    tell({ type: 'part', part: last })
    tell({ type: 'end' })
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy()
  }

  #stream(request: ReplyRequest, signal: AbortSignal) {
    const { model, prompt, tools: given, messages, maxTokens, person } = request
    const tools = given.map(wellFormedTool)
    return this.#agent.stream(messages as MessageListInput, {
      requestContext: new RequestContext([[MODEL, withOwnTools(this.#anthropic(model), tools)]]),
      instructions: [prompt.rules, prompt.call].map((content) => ({
        role: 'system' as const,
        content,
        providerOptions: CACHED,
      })),
      clientTools: clientTools(tools),
      maxSteps: 1,
      modelSettings: { maxOutputTokens: maxTokens, maxRetries: 0 },
      abortSignal: signal,
      providerOptions: { anthropic: { ...CACHED.anthropic, ...optionsFor(model) } },
      ...(this.#memory &&
        person && {
          memory: {
            thread: person.threadId,
            resource: person.resourceId,
            // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else turns the history off
            options: { readOnly: true, lastMessages: false },
          },
        }),
    })
  }
}

/** As `requestBase` has it for Claude itself: see there. */
function optionsFor(model: string) {
  const { thinking, output_config: output } = latencySettings(model)
  return {
    disableParallelToolUse: true,
    // Whole inputs only: in pieces they may be no JSON.
    toolStreaming: false,
    ...(thinking?.type === 'disabled' && { thinking: { type: 'disabled' as const } }),
    ...(output?.effort === 'low' && { effort: 'low' as const }),
  }
}

/** Tools that Mastra tells the model of, and does not run. */
function clientTools(tools: readonly ToolDefinition[]): ToolsInput {
  const entries = tools.map(({ name, ...tool }) => [name, { id: name, ...tool }])
  // Mastra takes a JSON schema where its type asks for one of zod.
  return Object.fromEntries(entries) as ToolsInput
}

function wellFormedTool({ name, description, inputSchema }: ToolDefinition): ToolDefinition {
  return {
    name,
    description: description.toWellFormed(),
    inputSchema: { ...wellFormedObject(inputSchema), type: 'object' },
  }
}
