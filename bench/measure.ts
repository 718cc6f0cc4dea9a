import type { Violation } from '../src/simulator/violations.ts'
import {
  type CallOutcome,
  type CallReport,
  type Placement,
  PLACING_GAP_MS,
  type ServerName,
} from './call-questions.ts'
import { type Answers, answersOf } from './answers.ts'
import { benchCall, turnsLasting } from './conversation.ts'
import {
  type Consumption,
  consumptionOf,
  cpuPercentOf,
  type Latencies,
  latenciesOf,
  type Window,
} from './figures.ts'
import { watchCores } from './machine.ts'
import type { Usage } from './process-usage.ts'
import { Stage, type StageOptions, type StageUsage } from './stage.ts'
import { machineMs, type Stamp } from './stamps.ts'
import type { VendorReport } from './vendor-questions.ts'

/** What one server did with so many simultaneous calls. */
export type StepResult = {
  readonly server: ServerName
  readonly calls: number
  readonly latencies: Latencies
  readonly answers: Answers
  readonly consumption: Consumption
  readonly surroundings: Surroundings
  readonly failures: readonly string[]
  readonly wordsExpected: number
  readonly wordsWrong: number
  readonly crossed: readonly string[]
  readonly violations: readonly Violation[]
}

/** What was around the server. Stand-ins that are late, or others who use the machine, make it look late. */
export type Surroundings = {
  readonly vendors: Strain
  readonly callers: Strain
  /** Share of one core that everything outside this bench used. */
  readonly othersCpuPercent: number
}

export type Strain = { readonly cpuPercent: number; readonly lateMsP99: number }

/** From placing a call to its first turn, ringing and greeting included. */
const GREETING_MS = 5000
/** Calls before the measurement, which load and compile everything that a call needs. */
const WARM_UP = { firstNumber: 9_000_000, calls: 4, turns: 1, hesitant: false }

/**
 * Has each of the servers hold `calls` calls at once for `seconds`, all at the same time and with the same vendors, and
 * tells what each of them did. `hesitant`: the people pause in some of their turns.
 */
export async function measure(
  options: StageOptions & {
    readonly calls: number
    readonly seconds: number
    readonly hesitant?: boolean
  },
): Promise<StepResult[]> {
  const { servers, calls, seconds, hesitant = false } = options
  await using stage = await Stage.open(options)
  await stage.callers.ask('place', stage.placements(WARM_UP.firstNumber, WARM_UP.calls, WARM_UP))
  await stage.callers.ask('finish', undefined)
  await stage.vendors.ask('report', undefined)

  const rampMs = servers.length * calls * PLACING_GAP_MS
  const turns = turnsLasting(rampMs + GREETING_MS + seconds * 1000)
  const placements = stage.placements(1, calls, { turns, hesitant })
  const run = await watch(stage, placements)
  return placements.map((placement, index) => stepResult(run, placement, index))
}

/** Everything that was noted about one run. */
type Run = {
  readonly idle: StageUsage
  readonly busy: StageUsage
  readonly window: Window
  /** What all cores of the machine were used for in the window, in milliseconds. */
  readonly machineCpuMs: number
  readonly heard: CallReport
  readonly seen: VendorReport
  readonly stamps: readonly Stamp[]
}

async function watch(stage: Stage, placements: readonly Placement[]): Promise<Run> {
  const idle = await stage.usage()
  await stage.callers.ask('place', placements)
  await stage.usage()
  const machineCpuMs = watchCores()
  const fromMs = machineMs()
  await stage.callers.ask('firstOver', undefined)
  const busy = await stage.usage()
  const watched = { window: { fromMs, toMs: machineMs() }, machineCpuMs: machineCpuMs() }
  const heard = await stage.callers.ask('finish', undefined)
  const seen = await stage.vendors.ask('report', undefined)
  return { idle, busy, ...watched, heard, seen, stamps: [...heard.stamps, ...seen.stamps] }
}

function stepResult(run: Run, placement: Placement, index: number): StepResult {
  const { server, calls, turns, hesitant } = placement
  const idle = run.idle.servers[index]
  const busy = run.busy.servers[index]
  if (!idle || !busy) throw new Error(`${server} has not told what it used`)
  const scripts = calls.map((number) => benchCall(number, turns, { hesitant }))
  return {
    server,
    calls: calls.length,
    latencies: latenciesOf(scripts, run.stamps, run.window),
    answers: answersOf(scripts, run.stamps, run.window),
    consumption: consumptionOf(idle, busy, calls.length),
    surroundings: surroundingsOf(run),
    ...summaryOf(run.heard.outcomes.filter((outcome) => outcome.server === server)),
    // The vendors cannot tell which server it was; either is wrong to treat them badly.
    violations: [...run.heard.violations, ...run.seen.violations],
  }
}

function surroundingsOf({ busy, window, machineCpuMs }: Run): Surroundings {
  const ours = [...busy.servers, busy.vendors, busy.callers].map(({ cpuMs }) => cpuMs)
  const others = (machineCpuMs - sum(ours)) / (window.toMs - window.fromMs)
  return {
    vendors: strainOf(busy.vendors),
    callers: strainOf(busy.callers),
    othersCpuPercent: others * 100,
  }
}

function strainOf(usage: Usage): Strain {
  return { cpuPercent: cpuPercentOf(usage), lateMsP99: usage.loopDelayMs.p99 }
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
