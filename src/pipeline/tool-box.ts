import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { HttpTool, HttpToolFailure, HttpToolRunner } from './http-tool.ts'
import { compileSchema, type SchemaCheck } from './tool-schema.ts'
import type { ToolPolicy } from './tool-policy.ts'
import type { ToolCall, ToolDefinition } from './tools.ts'

/** More than a model writes within its limit for a spoken turn. */
const MAX_INPUT_CHARS = 20_000
/** About 1,000 tokens: what a spoken answer can be made of, and no more to read at every later turn. */
const MAX_RESULT_CHARS = 4000

export type ToolCheck =
  /** `result`: what the model is told instead of a result. */
  { readonly ok: true } | { readonly ok: false; readonly result: string }

/** The tools of one call: knows what may be asked of each, and how to ask the ones of the user's own. */
export class ToolBox {
  readonly #definitions: ReadonlyMap<string, ToolDefinition>
  readonly #httpTools: ReadonlyMap<string, HttpTool>
  readonly #runner: HttpToolRunner | undefined
  readonly #clock: Clock
  readonly #log: Logger
  /** Compiled when first needed, once a call: most tools of most calls are never used. */
  readonly #checks = new Map<object, SchemaCheck>()

  constructor(parts: {
    definitions: readonly ToolDefinition[]
    httpTools?: readonly HttpTool[]
    runner?: HttpToolRunner | undefined
    clock: Clock
    log: Logger
  }) {
    this.#definitions = new Map(parts.definitions.map((tool) => [tool.name, tool]))
    this.#httpTools = new Map((parts.httpTools ?? []).map((tool) => [tool.name, tool]))
    this.#runner = parts.runner
    this.#clock = parts.clock
    this.#log = parts.log
  }

  /** Whether there is such a tool and its arguments fit. */
  check({ name, input }: Pick<ToolCall, 'name' | 'input'>): ToolCheck {
    const tool = this.#definitions.get(name)
    if (tool === undefined) {
      return { ok: false, result: 'There is no such tool. Use only the tools that you were given.' }
    }
    const problem = this.#inputProblem(tool, input)
    if (problem === undefined) return { ok: true }
    return {
      ok: false,
      result: `Not run, its arguments are wrong: ${problem}. Correct them, or ask the person for what you need.`,
    }
  }

  /** What its spec says of a tool beyond its arguments; of a built-in one nothing. */
  policyOf(name: string): ToolPolicy {
    return this.#httpTools.get(name) ?? {}
  }

  /** Asks a tool of the user's own whose arguments fit. Never rejects: a failure is a sentence for the model, too. */
  async run({ name, input }: ToolCall, { signal }: { signal: AbortSignal }): Promise<string> {
    const tool = this.#httpTools.get(name)
    if (tool === undefined || this.#runner === undefined) {
      this.#log.error({ tool: name }, 'tool has nobody to run it')
      return failureText('not_set_up')
    }
    const startedMs = this.#clock.now()
    const answer = await this.#runner.run(tool, recordOf(input), { signal })
    const durationMs = Math.round(this.#clock.now() - startedMs)
    if (!answer.ok) {
      this.#log.warn({ tool: name, failure: answer.failure, durationMs }, 'tool failed')
      return failureText(answer.failure)
    }
    const problem = this.#resultProblem(tool, answer.value)
    if (problem !== undefined) {
      this.#log.warn({ tool: name, failure: 'unfit', durationMs, pii: { problem } }, 'tool failed')
      return failureText('unreadable')
    }
    this.#log.info({ tool: name, durationMs }, 'tool answered')
    return resultText(answer.text)
  }

  #inputProblem(tool: ToolDefinition, input: unknown): string | undefined {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      return 'they must be an object'
    }
    if (JSON.stringify(input).length > MAX_INPUT_CHARS) return 'they are too long'
    return this.#checkOf(tool.inputSchema, tool.name)(input)
  }

  #resultProblem(tool: HttpTool, value: unknown): string | undefined {
    if (tool.resultSchema === undefined) return undefined
    return this.#checkOf(tool.resultSchema, tool.name)(value)
  }

  #checkOf(schema: object, tool: string): SchemaCheck {
    const known = this.#checks.get(schema)
    if (known !== undefined) return known
    const check = this.#compile(schema, tool)
    this.#checks.set(schema, check)
    return check
  }

  #compile(schema: object, tool: string): SchemaCheck {
    try {
      return compileSchema(schema)
    } catch (error) {
      this.#log.error({ err: error, tool }, 'schema of a tool cannot be used')
      return () => 'this tool cannot be used at all'
    }
  }
}

/** The input of a checked call; anything but an object holds no arguments. */
function recordOf(input: unknown): Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null
    ? Object.fromEntries(Object.entries(input))
    : {}
}

function resultText(text: string): string {
  const whole = text.trim()
  if (whole === '') return 'Done. The tool has given no answer.'
  if (whole.length <= MAX_RESULT_CHARS) return whole
  const cut = ' … (the rest is left out)'
  return whole.slice(0, MAX_RESULT_CHARS - cut.length).toWellFormed() + cut
}

const REASONS: Readonly<Record<HttpToolFailure, string>> = {
  timeout: 'it did not answer in time',
  unreachable: 'it cannot be reached',
  rejected: 'it does not accept these arguments, or knows nothing about them',
  busy: 'it is too busy',
  broken: 'it had an error of its own',
  unreadable: 'its answer is not what it should be',
  too_long: 'its answer is too long',
  not_set_up: 'it is not set up properly',
  aborted: 'the call was over first',
}

/** After these nobody knows whether the tool did its work before it failed. */
const UNCERTAIN: ReadonlySet<HttpToolFailure> = new Set([
  'timeout',
  'unreachable',
  'broken',
  'unreadable',
  'too_long',
  'aborted',
])

function failureText(failure: HttpToolFailure): string {
  const text = `The tool failed: ${REASONS[failure]}. Tell the person that you cannot check this right now.`
  if (!UNCERTAIN.has(failure)) return text
  return `${text} If it was to change something, nobody knows whether it did: do not say that it worked, and do not try again.`
}
