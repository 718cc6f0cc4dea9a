import { styleText } from 'node:util'
import { faultText } from './chaos-plan.ts'
import type { ChaosResult, ChaosRun } from './chaos-run.ts'
import { type Breach, seconds } from './chaos-verdict.ts'

/** What a run has come to, as numbers: for people, and for `--json`. */
export function summaryOf({ results, left, options, tookMs }: ChaosRun) {
  const faults: Record<string, number> = {}
  for (const { fault } of results.flatMap(({ plan }) => plan.faults)) {
    const name = `${fault.area}: ${fault.kind}`
    faults[name] = (faults[name] ?? 0) + 1
  }
  const calls = (...rules: readonly Breach['rule'][]) =>
    results.filter(({ breaches }) => breaches.some(({ rule }) => rules.includes(rule))).length
  const breaches = results.flatMap((result) =>
    result.breaches.map(({ rule, detail }) => ({ call: result.plan.index, rule, detail })),
  )
  const isClean = breaches.length === 0 && left.sockets + left.timers === 0
  return {
    seed: options.seed,
    calls: results.length,
    faults: Object.fromEntries(Object.entries(faults).sort(([a], [b]) => a.localeCompare(b))),
    longest_dead_air_ms: Math.round(Math.max(0, ...results.map(({ deadAirMs }) => deadAirMs))),
    words_lost_or_doubled: breaches.filter(({ rule }) => rule === 'words').length,
    calls_with_record_wrong: calls('record', 'end'),
    calls_with_webhooks_wrong: calls('webhook'),
    sockets_left: left.sockets,
    timers_left: left.timers,
    took_s: Math.round(tookMs / 1000),
    breaches,
    passed: isClean,
  }
}

export function reportOf(run: ChaosRun): string {
  const summary = summaryOf(run)
  const { options } = run
  const kinds = Object.entries(summary.faults).map(
    ([name, count]) => `  ${String(count).padStart(4)}  ${name}`,
  )
  const broken = run.results.filter(({ breaches }) => breaches.length > 0)
  return [
    '',
    ...broken.flatMap((result) => breachLines(result, replayOf(run, result))),
    styleText('bold', `${summary.calls} calls from seed ${summary.seed}, in ${summary.took_s} s`),
    styleText('bold', 'Faults'),
    ...(kinds.length === 0 ? ['  none'] : kinds),
    styleText('bold', 'What came of it'),
    `  longest dead air            ${seconds(summary.longest_dead_air_ms)}`,
    `  words lost or doubled       ${summary.words_lost_or_doubled}`,
    `  calls with records wrong    ${summary.calls_with_record_wrong}`,
    `  calls with webhooks wrong   ${summary.calls_with_webhooks_wrong}`,
    `  sockets and timers left     ${summary.sockets_left} and ${summary.timers_left}`,
    summary.passed
      ? styleText('green', 'No breach.')
      : styleText(
          'red',
          `${summary.breaches.length} breaches in ${broken.length} calls.` +
            (options.only === undefined ? '' : ' The call as it was is above.'),
        ),
  ].join('\n')
}

function replayOf({ options }: ChaosRun, { plan }: ChaosResult): string {
  const { seed, speed, areas } = options
  const only = options.isEveryArea ? '' : ` --areas ${areas.join(',')}`
  return `npm run chaos -- --seed ${seed} --only ${plan.index} --speed ${speed}${only}`
}

function breachLines(result: ChaosResult, replay: string): string[] {
  const { plan, breaches } = result
  const faults = plan.faults.map(faultText).join(', ') || 'no fault'
  return [
    styleText('red', `Call ${plan.index}, ${plan.scenario.name}: ${faults}`),
    ...breaches.map(({ rule, detail }) => `  ${rule}: ${detail}`),
    `  again: ${replay}`,
  ]
}

/** The call as it was heard and as it is on record, for whoever looks for the cause. */
export function detailsOf({ conversation, errors }: ChaosResult): string {
  return [...conversation, ...errors.map((line) => `log     ${line.trim()}`)].join('\n')
}
