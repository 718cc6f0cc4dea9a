import { parseArgs } from 'node:util'
import { useCompileCache } from '../compile-cache.ts'
import type { Scenario } from '../simulator/scenario.ts'
import { scenarios } from '../simulator/scenarios/all.ts'
import type { DemoOptions } from './demo-run.ts'

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
  useCompileCache()
  const options = readOptions()
  if (options.help) {
    console.log(HELP)
    return 0
  }
  if (options.list) {
    for (const { name, about } of scenarios) console.log(`${name.padEnd(26)} ${about}`)
    return 0
  }
  if (options.serve) {
    const { serveDemo } = await import('./demo-serve.ts')
    return serveDemo({ port: options.port, logLevel: options.log })
  }
  const file = options['scenario-file']
  if (file !== undefined) {
    const { loadScenario } = await import('./scenario-file.ts')
    return demo(await loadScenario(file), options)
  }
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

/** The server is loaded when there is something to do for it: help and mistakes are answered at once. */
async function demo(scenario: Scenario, options: DemoOptions): Promise<number> {
  const { runDemo } = await import('./demo-run.ts')
  return runDemo(scenario, options)
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
