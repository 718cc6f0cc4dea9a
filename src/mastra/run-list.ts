import type { AnyWorkflow } from '@mastra/core/workflows'
import { z } from 'zod'
import type { RunPage, RunQuery } from '../routes/workflows-port.ts'
import { runViewOf } from './run-view.ts'

const StoredRuns = z.object({ runs: z.array(z.object({ runId: z.string() })), total: z.number() })

type Filter = { readonly status?: RunQuery['status']; readonly resourceId?: string }

export async function runIds(workflow: AnyWorkflow, filter: Filter): Promise<string[]> {
  return idsIn(await stored(workflow, filter))
}

/** Runs of a workflow, newest first. */
export async function pageOfRuns(
  workflow: AnyWorkflow,
  { status, limit, after = 0 }: RunQuery,
): Promise<RunPage> {
  const page = Math.floor(after / limit)
  const found = await stored(workflow, { status, page, perPage: limit })
  // Between the two questions one may have been erased.
  const states = await Promise.all(idsIn(found).map((id) => workflow.getWorkflowRunById(id)))
  const runs = states.flatMap((state) => (state ? [runViewOf(state)] : []))
  const next = (page + 1) * limit
  return next < found.total ? { runs, nextAfter: next } : { runs }
}

async function stored(
  workflow: AnyWorkflow,
  filter: Filter & { readonly page?: number; readonly perPage?: number },
) {
  const given = Object.entries(filter).filter(([, value]) => value !== undefined)
  return StoredRuns.parse(await workflow.listWorkflowRuns(Object.fromEntries(given)))
}

function idsIn({ runs }: z.infer<typeof StoredRuns>): string[] {
  return runs.map(({ runId }) => runId)
}
