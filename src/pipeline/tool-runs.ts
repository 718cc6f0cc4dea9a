import type { Logger } from '../log.ts'
import type { ToolBox, ToolCheck } from './tool-box.ts'
import { FillerRota } from './tool-fillers.ts'
import { policyProblem, toolCallKey } from './tool-policy.ts'
import type { ToolCall } from './tools.ts'
import type { Turn } from './transcript.ts'
import { untilAborted } from './until-aborted.ts'

/** Where tool calls are written down: the transcript, which is what the model remembers. */
export interface ToolLedger {
  /** The call is on record from now on, its result `STILL_RUNNING` until `finish`, which is called once. */
  begin(call: ToolCall): { finish(result: string): void }
}

/** Carries out a checked call within the session, at once. What it returns is the result. */
export type ToolHandler = (input: unknown) => string

/** Somebody who calls endpoints more often than this in one call is in a loop. */
const MAX_RUNS = 40

const TOO_MANY_RUNS =
  'Not run: tools were used too often in this call. Go on without, and tell the person what you cannot check.'
const CALL_OVER = 'The call was over before the tool answered.'
const HANDLER_FAILED =
  'The tool failed. Tell the person that you cannot do this right now, and do not say that it worked.'

/** One run of a tool. It goes on when the reply that began it is cut off. */
type Run = {
  /** Never rejects. */
  readonly result: Promise<string>
  /** `ToolRuns.moment` when it was finished; undefined while it runs. */
  finishedAt: number | undefined
  /** How many replies wait for it. */
  waiting: number
}

/** A call that was made; `onRecord` resolves when its result stands in the ledger, and never rejects. */
export type StartedCall = { readonly run: Run; readonly onRecord: Promise<unknown> }

/**
 * The tool runs of one call. They outlive replies: a caller who cuts in ends the reply, not the run, and its result
 * still reaches the transcript.
 *
 * A tool is never run twice for one wish: a call with the same name and arguments as one whose result the model had not
 * seen when it made it follows the first one.
 */
export class ToolRuns {
  /** Of the waits for all of them. */
  readonly fillers = new FillerRota()
  readonly #parts: ToolRunsParts
  /** The latest run of each name and arguments. */
  readonly #runs = new Map<string, Run>()
  #finished = 0
  #ran = 0
  readonly #ranByName = new Map<string, number>()

  constructor(parts: ToolRunsParts) {
    this.#parts = parts
  }

  /** Grows with every run that is finished: `knownAt` of calls that the model makes when asked now. */
  get moment(): number {
    return this.#finished
  }

  /** Whether some run is not finished, such as one whose reply was cut off. */
  get pending(): boolean {
    return [...this.#runs.values()].some(({ finishedAt }) => finishedAt === undefined)
  }

  /** Whether its arguments fit, and its policy lets it run now. */
  check(call: ToolCall): ToolCheck {
    const { box, turns } = this.#parts
    const fits = box.check(call)
    if (!fits.ok) return fits
    const ran = this.#ranByName.get(call.name) ?? 0
    const result = policyProblem(call, box.policyOf(call.name), { turns: turns(), ran })
    return result === undefined ? fits : { ok: false, result }
  }

  /** Puts a call on record that is not carried out, and why. */
  refuse(call: ToolCall, result: string): void {
    this.#parts.ledger.begin(call).finish(result)
  }

  /** Carries out a call that `check` has passed. `knownAt`: the `moment` at which the model was asked. */
  start(call: ToolCall, { knownAt }: { knownAt: number }): StartedCall {
    const key = toolCallKey(call)
    const before = this.#runs.get(key)
    const isNews = before && (before.finishedAt === undefined || before.finishedAt > knownAt)
    return isNews ? this.#follow(call, before) : this.#begin(call, key)
  }

  /** Waits until these calls are on record with their results, or until `signal` is aborted. */
  async settle(calls: readonly StartedCall[], { signal }: { signal: AbortSignal }): Promise<void> {
    try {
      await untilAborted(Promise.all(calls.map(({ onRecord }) => onRecord)), signal)
    } finally {
      for (const { run } of calls) run.waiting--
    }
  }

  #follow(call: ToolCall, run: Run): StartedCall {
    const entry = this.#parts.ledger.begin(call)
    run.waiting++
    const onRecord = run.result.then((result) => {
      entry.finish(`The same call was made before and is not made twice. Its result: ${result}`)
    })
    return { run, onRecord }
  }

  #begin(call: ToolCall, key: string): StartedCall {
    const { ledger, run: keep, onLate, signal } = this.#parts
    const entry = ledger.begin(call)
    const { promise, resolve } = Promise.withResolvers<string>()
    const run: Run = { result: promise, finishedAt: undefined, waiting: 1 }
    this.#runs.set(key, run)
    const finish = (result: string) => {
      run.finishedAt = ++this.#finished
      entry.finish(result)
      resolve(result)
    }
    const carriedOut = this.#withinSession(call)
    if (carriedOut !== undefined) finish(carriedOut)
    else {
      keep(async () => {
        finish(await this.#outside(call))
        if (run.waiting === 0 && !signal.aborted) onLate?.(call)
      })
    }
    return { run, onRecord: promise }
  }

  /** Undefined: it is a tool that somebody else carries out. */
  #withinSession({ name, input }: ToolCall): string | undefined {
    const { handlers, log } = this.#parts
    const handler = Object.hasOwn(handlers, name) ? handlers[name] : undefined
    if (handler === undefined) return undefined
    try {
      return handler(input)
    } catch (error) {
      log.error({ err: error, tool: name }, 'tool failed')
      return HANDLER_FAILED
    }
  }

  async #outside(call: ToolCall): Promise<string> {
    const { box, signal, log } = this.#parts
    if (++this.#ran > MAX_RUNS) return TOO_MANY_RUNS
    this.#ranByName.set(call.name, (this.#ranByName.get(call.name) ?? 0) + 1)
    let result = CALL_OVER
    const run = box.run(call, { signal }).then(
      (answer) => (result = answer),
      (error: unknown) => {
        log.error({ err: error, tool: call.name }, 'tool failed')
        result = HANDLER_FAILED
      },
    )
    await untilAborted(run, signal)
    return result
  }
}

export type ToolRunsParts = {
  readonly box: ToolBox
  /** By the name of the tool. */
  readonly handlers: Readonly<Record<string, ToolHandler>>
  readonly ledger: ToolLedger
  /** What was said and done in the call so far. */
  readonly turns: () => readonly Turn[]
  /** Aborted when the call is over; that alone ends a run. */
  readonly signal: AbortSignal
  readonly log: Logger
  /** Keeps a background task in sight until it has ended. */
  readonly run: (task: () => Promise<void>) => void
  /** A run was finished that no reply waits for any more: somebody may want to tell the person. */
  readonly onLate?: (call: ToolCall) => void
}
