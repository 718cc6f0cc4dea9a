import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { type Clock, scaledClock } from '../clock.ts'
import { createLogger } from '../log.ts'
import type { Scenario } from '../simulator/scenario.ts'
import { scenarios } from '../simulator/scenarios/all.ts'
import { ConversationPrinter, type Names } from './conversation-printer.ts'
import { runScenario } from './demo-call.ts'
import { cloudReport, runCloudCall, saveCloudCall } from './demo-cloud.ts'
import { reportOf, saveCall } from './demo-report.ts'
import { serveDemo } from './demo-serve.ts'
import { runWorkflow, saveWorkflow, workflowReport } from './demo-workflow.ts'
import { type DemoWorld, startDemoWorld } from './demo-world.ts'
import { loadScenario } from './scenario-file.ts'

const HELP = `Makes a whole phone call on this machine: the real server, and simulated vendors and people.

npm run demo                            the dentist's call
npm run demo -- --list                  all scenarios
npm run demo -- --scenario NAME         another one
npm run demo -- --scenario-file FILE    one of your own: a module that exports it, as npm run replay writes
npm run demo -- --serve [--port 8000]   stays up, so that you can place calls with curl

--out DIR     where record and sound go (default: demo-output)
--speed N     N times as fast as real time (default: 1)
--log LEVEL   show the server's log from this level on (default: silent)
--json        print the call's record as one line of JSON, and nothing else

Exits 1 when a word on record is not the word that was heard, or a vendor saw a violation of its protocol.`

async function main(): Promise<number> {
  const options = readOptions()
  if (options.help) {
    console.log(HELP)
    return 0
  }
  if (options.list) {
    for (const { name, about } of scenarios) console.log(`${name.padEnd(26)} ${about}`)
    return 0
  }
  if (options.serve) return serveDemo({ port: options.port, logLevel: options.log })
  const file = options['scenario-file']
  if (file !== undefined) return demo(await loadScenario(file), options)
  const scenario = scenarios.find(({ name }) => name === options.scenario)
  if (scenario) return demo(scenario, options)
  const names = scenarios.map(({ name }) => name).join(', ')
  console.error(`There is no scenario "${options.scenario}". There are: ${names}`)
  return 2
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      list: { type: 'boolean', default: false },
      serve: { type: 'boolean', default: false },
      scenario: { type: 'string', default: 'dentist' },
      'scenario-file': { type: 'string' },
      port: { type: 'string', default: '8000' },
      out: { type: 'string', default: 'demo-output' },
      speed: { type: 'string', default: '1' },
      log: { type: 'string', default: 'silent' },
      json: { type: 'boolean', default: false },
    },
  })
  const speed = Number(values.speed)
  if (!(speed > 0)) throw new Error(`--speed takes a number above 0, not "${values.speed}"`)
  const port = Number(values.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port takes a number from 0 to 65535, not "${values.port}"`)
  }
  return { ...values, speed, port }
}

async function demo(
  scenario: Scenario,
  options: { speed: number; out: string; log: string; json: boolean },
): Promise<number> {
  const clock = scaledClock(options.speed)
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
  if (scenario.call['backend'] === 'atoms')
    return await demoCloud(world, scenario, { ...options, clock })
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

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  const portIsTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  console.error(
    portIsTaken
      ? 'Something else listens on that port. Try another one: npm run demo -- --serve --port 8001'
      : 'Try: npm run demo -- --help',
  )
  process.exitCode = 1
}
