import { join } from 'node:path'
import { styleText } from 'node:util'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Scenario } from '../simulator/scenario.ts'
import { withToolServer } from '../simulator/tool-server.ts'
import { type Api, ask, follow } from './api-client.ts'
import { closedRecord } from './call-record.ts'
import { type DemoResult, problemsOf } from './demo-call.ts'
import { saveCall } from './demo-report.ts'
import type { DemoWorld } from './demo-world.ts'

const RunJson = z.looseObject({
  run_id: z.string(),
  status: z.string(),
  error: z.string().optional(),
  result: z
    .looseObject({
      outcome: z.string(),
      summary: z.string().nullable(),
      calls: z.array(z.string()),
      decision: z.looseObject({ action: z.string(), reason: z.string() }).nullable(),
    })
    .optional(),
})
type RunJson = z.infer<typeof RunJson>

const StepJson = z.looseObject({
  id: z.string().optional(),
  suspendPayload: z.looseObject({ waiting_for: z.string().optional() }).nullish(),
  output: z.looseObject({ spec: z.unknown().optional() }).nullish(),
})

export type WorkflowDemo = {
  readonly run: RunJson
  readonly calls: readonly DemoResult[]
  /** Everything that is wrong, as sentences; empty when nothing is. */
  readonly problems: readonly string[]
}

/** Carries a scenario's workflow out in a world, and tells each of its steps. */
export async function runWorkflow(
  world: DemoWorld,
  scenario: Scenario & { readonly workflow: NonNullable<Scenario['workflow']> },
  { clock, write }: { readonly clock: Clock; readonly write: (line: string) => void },
): Promise<WorkflowDemo> {
  const api: Api = { url: world.url, key: undefined }
  const { id, input } = scenario.workflow
  const call = withToolServer(scenario.call, world.simulator.tools.url)
  const runs = `/api/phone/workflows/${id}/runs`
  const { run_id: runId } = RunJson.parse(
    await ask(api, runs, { method: 'POST', body: { ...input, call } }),
  )
  const { signal } = new AbortController()
  for await (const { event, data } of follow(api, `${runs}/${runId}/events`, { signal })) {
    const line = lineOf(event, StepJson.parse(JSON.parse(data)))
    if (line !== undefined) write(line)
  }
  const run = RunJson.parse(await ask(api, `${runs}/${runId}`))
  const calls = await judgedCalls(world, run.result?.calls ?? [], clock)
  const failed =
    run.status === 'success' ? [] : [`the workflow is ${run.status}: ${run.error ?? ''}`]
  return { run, calls, problems: [...failed, ...calls.flatMap(({ problems }) => problems)] }
}

async function judgedCalls(
  world: DemoWorld,
  ids: readonly string[],
  clock: Clock,
): Promise<DemoResult[]> {
  const heard = world.simulator.twilio.calls()
  const judged: DemoResult[] = []
  for (const [i, callId] of ids.entries()) {
    const call = heard[i]
    if (!call) throw new Error(`call ${callId} never reached the telephone network`)
    const record = await closedRecord(world.url, callId, clock)
    judged.push({ record, call, problems: problemsOf(world, record, call) })
  }
  return judged
}

/** What a step that waits waits for. */
const WAITS: Readonly<Record<string, string>> = {
  call: 'until the call is over',
  time: 'for the time of the next attempt',
  approval: 'for somebody to approve',
}

function lineOf(event: string, step: z.infer<typeof StepJson>): string | undefined {
  const { id, suspendPayload, output } = step
  const isSkipped = output?.spec === null && id?.startsWith('follow-up-call') === true
  // A workflow within the workflow waits when one of its steps does.
  if (id === undefined || suspendPayload === null || isSkipped) return undefined
  if (event === 'workflow-step-suspended' && id.includes('.')) {
    const what = WAITS[suspendPayload?.waiting_for ?? ''] ?? ''
    return styleText('magenta', `workflow  ${id} waits ${what}`)
  }
  return event === 'workflow-step-result'
    ? styleText('magenta', `workflow  ${id} is done`)
    : undefined
}

/** Keeps the records and the sound of all calls, each in a folder of its own. */
export async function saveWorkflow(folder: string, { calls }: WorkflowDemo): Promise<void> {
  for (const [i, call] of calls.entries()) await saveCall(join(folder, `call-${i + 1}`), call)
}

/** The end of a demo's output. */
export function workflowReport({ run, calls, problems }: WorkflowDemo, folder: string): string {
  const { result } = run
  return [
    '',
    styleText('bold', 'Workflow'),
    `${run.status}${result ? `, ${result.outcome.replaceAll('_', ' ')}` : ''}`,
    ...calls.map(({ record }, i) => `call ${i + 1}: ${record.status}`),
    ...(result?.summary ? [`summary: ${result.summary}`] : []),
    ...(result?.decision ? [`decision: ${result.decision.action}, ${result.decision.reason}`] : []),
    problems.length === 0
      ? styleText(
          'green',
          'Every word on record is the word that was heard; no vendor saw a violation.',
        )
      : styleText('red', problems.map((problem) => `- ${problem}`).join('\n')),
    `Records and sound are in ${folder}`,
  ].join('\n')
}
