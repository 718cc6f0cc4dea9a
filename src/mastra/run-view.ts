import type { WorkflowState } from '@mastra/core/workflows'
import {
  RUN_STATUSES,
  type RunStatus,
  type RunStep,
  type WorkflowRun,
} from '../routes/workflows-port.ts'

/** Every status of Mastra's that ours do not have: none of them is a wait that somebody could end. */
const OTHER_STATUS: Readonly<Record<string, RunStatus>> = {
  tripwire: 'failed',
  bailed: 'success',
  paused: 'suspended',
  skipped: 'success',
}

const OVER: ReadonlySet<RunStatus> = new Set(['success', 'failed', 'canceled'])

export function isOver(status: RunStatus): boolean {
  return OVER.has(status)
}

export function statusOf(state: WorkflowState): RunStatus {
  const known = RUN_STATUSES.find((status) => status === state.status)
  return known ?? OTHER_STATUS[state.status] ?? 'failed'
}

/** A run as its snapshot tells. */
export function runViewOf(state: WorkflowState): WorkflowRun {
  const status = statusOf(state)
  const waiting = status === 'suspended' ? suspensionOf(state) : undefined
  return {
    runId: state.runId,
    workflowId: state.workflowName,
    status,
    steps: stepsOf(state),
    ...(waiting && { suspended: [waiting.step], suspendPayload: waiting.payload }),
    ...(status === 'success' && { result: state.result }),
    ...(status === 'failed' && { error: errorText(state.error) }),
    createdAt: new Date(state.createdAt),
    updatedAt: new Date(state.updatedAt),
  }
}

/** The step that a suspended run waits in, with what it waits for. */
export type Suspension = {
  readonly step: readonly string[]
  /** Another one for every time that the run is suspended. */
  readonly key: string
  readonly payload: unknown
}

export function suspensionOf(state: WorkflowState): Suspension | undefined {
  const suspended = singleSteps(state).filter(([, step]) => step.status === 'suspended')
  // A nested workflow waits when a step in it does: the longest path is the step itself.
  const [path, step] =
    suspended.sort(([a], [b]) => b.split('.').length - a.split('.').length)[0] ?? []
  if (path === undefined || step === undefined) return undefined
  const { suspendPayload, suspendedAt, startedAt } = fieldsOf(step)
  return {
    step: path.split('.'),
    key: `${path}@${String(suspendedAt ?? startedAt)}`,
    payload: suspendPayload,
  }
}

type StepFields = {
  readonly payload?: unknown
  readonly output?: unknown
  readonly suspendPayload?: unknown
  readonly error?: unknown
  readonly startedAt?: number
  readonly endedAt?: number
  readonly suspendedAt?: number
}

/** Steps in a snapshot have whichever of these their status goes with. */
function fieldsOf(step: object): StepFields {
  return step
}

/** Without those that are done once for each of many things, which no workflow of ours has; and without the input. */
function singleSteps({ steps = {} }: WorkflowState) {
  return Object.entries(steps).flatMap(([path, step]) =>
    path === 'input' || Array.isArray(step) ? [] : [[path, step] as const],
  )
}

function stepsOf(state: WorkflowState): WorkflowRun['steps'] {
  const views = singleSteps(state).map(([path, step]): [string, RunStep] => {
    const { payload, output, suspendPayload, error, startedAt, endedAt } = fieldsOf(step)
    const view: RunStep = {
      status: step.status,
      payload,
      output,
      ...(step.status === 'suspended' && { suspendPayload }),
      error: error === undefined ? undefined : errorText(error),
      startedAt: startedAt === undefined ? undefined : new Date(startedAt),
      endedAt: endedAt === undefined ? undefined : new Date(endedAt),
    }
    return [path, view]
  })
  return Object.fromEntries(views)
}

export function errorText(error: unknown): string {
  if (typeof error === 'string') return error
  if (typeof error === 'object' && error !== null && 'message' in error)
    return String(error.message)
  return 'it failed, and nothing says why'
}
