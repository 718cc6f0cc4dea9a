import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Flight, readFlight } from './replay-file.ts'
import { replay, type ReplayResult } from './replay-run.ts'
import { scenarioFrom } from './replay-scenario.ts'
import { timeline } from './replay-timeline.ts'
import { scenarioSource } from './scenario-source.ts'

const HELP = `Feeds the events of recorded calls to the turn machine again, and shows the first thing that it now does otherwise.

npm run replay -- FILE [FILE…]              replays flight records; of a folder, every *.jsonl in it
npm run replay -- FILE --timeline           prints what happened: events, phases, effects, notes
npm run replay -- FILE --scenario NAME      writes the call as a scenario for tests and the demo

--json          one line of JSON for each record
--out FILE.ts   where the scenario goes (default: standard output)

Exits 1 when a record differs or cannot be replayed to its end, 2 when there is nothing to replay.`

async function main(): Promise<number> {
  const { values, positionals } = readOptions()
  if (values.help) {
    console.log(HELP)
    return 0
  }
  const paths = await recordsIn(positionals)
  if (paths.length === 0) {
    console.error('There is no flight record to replay. Try: npm run replay -- --help')
    return 2
  }
  if (values.scenario !== undefined) return writeScenario(paths, values.scenario, values.out)
  let failures = 0
  for (const path of paths) {
    if (!(await replayFile(path, values))) failures++
  }
  return failures === 0 ? 0 : 1
}

/** False when it differs, or cannot be read or replayed to its end. */
async function replayFile(
  path: string,
  { timeline: withTimeline, json }: { timeline: boolean; json: boolean },
): Promise<boolean> {
  let flight: Flight
  try {
    flight = await flightAt(path)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return false
  }
  const result = replay(flight)
  if (json) {
    console.log(JSON.stringify({ path, ...result }))
    return result.kind === 'identical'
  }
  if (withTimeline) console.log([...timeline(flight), ''].join('\n'))
  console.log([`${path}: ${verdict(result)}`, ...explained(result), ...remarks(flight)].join('\n'))
  return result.kind === 'identical'
}

function readOptions() {
  return parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      timeline: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      scenario: { type: 'string' },
      out: { type: 'string' },
    },
  })
}

/** Files as they are, and those in folders sorted by name, which is by age. */
async function recordsIn(paths: readonly string[]): Promise<string[]> {
  const lists = await Promise.all(
    paths.map(async (path) => {
      if (!(await stat(path)).isDirectory()) return [path]
      const names = await readdir(path)
      return names
        .filter((name) => name.endsWith('.jsonl'))
        .sort()
        .map((name) => join(path, name))
    }),
  )
  return lists.flat()
}

async function flightAt(path: string): Promise<Flight> {
  const text = await readFile(path, 'utf8')
  try {
    return readFlight(text)
  } catch (error) {
    throw new Error(`${path}, ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function verdict(result: ReplayResult): string {
  switch (result.kind) {
    case 'identical': {
      const { steps, missing } = result
      const gaps = missing === 0 ? '' : ` (${missing} more are missing)`
      return `${steps} ${steps === 1 ? 'step' : 'steps'}, identical${gaps}`
    }
    case 'different':
      return `step ${result.at.n} differs`
    case 'stuck':
      return `line ${result.line}: ${result.problem}`
  }
}

function explained(result: ReplayResult): string[] {
  if (result.kind !== 'different') return []
  const { at, before, difference } = result
  return [
    `  line ${at.line}, at ${(at.at_ms / 1000).toFixed(3)} s, in phase ${before}: ${JSON.stringify(at.event)}`,
    '  - as recorded, + now:',
    ...difference.map((line) => `    ${line}`),
  ]
}

function remarks({ entries, isCut }: Flight): string[] {
  if (isCut) return ['  (its last line is cut off and was left out)']
  const hasEnd = entries.some(({ type }) => type === 'end')
  return hasEnd ? [] : ['  (it has no end: the call goes on, or the process died)']
}

async function writeScenario(
  paths: readonly string[],
  name: string,
  out: string | undefined,
): Promise<number> {
  const [path, another] = paths
  if (path === undefined || another !== undefined) {
    console.error(`--scenario takes one flight record, not ${paths.length}`)
    return 2
  }
  const flight = await flightAt(path)
  const { scenario, remarks: about } = scenarioFrom(flight, name)
  const source = scenarioSource(scenario, about, out)
  for (const remark of about) console.error(remark)
  if (out === undefined) process.stdout.write(source)
  else await writeFile(out, source)
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  console.error('Try: npm run replay -- --help')
  process.exitCode = 2
}
