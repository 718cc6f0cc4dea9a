import { z } from 'zod'
import { RUN_STATUSES, type WorkflowRun } from './workflows-port.ts'

const runExample = {
  run_id: 'run_5f0c1a2b3d4e4f60718293a4b5c6d7e8',
  workflow_id: 'call-and-follow-up',
  status: 'suspended',
  steps: {
    'reach-person.await-call': {
      status: 'suspended',
      payload: { attempt: 1 },
      output: null,
      suspend_payload: { waiting_for: 'call', call_id: 'call_01kafx3w5tq8r2m4n6p7s9v1x3y5' },
      error: null,
      started_at: '2026-11-21T10:00:00.000Z',
      ended_at: null,
    },
  },
  suspended: [['reach-person', 'await-call']],
  suspend_payload: { waiting_for: 'call', call_id: 'call_01kafx3w5tq8r2m4n6p7s9v1x3y5' },
  created_at: '2026-11-21T10:00:00.000Z',
  updated_at: '2026-11-21T10:00:01.000Z',
} as const

const listedExample = Object.fromEntries(
  Object.entries(runExample).filter(([key]) => key !== 'steps'),
)

const StepView = z.object({
  status: z.string(),
  payload: z.unknown().meta({ description: 'What the step was given' }),
  output: z.unknown(),
  suspend_payload: z.unknown(),
  error: z.string().nullable(),
  started_at: z.iso.datetime().nullable(),
  ended_at: z.iso.datetime().nullable(),
})

export const RunView = z
  .object({
    run_id: z.string(),
    workflow_id: z.string(),
    status: z.enum(RUN_STATUSES),
    steps: z.record(z.string(), StepView).meta({ description: 'By the path of the step' }),
    suspended: z
      .array(z.array(z.string()))
      .optional()
      .meta({ description: 'Of `suspended`: paths of the steps that wait' }),
    suspend_payload: z
      .unknown()
      .optional()
      .meta({ description: 'Of `suspended`: what it waits for' }),
    result: z.unknown().optional().meta({ description: 'Of `success`: what came of it' }),
    error: z.string().optional().meta({ description: 'Of `failed`: why' }),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ title: 'WorkflowRun', examples: [runExample] })

export const RunList = z
  .object({
    runs: z.array(RunView.omit({ steps: true })),
    next_cursor: z.string().nullable().meta({ description: 'null: there are no more' }),
  })
  .meta({
    title: 'WorkflowRunList',
    examples: [{ runs: [listedExample], next_cursor: '20' }],
  })

/** Keys that are absent in a run are absent here: the shape says the status. */
export function runViewOf(run: WorkflowRun): z.infer<typeof RunView> {
  return {
    run_id: run.runId,
    workflow_id: run.workflowId,
    status: run.status,
    steps: Object.fromEntries(
      Object.entries(run.steps).map(([path, step]) => [
        path,
        {
          status: step.status,
          payload: step.payload ?? null,
          output: step.output ?? null,
          suspend_payload: step.suspendPayload ?? null,
          error: step.error ?? null,
          started_at: step.startedAt?.toISOString() ?? null,
          ended_at: step.endedAt?.toISOString() ?? null,
        },
      ]),
    ),
    ...(run.suspended && { suspended: run.suspended.map((path) => [...path]) }),
    ...(run.suspendPayload !== undefined && { suspend_payload: run.suspendPayload }),
    ...(run.result !== undefined && { result: run.result }),
    ...(run.error !== undefined && { error: run.error }),
    created_at: run.createdAt.toISOString(),
    updated_at: run.updatedAt.toISOString(),
  }
}
