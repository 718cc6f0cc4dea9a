import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { dirname, join } from 'node:path'
import { measure, type StepResult } from './measure.ts'
import { measurePieces } from './micro.ts'
import { type BenchOptions, parseOptions, USAGE } from './options.ts'
import { describeMicro, describeSpeculation, describeStep, describeVerdicts } from './report.ts'
import { type BenchResult, faultsOf, judge } from './targets.ts'

const RESULTS = join(import.meta.dirname, 'results')

/** Runs everything, prints it, writes it; false when a call failed or a word was wrong. */
async function bench(options: BenchOptions): Promise<boolean> {
  const startedAt = new Date()
  const name = startedAt.toISOString().replaceAll(/[:.]/g, '-')
  const jsonFile = options.json ?? join(RESULTS, `${name}.json`)
  mkdirSync(RESULTS, { recursive: true })
  const log = openSync(join(RESULTS, `${name}.log`), 'a')
  const machine = { cores: availableParallelism(), load: loadavg()[0] ?? 0, node: process.version }
  console.log(
    `node ${machine.node}, ${machine.cores} cores, load ${machine.load.toFixed(2)} before the start\n`,
  )

  const micro = measurePieces()
  console.log(`${describeMicro(micro)}\n`)
  const steps: StepResult[] = []
  for (const calls of options.steps) {
    const { seconds, profile } = options
    const results = await measure({
      servers: ['parley'],
      calls,
      seconds,
      log,
      ...(profile && { profileTo: RESULTS }),
    })
    for (const step of results) console.log(`${describeStep(step)}\n`)
    steps.push(...results)
  }
  const sideBySide = await compare(options, log)
  const speculation = await speculate(options, log)

  const result: BenchResult = {
    steps,
    micro,
    ...(sideBySide && { sideBySide }),
    ...(speculation && { speculation }),
  }
  const verdicts = judge(result)
  const faults = faultsOf(result)
  console.log(describeVerdicts(verdicts))
  mkdirSync(dirname(jsonFile), { recursive: true })
  writeFileSync(
    jsonFile,
    `${JSON.stringify({ startedAt, machine, options, ...result, verdicts, faults }, null, 2)}\n`,
  )
  console.log(`\nwritten to ${jsonFile}`)
  for (const fault of faults) console.error(`FAULT ${fault}`)
  return faults.length === 0
}

async function compare({ against, seconds, profile }: BenchOptions, log: number) {
  if (against === 0) return undefined
  const [parley, skeleton] = await measure({
    servers: ['parley', 'skeleton'],
    calls: against,
    seconds,
    log,
    ...(profile && { profileTo: RESULTS }),
  })
  if (!parley || !skeleton) return undefined
  console.log(`side by side:\n\n${describeStep(parley)}\n\n${describeStep(skeleton)}\n`)
  return { parley, skeleton }
}

async function speculate({ speculation, seconds }: BenchOptions, log: number) {
  if (speculation === 0) return undefined
  const servers = ['parley', 'speculating'] as const
  const [without, speculating] = await measure({
    servers,
    calls: speculation,
    seconds,
    hesitant: true,
    log,
  })
  if (!without || !speculating) return undefined
  const results = { without, with: speculating }
  console.log(`${describeSpeculation(results)}\n`)
  return results
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options) process.exitCode = (await bench(options)) ? 0 : 1
  else console.log(USAGE)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
