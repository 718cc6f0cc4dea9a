import { randomUUID } from 'node:crypto'
import type { AnyWorkflow, WorkflowState } from '@mastra/core/workflows'
import type { z } from 'zod'
import type { Clock } from '../clock.ts'
import { WorkflowError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type {
  RunFeedItem,
  RunPage,
  RunQuery,
  WorkflowRun,
  WorkflowsPort,
} from '../routes/workflows-port.ts'
import { Approval, GoOn, Waiting } from './follow-up/follow-up-schemas.ts'
import { pageOfRuns, runIds } from './run-list.ts'
import { RunLogs } from './run-log.ts'
import {
  errorText,
  isOver,
  runViewOf,
  statusOf,
  type Suspension,
  suspensionOf,
} from './run-view.ts'
import { RunWaits } from './run-waits.ts'

/** A workflow, what may be put in, and whom a run of it concerns. */
export type ServedWorkflow = {
  readonly workflow: AnyWorkflow
  readonly input: z.ZodType
  /** The person that a run is about, as memory knows them: their runs are erased with them. */
  readonly resourceOf: (input: unknown) => string
}

type WorkflowRunsParts = {
  readonly workflows: readonly ServedWorkflow[]
  /** Ends the call that a run waits for. */
  readonly hangUp: (callId: string) => Promise<void>
  readonly clock: Clock
  readonly log: Logger
}

/** For a step to come to its end when the server is shut down. */
const CLOSE_TIMEOUT_MS = 5000

type Segment = {
  readonly fullStream: AsyncIterable<unknown>
  readonly result: PromiseLike<unknown>
}

/**
 * Runs of workflows. Whatever happens in one run happens one after the other, however many ask for it at once: a call that ends
 * while its run is not yet suspended is looked at again as soon as it is.
 */
export class WorkflowRuns implements WorkflowsPort {
  readonly #parts: WorkflowRunsParts
  readonly #logs: RunLogs
  readonly #waits: RunWaits
  /** The last thing that is to happen in a run. */
  readonly #queues = new Map<string, Promise<unknown>>()
  readonly #closing = new AbortController()

  constructor(parts: WorkflowRunsParts) {
    this.#parts = parts
    this.#logs = new RunLogs(parts.clock)
    this.#waits = new RunWaits(parts.clock, (wait) => {
      void this.#wake(wait)
    })
  }

  async start(workflowId: string, input: unknown): Promise<WorkflowRun> {
    const served = this.#served(workflowId)
    const parsed = served.input.safeParse(input)
    if (!parsed.success) {
      const details = parsed.error.issues.map(({ path, message }) => ({
        field: path.join('.'),
        problem: message,
      }))
      throw invalid(`the input is not as expected: ${details[0]?.field ?? ''}`, details)
    }
    const runId = `run_${randomUUID().replaceAll('-', '')}`
    this.#logs.begin(runId)
    const resourceId = served.resourceOf(parsed.data)
    const run = await served.workflow.createRun({ runId, resourceId })
    this.#do(served, runId, () => run.stream({ inputData: parsed.data }))
    const now = this.#parts.clock.date()
    return { runId, workflowId, status: 'running', steps: {}, createdAt: now, updatedAt: now }
  }

  async get(workflowId: string, runId: string): Promise<WorkflowRun> {
    return runViewOf(await this.#state(this.#served(workflowId), runId))
  }

  list(workflowId: string, query: RunQuery): Promise<RunPage> {
    return pageOfRuns(this.#served(workflowId).workflow, query)
  }

  async resume(
    workflowId: string,
    runId: string,
    { step, data }: Parameters<WorkflowsPort['resume']>[2],
  ): Promise<WorkflowRun> {
    const served = this.#served(workflowId)
    const seen = suspensionIn(await this.#state(served, runId))
    if (step !== undefined && step.join('.') !== seen.step.join('.')) {
      throw notSuspended(`it waits in ${seen.step.join('.')}`)
    }
    const answer = answerTo(seen, data)
    const claimed = Promise.withResolvers<undefined>()
    void this.#inBackground(runId, async () => {
      try {
        // Whoever came first has it: a second answer must not be one to the next question.
        const now = suspensionIn(await this.#state(served, runId))
        if (now.key !== seen.key) throw notSuspended('somebody else has answered')
        this.#waits.drop(runId)
        claimed.resolve(undefined)
      } catch (error) {
        claimed.reject(error)
        return
      }
      await this.#pump(served, runId, await this.#resuming(served, runId, answer))
    })
    await claimed.promise
    return { ...(await this.get(workflowId, runId)), status: 'running' }
  }

  async cancel(workflowId: string, runId: string): Promise<WorkflowRun> {
    const served = this.#served(workflowId)
    const state = await this.#state(served, runId)
    if (isOver(statusOf(state))) throw notSuspended('the run is over')
    const waiting = Waiting.safeParse(suspensionOf(state)?.payload).data
    this.#waits.drop(runId)
    if (waiting?.waiting_for === 'call') await this.#parts.hangUp(waiting.call_id)
    const run = await served.workflow.createRun({ runId })
    await run.cancel()
    this.#logs.add(runId, 'workflow-canceled', { runId })
    this.#logs.end(runId)
    return this.get(workflowId, runId)
  }

  async follow(
    workflowId: string,
    runId: string,
    { after, signal }: { readonly after: number; readonly signal: AbortSignal },
  ): Promise<AsyncIterable<RunFeedItem> | undefined> {
    const served = this.#served(workflowId)
    const state = await this.#state(served, runId)
    if (this.#logs.isTold(runId, after)) return undefined
    if (isOver(statusOf(state))) this.#logs.end(runId)
    return this.#logs.follow(runId, {
      after,
      signal: AbortSignal.any([signal, this.#closing.signal]),
      state: async () => runViewOf(await this.#state(served, runId)),
    })
  }

  releaseFollowers(): void {
    this.#closing.abort()
  }

  /** Something has happened to a call: its end, or its outcome is there. */
  callChanged(callId: string): void {
    this.#waits.callChanged(callId)
  }

  /** Takes up what earlier processes have left: what waited waits on, what was interrupted goes on. */
  async recover(): Promise<void> {
    try {
      await this.#recover()
    } catch (error) {
      // Whatever is left is still there for the next process.
      if (this.#closing.signal.aborted) return
      this.#parts.log.error({ err: error }, 'workflows of an earlier process could not be taken up')
    }
  }

  async #recover(): Promise<void> {
    for (const served of this.#parts.workflows) {
      for (const runId of await runIds(served.workflow, { status: 'suspended' }))
        this.#arm(await this.#state(served, runId), 'now')
      for (const runId of await runIds(served.workflow, { status: 'running' })) {
        if (this.#queues.has(runId)) continue
        void this.#inBackground(runId, () => this.#restart(served, runId))
      }
    }
  }

  /** Forgets every run about a person. @returns how many there were */
  async erase(resourceId: string): Promise<number> {
    let erased = 0
    for (const served of this.#parts.workflows) {
      for (const runId of await runIds(served.workflow, { resourceId })) {
        this.#waits.drop(runId)
        const run = await served.workflow.createRun({ runId })
        await run.cancel()
        // After what is still going on in it, which would put it on record again.
        await this.#queued(runId, () => served.workflow.deleteWorkflowRunById(runId))
        this.#logs.forget(runId)
        erased++
      }
    }
    return erased
  }

  /** Steps that go on may come to their end, for a while; the next process takes up what is left, as it is on record. */
  async close(): Promise<void> {
    this.releaseFollowers()
    this.#waits.close()
    const isLate = Promise.withResolvers<undefined>()
    const cancel = this.#parts.clock.after(CLOSE_TIMEOUT_MS, () => {
      isLate.resolve(undefined)
    })
    await Promise.race([Promise.all(this.#queues.values()), isLate.promise])
    cancel()
  }

  #served(workflowId: string): ServedWorkflow {
    const served = this.#parts.workflows.find(({ workflow }) => workflow.id === workflowId)
    if (served) return served
    throw new WorkflowError('no such workflow', {
      code: 'workflow_not_found',
      details: { workflow_id: workflowId },
    })
  }

  async #state({ workflow }: ServedWorkflow, runId: string): Promise<WorkflowState> {
    const state = await workflow.getWorkflowRunById(runId)
    if (state) return state
    throw new WorkflowError('no such run', { code: 'run_not_found', details: { run_id: runId } })
  }

  /** What a timer, or the end of a call, makes of a run that waits for it. */
  async #wake({ runId, workflowId, key, data }: Parameters<RunWaits['onDue']>[0]): Promise<void> {
    const served = this.#served(workflowId)
    await this.#inBackground(runId, async () => {
      if (this.#closing.signal.aborted) return
      const state = await served.workflow.getWorkflowRunById(runId)
      // Somebody was faster.
      if (!state || statusOf(state) !== 'suspended' || suspensionOf(state)?.key !== key) return
      await this.#pump(served, runId, await this.#resuming(served, runId, data))
    })
  }

  async #resuming({ workflow }: ServedWorkflow, runId: string, resumeData: unknown) {
    const run = await workflow.createRun({ runId })
    return (): Segment => run.resumeStream({ resumeData })
  }

  #do(served: ServedWorkflow, runId: string, begin: () => Segment): void {
    void this.#inBackground(runId, () => this.#pump(served, runId, begin))
  }

  /** Carries a run on until it waits again or is over, and tells what happens meanwhile. */
  async #pump(served: ServedWorkflow, runId: string, begin: () => Segment): Promise<void> {
    const since = this.#waits.mark()
    try {
      const segment = begin()
      for await (const chunk of segment.fullStream) this.#tell(runId, chunk)
      await segment.result
    } catch (error) {
      // What a step throws is in the run's record; this is what has kept it from being carried on at all.
      this.#parts.log.warn({ runId, reason: errorText(error) }, 'workflow could not be carried on')
    }
    await this.#settle(served, runId, since)
  }

  async #restart(served: ServedWorkflow, runId: string): Promise<void> {
    const since = this.#waits.mark()
    const run = await served.workflow.createRun({ runId })
    this.#parts.log.info({ runId }, 'interrupted workflow goes on')
    try {
      await run.restart()
    } catch (error) {
      this.#parts.log.warn({ runId, reason: errorText(error) }, 'workflow could not be carried on')
    }
    await this.#settle(served, runId, since)
  }

  async #settle(served: ServedWorkflow, runId: string, since: number): Promise<void> {
    const state = await served.workflow.getWorkflowRunById(runId)
    if (!state || isOver(statusOf(state))) this.#logs.end(runId)
    else this.#arm(state, since)
  }

  #arm(state: WorkflowState, since: number | 'now'): void {
    const suspension = suspensionOf(state)
    const waiting = Waiting.safeParse(suspension?.payload).data
    if (!suspension || !waiting) return
    const { runId, workflowName: workflowId } = state
    this.#waits.add({ runId, workflowId, key: suspension.key, waiting }, since)
  }

  #tell(runId: string, chunk: unknown): void {
    if (typeof chunk !== 'object' || chunk === null || !('type' in chunk)) return
    this.#logs.add(runId, String(chunk.type), 'payload' in chunk ? chunk.payload : {})
  }

  /** Never rejects. What is not done when the database is away, or gone with the server, is done by the next process. */
  async #inBackground(runId: string, task: () => Promise<void>): Promise<void> {
    try {
      await this.#queued(runId, task)
    } catch (error) {
      if (this.#closing.signal.aborted) return
      this.#parts.log.error({ err: error, runId }, 'workflow could not be carried on')
    }
  }

  #queued<Result>(runId: string, task: () => Promise<Result>): Promise<Result> {
    const before = this.#queues.get(runId) ?? Promise.resolve()
    const result = before.then(task, task)
    const done = result.catch(() => {
      // Whoever has asked for it is told.
    })
    this.#queues.set(runId, done)
    void done.then(() => {
      if (this.#queues.get(runId) === done) this.#queues.delete(runId)
    })
    return result
  }
}

function suspensionIn(state: WorkflowState): Suspension {
  const suspension = statusOf(state) === 'suspended' ? suspensionOf(state) : undefined
  if (suspension) return suspension
  throw notSuspended(`the run is ${statusOf(state)}`)
}

/** What a person may give to a run that waits; that a call is over they cannot say. */
function answerTo({ payload }: Suspension, data: unknown): unknown {
  const waiting = Waiting.parse(payload)
  if (waiting.waiting_for === 'call')
    throw notSuspended('it waits for a call, and goes on by itself')
  const schema = waiting.waiting_for === 'approval' ? Approval : GoOn
  const parsed = schema.safeParse(data ?? {})
  if (parsed.success) return parsed.data
  throw invalid(
    'the answer is not as expected',
    parsed.error.issues.map(({ path, message }) => ({
      field: ['data', ...path].join('.'),
      problem: message,
    })),
  )
}

function invalid(message: string, details: unknown): WorkflowError {
  return new WorkflowError(message, { code: 'invalid_request', details })
}

function notSuspended(why: string): WorkflowError {
  return new WorkflowError(`the run does not wait for an answer: ${why}`, {
    code: 'run_not_suspended',
  })
}
