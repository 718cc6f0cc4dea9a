import type Anthropic from '@anthropic-ai/sdk'
import type { Clock } from '../../clock.ts'
import { ProviderError, type ProviderErrorCode } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Form, FormFiller } from '../../pipeline/form.ts'
import { toProviderError } from './failure.ts'
import { latencySettings } from './request.ts'
import { wellFormedObject } from './well-formed.ts'

export type ClaudeOutcomeWriterOptions = {
  /** On a connection with patience: the answer comes as a whole. */
  readonly client: Anthropic
  readonly model: string
  readonly clock: Clock
  readonly log: Logger
  readonly timeoutMs: number
}

/** The name under which the form is handed to the model. */
const TOOL = 'report_outcome'

/** Enough for the largest form that a spec may ask for, and for what models that cannot but think think first. */
const MAX_TOKENS = 8000

/** Claude fills in a form: the input of a tool that it is made to call. */
export class ClaudeOutcomeWriter implements FormFiller {
  readonly #options: ClaudeOutcomeWriterOptions

  constructor(options: ClaudeOutcomeWriterOptions) {
    this.#options = options
  }

  async fill(form: Form, { signal }: { signal: AbortSignal }): Promise<unknown> {
    const { client, clock, log, model, timeoutMs } = this.#options
    const late = new AbortController()
    const cancel = clock.after(timeoutMs, () => {
      late.abort()
    })
    const startedMs = clock.now()
    try {
      const message = await client.messages.create(requestFor(model, form), {
        signal: AbortSignal.any([signal, late.signal]),
      })
      const { input_tokens: inputTokens, output_tokens: outputTokens } = message.usage
      const durationMs = Math.round(clock.now() - startedMs)
      log.debug({ durationMs, inputTokens, outputTokens }, 'outcome form filled in')
      return answerIn(message)
    } catch (error) {
      if (signal.aborted) throw error
      if (late.signal.aborted) throw failure('timeout', 'did not fill in the form in time')
      throw toProviderError(error)
    } finally {
      cancel()
    }
  }
}

function requestFor(model: string, form: Form): Anthropic.MessageCreateParamsNonStreaming {
  const settings = latencySettings(model)
  // A model that always thinks refuses to be made to call a tool; that there is nothing else to do must be enough for it.
  const alwaysThinks = settings.output_config !== undefined && settings.thinking === undefined
  return {
    model,
    max_tokens: MAX_TOKENS,
    system: form.instructions,
    messages: [{ role: 'user', content: taskOf(form) }],
    tools: [
      {
        name: TOOL,
        description: 'Reports what came out of the call. Call it once, with all that is asked for.',
        input_schema: { ...wellFormedObject(form.schema), type: 'object' },
      },
    ],
    tool_choice: {
      ...(alwaysThinks ? { type: 'auto' } : { type: 'tool', name: TOOL }),
      disable_parallel_tool_use: true,
    },
    ...settings,
  }
}

/** An earlier answer comes as text: as a turn of the model's own it would want its thoughts with it. */
function taskOf({ material, rejected }: Form): string {
  const task = `${material}\n\nFill in the form about this call, by calling ${TOOL}.`
  if (!rejected) return task
  const answer = JSON.stringify(rejected.answer ?? null).replaceAll('<', '\\u003c')
  const problems = rejected.problems.map((problem) => `- ${problem.replaceAll('<', '&lt;')}`)
  return `${task} An earlier answer was:
<answer>
${answer.toWellFormed()}
</answer>
It could not be used:
<problems>
${problems.join('\n').toWellFormed()}
</problems>
Answer again, without these problems; what cannot be said is "unknown".`
}

function answerIn({ content, stop_reason: stopReason }: Anthropic.Message): unknown {
  if (stopReason === 'refusal') throw failure('rejected', 'refused to read the call', 'refusal')
  if (stopReason === 'max_tokens') {
    throw failure('rejected', 'did not come to the end of the form', 'max_tokens')
  }
  const use = content.find((block) => block.type === 'tool_use')
  if (!use) throw failure('empty', 'did not fill in the form')
  return use.input
}

function failure(code: ProviderErrorCode, what: string, vendorCode?: string): ProviderError {
  return new ProviderError(`claude ${what}`, {
    provider: 'anthropic',
    code,
    ...(vendorCode !== undefined && { vendorCode }),
  })
}
