import { WorkflowError } from '../../src/errors.ts'
import type {
  RunFeedItem,
  RunQuery,
  WorkflowRun,
  WorkflowsPort,
} from '../../src/routes/workflows-port.ts'

export const fakeRun: WorkflowRun = {
  runId: 'run_1',
  workflowId: 'call-and-follow-up',
  status: 'running',
  steps: {},
  createdAt: new Date('2030-05-01T12:00:00Z'),
  updatedAt: new Date('2030-05-01T12:00:01Z'),
}

/** Workflows of which a test says how they stand. */
export class FakeWorkflows implements WorkflowsPort {
  run: WorkflowRun = fakeRun
  items: readonly RunFeedItem[] | undefined = []
  readonly asked: unknown[] = []

  start(workflowId: string, input: unknown) {
    return this.#ask('start', workflowId, input)
  }
  get(workflowId: string, runId: string) {
    return this.#ask('get', workflowId, runId)
  }
  async list(workflowId: string, query: RunQuery) {
    return { runs: [await this.#ask('list', workflowId, query)], nextAfter: query.limit }
  }
  resume(workflowId: string, runId: string, answer: unknown) {
    return this.#ask('resume', workflowId, { runId, answer })
  }
  cancel(workflowId: string, runId: string) {
    return this.#ask('cancel', workflowId, runId)
  }
  async follow(workflowId: string, runId: string, { after }: { after: number }) {
    await this.#ask('follow', workflowId, { runId, after })
    const { items } = this
    return (
      items &&
      (async function* () {
        yield* await Promise.resolve(items)
      })()
    )
  }
  releaseFollowers() {
    this.asked.push('release')
  }

  #ask(what: string, workflowId: string, about: unknown): Promise<WorkflowRun> {
    this.asked.push([what, about])
    if (workflowId === this.run.workflowId) return Promise.resolve(this.run)
    const error = new WorkflowError('no such workflow', { code: 'workflow_not_found' })
    return Promise.reject(error)
  }
}
