import { join, relative } from 'node:path'
import { type Clock, scaledClock } from '../clock.ts'
import { createLogger } from '../log.ts'
import type { Scenario } from '../simulator/scenario.ts'
import { steadyClock } from '../simulator/steady-clock.ts'
import { ConversationPrinter, type Names } from './conversation-printer.ts'
import { runScenario } from './demo-call.ts'
import { cloudReport, runCloudCall, saveCloudCall } from './demo-cloud.ts'
import { reportOf, saveCall } from './demo-report.ts'
import { runWorkflow, saveWorkflow, workflowReport } from './demo-workflow.ts'
import { type DemoWorld, startDemoWorld } from './demo-world.ts'

export type DemoOptions = {
  /** So many times as fast as real time. */
  readonly speed: number
  /** The folder for record and sound. */
  readonly out: string
  /** The server's log is shown from this level on. */
  readonly log: string
  readonly json: boolean
}

/** Plays a scenario and shows it. Resolves with the exit code. */
export async function runDemo(scenario: Scenario, options: DemoOptions): Promise<number> {
  const { speed } = options
  // What a machine is too slow for must not look like a slow vendor.
  const clock = speed > 1 ? steadyClock(speed) : scaledClock(speed)
  const printer = new ConversationPrinter({
    write: (text) => {
      if (!options.json) process.stdout.write(text)
    },
    names: namesIn(scenario),
  })
  if (!options.json) console.log(`Scenario "${scenario.name}": ${scenario.about}.\n`)
  await using world = await startDemoWorld({
    scenarios: [scenario],
    clock,
    log: createLogger({ level: options.log }),
    ...(scenario.environment && { environment: scenario.environment }),
    on: (event) => {
      printer.print(event)
    },
  })
  const { workflow } = scenario
  if (workflow) return await demoWorkflow(world, { ...scenario, workflow }, { ...options, clock })
  if (scenario.call['backend'] === 'atoms') {
    return await demoCloud(world, scenario, { ...options, clock })
  }
  const result = await runScenario(world, scenario, clock)
  const folder = join(options.out, scenario.name)
  await saveCall(folder, result)
  const { record, problems } = result
  if (options.json) console.log(JSON.stringify({ call: record, problems }))
  else console.log(reportOf(result, relative(process.cwd(), folder) || '.'))
  return problems.length === 0 ? 0 : 1
}

async function demoWorkflow(
  world: DemoWorld,
  scenario: Parameters<typeof runWorkflow>[1],
  { clock, out, json }: { clock: Clock; out: string; json: boolean },
): Promise<number> {
  const write = (line: string) => {
    if (!json) console.log(line)
  }
  const result = await runWorkflow(world, scenario, { clock, write })
  const folder = join(out, scenario.name)
  await saveWorkflow(folder, result)
  const { run, calls, problems } = result
  const records = calls.map(({ record }) => record)
  if (json) console.log(JSON.stringify({ run, calls: records, problems }))
  else console.log(workflowReport(result, relative(process.cwd(), folder) || '.'))
  return problems.length === 0 ? 0 : 1
}

async function demoCloud(
  world: DemoWorld,
  scenario: Scenario,
  { clock, out, json }: { clock: Clock; out: string; json: boolean },
): Promise<number> {
  const write = (line: string) => {
    if (!json) console.log(line)
  }
  const result = await runCloudCall(world, scenario, { clock, write })
  const folder = join(out, scenario.name)
  await saveCloudCall(folder, result)
  const { record, problems } = result
  if (json) console.log(JSON.stringify({ call: record, problems }))
  else console.log(cloudReport(result, relative(process.cwd(), folder) || '.'))
  return problems.length === 0 ? 0 : 1
}

function namesIn({ call, direction }: Scenario): Names {
  const name = (key: string, otherwise: string) => {
    const value = call[key]
    return typeof value === 'string' ? value : otherwise
  }
  return {
    agent: name('agent_name', 'Agent'),
    person: name('callee_name', direction === 'inbound' ? 'Caller' : 'Callee'),
  }
}
