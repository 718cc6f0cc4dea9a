import { type CallOutcome, type CallQuestions, type ServerName } from './call-questions.ts'
import { benchCall, turnsLasting } from './conversation.ts'
import { type Consumption, consumptionOf, type Latencies, latenciesOf } from './figures.ts'
import type { ServerQuestions } from './server-questions.ts'
import { machineMs } from './stamps.ts'
import type { VendorQuestions } from './vendor-questions.ts'
import { Worker } from './worker.ts'
import type { Violation } from '../src/simulator/violations.ts'

/** What one server did with so many simultaneous calls. */
export type StepResult = {
  readonly server: ServerName
  readonly calls: number
  readonly latencies: Latencies
  readonly consumption: Consumption
  readonly failures: readonly string[]
  readonly wordsExpected: number
  readonly wordsWrong: number
  readonly crossed: readonly string[]
  readonly violations: readonly Violation[]
}

/** Between two calls that are placed: an answered call costs more than one that talks. */
export const PLACING_GAP_MS = 40
/** From placing a call to its first turn, ringing and greeting included. */
const GREETING_MS = 3500
/** Calls before the measurement, which load and compile everything that a call needs. */
const WARM_UP = { calls: 4, turns: 3, firstNumber: 9_000_000 }

const SCRIPTS: Readonly<Record<ServerName, URL>> = {
  parley: new URL('server-under-test.ts', import.meta.url),
  skeleton: new URL('skeleton.ts', import.meta.url),
}
const VENDORS = new URL('vendors.ts', import.meta.url)
const CALLERS = new URL('callers.ts', import.meta.url)

/**
 * Has each of the servers hold `calls` calls at once for `seconds`, all at the same time and with the same vendors, and
 * tells what each of them did. Every process is fresh.
 */
export async function measure(options: {
  servers: readonly ServerName[]
  calls: number
  seconds: number
  /** File descriptor for what the processes print. */
  log: number
  /** Folder for a CPU profile of Parley. */
  profileTo?: string
}): Promise<StepResult[]> {
  const { servers, calls, seconds, log } = options
  await using vendors = await Worker.start<VendorQuestions>(VENDORS, {
    environment: {},
    log,
  })
  await using callers = await Worker.start<CallQuestions>(CALLERS, { environment: {}, log })
  const vendorEnvironment = await vendors.ask('environment', undefined)
  await using running = new AsyncDisposableStack()
  const sides: Side[] = []
  for (const [index, name] of servers.entries()) {
    const environment = {
      ...vendorEnvironment,
      ...(await callers.ask('environment', name)),
      HOST: '127.0.0.1',
      PORT: '0',
      MAX_CALLS: '10000',
    }
    const profile = name === 'parley' && options.profileTo
    const execArgv = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []
    const worker = await Worker.start<ServerQuestions>(SCRIPTS[name], {
      environment,
      log,
      execArgv,
    })
    running.use(worker)
    const url = await worker.ask('url', undefined)
    sides.push({ name, worker, url, firstNumber: 1 + index * calls })
  }

  await callers.ask(
    'place',
    sides.map(({ name, url }, index) => ({
      server: name,
      url,
      calls: numbers(WARM_UP.firstNumber + index * WARM_UP.calls, WARM_UP.calls),
      turns: WARM_UP.turns,
    })),
  )
  await callers.ask('finish', undefined)
  await vendors.ask('report', undefined)
  const idle = await Promise.all(sides.map(({ worker }) => worker.ask('usage', undefined)))

  const rampMs = servers.length * calls * PLACING_GAP_MS
  const turns = turnsLasting(rampMs + GREETING_MS + seconds * 1000)
  const placements = sides.map(({ name, url, firstNumber }) => ({
    server: name,
    url,
    calls: numbers(firstNumber, calls),
    turns,
  }))
  await callers.ask('place', placements)
  await Promise.all(sides.map(({ worker }) => worker.ask('usage', undefined)))
  const fromMs = machineMs()
  await callers.ask('firstOver', undefined)
  const busy = await Promise.all(sides.map(({ worker }) => worker.ask('usage', undefined)))
  const window = { fromMs, toMs: machineMs() }
  const heard = await callers.ask('finish', undefined)
  const seen = await vendors.ask('report', undefined)

  const stamps = [...heard.stamps, ...seen.stamps]
  const violations = [...heard.violations, ...seen.violations]
  return placements.map(({ server, calls: placed }, index) => {
    const scripts = placed.map((number) => benchCall(number, turns))
    const usage = { idle: idle[index], busy: busy[index] }
    if (!usage.idle || !usage.busy) throw new Error('a server has not told what it used')
    return {
      server,
      calls,
      latencies: latenciesOf(scripts, stamps, window),
      consumption: consumptionOf(usage.idle, usage.busy, calls),
      ...summaryOf(heard.outcomes.filter((outcome) => outcome.server === server)),
      // The vendors cannot tell which server it was; either is wrong to treat them badly.
      violations,
    }
  })
}

type Side = {
  readonly name: ServerName
  readonly worker: Worker<ServerQuestions>
  readonly url: string
  readonly firstNumber: number
}

function summaryOf(outcomes: readonly CallOutcome[]) {
  return {
    failures: outcomes.flatMap(({ code, failure }) => (failure ? [`${code}: ${failure}`] : [])),
    wordsExpected: sum(outcomes.map(({ wordsExpected }) => wordsExpected)),
    wordsWrong: sum(outcomes.map(({ wordsWrong }) => wordsWrong)),
    crossed: outcomes.flatMap(({ crossed }) => crossed),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function numbers(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index)
}
