import { ratiosOf, type Speculation } from './answers.ts'
import type { StepResult, Strain } from './measure.ts'
import type { MicroResult } from './micro.ts'
import type { Spread } from './percentiles.ts'
import type { Verdict } from './targets.ts'

/** What one server did with one number of calls, in a few lines. */
export function describeStep(step: StepResult): string {
  const { server, calls, latencies, consumption, surroundings } = step
  const { loopDelayMs } = consumption
  const rows = [
    ['added a turn', latencies.added],
    ['  turn over → model asked', latencies.toModel],
    ['  phrase written → voice has it', latencies.toVoice],
    ['  audio there → line has it', latencies.toLine],
    ['words over ours → clear', latencies.bargeIn],
    ['answer → first audio', latencies.greeting],
  ] as const
  return [
    `${server}, ${calls} calls for ${rounded(consumption.seconds)} s`,
    table([
      ['', 'n', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms'],
      ...rows.map(([name, spread]) => [name, ...spreadCells(spread)]),
    ]),
    `  CPU ${rounded(consumption.cpuPercent)} % of a core, ${rounded(consumption.cpuPercentPerCall)} % a call` +
      ` · memory ${rounded(consumption.mbPerCall)} MB a call, ${rounded(consumption.liveMbPerCall)} in use` +
      ` · event loop late by p50 ${rounded(loopDelayMs.p50)}, p99 ${rounded(loopDelayMs.p99)}, max ${rounded(loopDelayMs.max)} ms`,
    `  stand-ins: vendors ${strain(surroundings.vendors)} · callers ${strain(surroundings.callers)}` +
      ` · others on this machine ${rounded(surroundings.othersCpuPercent)} % of a core`,
    `  calls failed ${step.failures.length} · turns missed ${latencies.missed.length}` +
      ` · words wrong ${step.wordsWrong} of ${step.wordsExpected} · words crossing ${step.crossed.length}` +
      ` · violations ${step.violations.length}`,
  ].join('\n')
}

/** What speculation saves and what it costs; both servers ran at the same time. */
export function describeSpeculation(speculation: Speculation<StepResult>): string {
  const { waitP50, waitP95, requestsPerTurn } = ratiosOf(speculation)
  const { pausing } = speculation.with.answers
  const row = (name: string, { answers }: StepResult) => [
    name,
    ...spreadCells(answers.wait),
    rounded(answers.requestsPerTurn),
  ]
  return [
    `speculation, ${speculation.without.calls} + ${speculation.with.calls} calls, a pause inside of ${rounded(pausing * 100)} % of the caller's turns`,
    table([
      ['  turn over → first audio', 'n', 'p50 ms', 'p95 ms', 'p99 ms', 'max ms', 'requests a turn'],
      row('  without', speculation.without),
      row('  with', speculation.with),
    ]),
    `  with ÷ without: wait p50 ${rounded(waitP50)}, p95 ${rounded(waitP95)} · requests ${rounded(requestsPerTurn)}`,
    `  words wrong ${speculation.without.wordsWrong} and ${speculation.with.wordsWrong}` +
      ` · calls failed ${speculation.without.failures.length} and ${speculation.with.failures.length}`,
  ].join('\n')
}

export function describeMicro(micro: MicroResult): string {
  return [
    'pieces, times real time',
    table([
      ['  24 → 8 kHz', rounded(micro.resampleTimesRealTime)],
      ['  μ-law encoding', rounded(micro.mulawTimesRealTime)],
      ['  both, as in a call', rounded(micro.elevenLabsToTwilioTimesRealTime)],
    ]),
  ].join('\n')
}

export function describeVerdicts(verdicts: readonly Verdict[]): string {
  return table([
    ['figure', 'target', 'measured', 'of target', ''],
    ...verdicts.map(({ figure, unit, target, bound, measured, ofTarget, met }) => [
      figure,
      `${bound === 'most' ? '≤' : '≥'} ${target} ${unit}`,
      `${rounded(measured)} ${unit}`,
      `${rounded(ofTarget)} ×`,
      met ? 'met' : 'MISSED',
    ]),
  ])
}

function strain({ cpuPercent, lateMsP99 }: Strain): string {
  return `${rounded(cpuPercent)} % of a core, late by p99 ${rounded(lateMsP99)} ms`
}

function spreadCells({ count, p50, p95, p99, max }: Spread): string[] {
  return [String(count), ...[p50, p95, p99, max].map(rounded)]
}

/** Two digits behind the point for small numbers, none for large ones: more would be noise. */
export function rounded(value: number): string {
  if (Number.isNaN(value)) return '–'
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}

/** The first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0
          return column === 0 ? cell.padEnd(width) : cell.padStart(width)
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
