import { Agent } from '@mastra/core/agent'
import type { MastraModelConfig } from '@mastra/core/llm'
import { noopLogger } from '@mastra/core/logger'
import { createTool } from '@mastra/core/tools'
import type { z } from 'zod'
import type { Clock } from '../clock.ts'

export type ModelFormParts = {
  readonly model: MastraModelConfig
  /** Its name decides what it must be told to answer at once. */
  readonly modelName: string
  readonly clock: Clock
}

/** Nobody on the phone waits for it. */
const TIMEOUT_MS = 60_000
const MAX_OUTPUT_TOKENS = 1000

/** A Mastra agent that answers a question by filling in a form: the input of the one tool that it is made to call. */
export class ModelForm<Schema extends z.ZodType> {
  readonly agent: Agent
  readonly #schema: Schema
  readonly #parts: ModelFormParts
  readonly #tool: string

  constructor(
    about: {
      readonly id: string
      readonly instructions: string
      readonly tool: string
      readonly description: string
      readonly schema: Schema
    },
    parts: ModelFormParts,
  ) {
    this.#parts = parts
    this.#schema = about.schema
    this.#tool = about.tool
    const form = createTool({
      id: about.tool,
      description: about.description,
      inputSchema: about.schema,
      execute: () => Promise.resolve('noted'),
    })
    this.agent = new Agent({
      id: about.id,
      name: about.id,
      instructions: about.instructions,
      model: parts.model,
      tools: { [about.tool]: form },
    })
    // Its own logger would print what people have said whenever the model cannot be asked.
    this.agent.__setLogger(noopLogger)
  }

  /** The form as it was filled in; undefined: it was not, or wrongly. @throws when the model cannot be asked */
  async ask(
    question: string,
    { signal }: { signal: AbortSignal },
  ): Promise<z.infer<Schema> | undefined> {
    const late = new AbortController()
    const cancel = this.#parts.clock.after(TIMEOUT_MS, () => {
      late.abort(new Error('the model did not answer in time'))
    })
    try {
      const { toolCalls } = await this.agent.generate(question, {
        abortSignal: AbortSignal.any([signal, late.signal]),
        maxSteps: 1,
        toolChoice: mustThink(this.#parts.modelName)
          ? 'auto'
          : { type: 'tool', toolName: this.#tool },
        modelSettings: { maxOutputTokens: MAX_OUTPUT_TOKENS, maxRetries: 2 },
        providerOptions: { anthropic: settingsOf(this.#parts.modelName) },
      })
      signal.throwIfAborted()
      late.signal.throwIfAborted()
      return this.#schema.safeParse(toolCalls[0]?.payload.args).data
    } finally {
      cancel()
    }
  }
}

/** Large models of the 5 family think before they answer, and refuse to be made to call a tool. */
function mustThink(model: string): boolean {
  return /\b(opus|fable|mythos)-5/.test(model)
}

/** The others of the family are told not to think. */
function settingsOf(model: string) {
  return /\b(haiku|sonnet)-5/.test(model) ? { thinking: { type: 'disabled' as const } } : {}
}
