import { parseArgs } from 'node:util'
import { useCompileCache } from '../compile-cache.ts'
import { CHAOS_AREAS, type ChaosArea } from './chaos-fault.ts'
import { Progress } from './chaos-progress.ts'
import { detailsOf, reportOf, summaryOf } from './chaos-report.ts'
import type { ChaosOptions } from './chaos-run.ts'

const HELP = `Makes calls on this machine while vendors, lines and the store break at random, and checks what is promised.

npm run chaos                        200 calls from a seed of today's date
npm run chaos -- --seed 7            from another one: the same seed makes the same calls and faults
npm run chaos -- --seed 7 --only 12  only the twelfth of those, with all that was said and heard

--calls N     how many calls (default: 200)
--areas A,B   what may break (default: all): ${CHAOS_AREAS.join(', ')}
--speed N     N times as fast as real time (default: 8)
--at-once N   calls at the same time (default: 6)
--json        print one line of JSON, and nothing else

Exits 1 when anything was not as promised. docs/reliability.md has what is.`

async function main(): Promise<number> {
  useCompileCache()
  const options = readOptions()
  if (options === 'help') {
    console.log(HELP)
    return 0
  }
  const progress = new Progress(options.only === undefined ? options.calls : 1, {
    isQuiet: options.json,
  })
  const { runChaos } = await import('./chaos-run.ts')
  const run = await runChaos(options, (result, done) => {
    progress.show(done, result)
  })
  progress.end()
  const { passed, ...summary } = summaryOf(run)
  if (options.json) console.log(JSON.stringify({ ...summary, passed }))
  else {
    if (options.only !== undefined) console.log(run.results.map(detailsOf).join('\n'))
    console.log(reportOf(run))
  }
  return passed ? 0 : 1
}

function readOptions(): 'help' | (ChaosOptions & { readonly json: boolean }) {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      calls: { type: 'string', default: '200' },
      seed: { type: 'string' },
      only: { type: 'string' },
      areas: { type: 'string' },
      speed: { type: 'string', default: '8' },
      'at-once': { type: 'string', default: '6' },
      json: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  const today = Number(new Date().toISOString().slice(0, 10).replaceAll('-', ''))
  const areas = values.areas === undefined ? CHAOS_AREAS : areasOf(values.areas)
  return {
    calls: whole('--calls', values.calls),
    seed: values.seed === undefined ? today : whole('--seed', values.seed),
    only: values.only === undefined ? undefined : whole('--only', values.only),
    atOnce: whole('--at-once', values['at-once']),
    speed: positive('--speed', values.speed),
    areas,
    isEveryArea: areas.length === CHAOS_AREAS.length,
    json: values.json,
  }
}

function areasOf(list: string): ChaosArea[] {
  return list.split(',').map((name) => {
    const area = CHAOS_AREAS.find((known) => known === name.trim())
    if (area) return area
    throw new Error(`there is no area "${name}"; there are: ${CHAOS_AREAS.join(', ')}`)
  })
}

function whole(option: string, text: string): number {
  const number = positive(option, text)
  if (Number.isInteger(number)) return number
  throw new Error(`${option} takes a whole number, not "${text}"`)
}

function positive(option: string, text: string): number {
  const number = Number(text)
  if (number > 0) return number
  throw new Error(`${option} takes a number above 0, not "${text}"`)
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  console.error('Try: npm run chaos -- --help')
  process.exitCode = 2
}
