import { ratiosOf, type Speculation } from './answers.ts'
import type { StepResult } from './measure.ts'
import type { MicroResult } from './micro.ts'

/** A figure and how far it is from what it should be. */
export type Verdict = {
  readonly figure: string
  readonly unit: string
  readonly target: number
  /** Whether the target is an upper or a lower bound. */
  readonly bound: 'most' | 'least'
  readonly measured: number
  /** `measured / target`: at most 1 is good for an upper bound, at least 1 for a lower one. */
  readonly ofTarget: number
  readonly met: boolean
}

/** Added latency at which a core counts as full, p99. */
const FULL_MS = 20
/** The steps that the targets are set for; a run without them is judged by the nearest that it has. */
const LATENCY_CALLS = 100
const MEMORY_CALLS = 200
const GROWTH_FROM_CALLS = 50

/** All that a run has measured. */
export type BenchResult = {
  /** Parley alone, in ascending order of calls. */
  readonly steps: readonly StepResult[]
  /** Parley and the skeleton at the same time. */
  readonly sideBySide?: { readonly parley: StepResult; readonly skeleton: StepResult }
  /** Parley with and without speculation at the same time. */
  readonly speculation?: Speculation<StepResult>
  readonly micro: MicroResult
}

/** Compares a run with the targets; figures that the run did not yield are left out. */
export function judge({ steps: alone, sideBySide, speculation, micro }: BenchResult): Verdict[] {
  const steps = alone.length === 0 && sideBySide ? [sideBySide.parley] : alone
  const verdicts: Verdict[] = []
  const add = (bound: Verdict['bound'], row: Omit<Verdict, 'bound' | 'ofTarget' | 'met'>) => {
    if (Number.isNaN(row.measured)) return
    const ofTarget = row.measured / row.target
    verdicts.push({
      ...row,
      bound,
      ofTarget,
      met: bound === 'most' ? ofTarget <= 1 : ofTarget >= 1,
    })
  }
  const latency = nearest(steps, LATENCY_CALLS)
  if (latency) {
    const { calls, latencies } = latency
    const rows = [
      ['added a turn, p50', 3, latencies.added.p50],
      ['added a turn, p99', 15, latencies.added.p99],
      ['words over ours → clear, p99', 5, latencies.bargeIn.p99],
      ['answer → first audio, p99', 50, latencies.greeting.p99],
    ] as const
    for (const [figure, target, measured] of rows) {
      add('most', { figure: `${figure}, at ${calls} calls`, unit: 'ms', target, measured })
    }
    add('least', {
      figure: `calls with p99 added a turn ≤ ${FULL_MS} ms`,
      unit: '',
      target: 200,
      measured: mostCalls(steps),
    })
  }
  if (sideBySide) {
    add('most', {
      figure: `CPU per call, against the skeleton at ${sideBySide.skeleton.calls} + ${sideBySide.parley.calls} calls`,
      unit: '×',
      target: 1.3,
      measured: cpuPerCall(sideBySide.parley) / cpuPerCall(sideBySide.skeleton),
    })
  }
  if (speculation) {
    add('most', {
      figure: 'turn over → first audio, p50, with speculation against without',
      unit: '×',
      target: 1,
      measured: ratiosOf(speculation).waitP50,
    })
  }
  const memory = nearest(steps, MEMORY_CALLS)
  if (memory) {
    add('most', {
      figure: `memory per call, at ${memory.calls} calls`,
      unit: 'MB',
      target: 0.5,
      measured: memory.consumption.mbPerCall,
    })
  }
  const few = nearest(steps, GROWTH_FROM_CALLS)
  if (few && memory && few.calls < memory.calls) {
    add('most', {
      figure: `CPU per call, ${memory.calls} calls against ${few.calls}`,
      unit: '×',
      target: 1,
      measured: cpuPerCall(memory) / cpuPerCall(few),
    })
  }
  add('least', {
    figure: '24 → 8 kHz, times real time',
    unit: '×',
    target: 1500,
    measured: micro.resampleTimesRealTime,
  })
  return verdicts
}

/** What must not happen at all. */
export function faultsOf({ steps, sideBySide, speculation }: BenchResult): string[] {
  const results = [
    ...steps,
    ...(sideBySide ? [sideBySide.parley, sideBySide.skeleton] : []),
    ...(speculation ? [speculation.without, speculation.with] : []),
  ]
  return results.flatMap(({ server, calls, failures, wordsWrong, crossed, violations }) => {
    const where = `${server}, ${calls} calls`
    return [
      ...failures.map((failure) => `${where}: ${failure}`),
      ...(wordsWrong > 0 ? [`${where}: ${wordsWrong} words were heard wrong`] : []),
      ...(crossed.length > 0
        ? [`${where}: words of other calls were heard: ${crossed.join(', ')}`]
        : []),
      ...violations.map(({ vendor, rule, detail }) => `${where}: ${vendor}: ${rule} (${detail})`),
    ]
  })
}

function cpuPerCall({ consumption }: StepResult): number {
  return consumption.cpuPercentPerCall
}

function mostCalls(steps: readonly StepResult[]): number {
  const fit = steps.filter(({ latencies }) => latencies.added.p99 <= FULL_MS)
  return fit.at(-1)?.calls ?? 0
}

function nearest(steps: readonly StepResult[], calls: number): StepResult | undefined {
  return steps.toSorted((a, b) => Math.abs(a.calls - calls) - Math.abs(b.calls - calls))[0]
}
