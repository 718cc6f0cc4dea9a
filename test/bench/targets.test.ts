import { describe, expect, test } from 'vitest'
import type { StepResult } from '../../bench/measure.ts'
import { spreadOf } from '../../bench/percentiles.ts'
import { describeSpeculation, describeStep, describeVerdicts } from '../../bench/report.ts'
import { faultsOf, judge } from '../../bench/targets.ts'

const micro = {
  resampleTimesRealTime: 3000,
  mulawTimesRealTime: 100_000,
  elevenLabsToTwilioTimesRealTime: 2500,
}

function step(
  calls: number,
  { added = [2, 10], cpu = 0.4, ...rest }: Partial<StepResult> & { added?: number[]; cpu?: number },
): StepResult {
  return {
    server: 'parley',
    calls,
    latencies: {
      toModel: spreadOf([1]),
      toVoice: spreadOf([1]),
      toLine: spreadOf([1]),
      added: spreadOf(added),
      bargeIn: spreadOf([4]),
      greeting: spreadOf([25]),
      missed: [],
    },
    answers: { wait: spreadOf([600]), requestsPerTurn: 1, pausing: 0.25 },
    consumption: {
      seconds: 30,
      cpuPercent: cpu * calls,
      cpuPercentPerCall: cpu,
      mbPerCall: 0.4,
      liveMbPerCall: 0.2,
      loopDelayMs: { p50: 0.1, p99: 2, max: 8 },
    },
    surroundings: {
      vendors: { cpuPercent: 20, lateMsP99: 1 },
      callers: { cpuPercent: 30, lateMsP99: 2 },
      othersCpuPercent: 5,
    },
    failures: [],
    wordsExpected: 100,
    wordsWrong: 0,
    crossed: [],
    violations: [],
    ...rest,
  }
}

function verdictOn(figure: RegExp, verdicts: ReturnType<typeof judge>) {
  return verdicts.find((verdict) => figure.test(verdict.figure))
}

describe('the judgement', () => {
  const steps = [
    step(50, { cpu: 0.4 }),
    step(100, { added: [3, 30] }),
    step(200, { cpu: 0.5, added: [4, 20] }),
  ]
  const sideBySide = {
    parley: step(50, { cpu: 0.6 }),
    skeleton: step(50, { server: 'skeleton', cpu: 0.5 }),
  }
  const verdicts = judge({ steps, sideBySide, micro })

  test('takes latencies from the step with 100 calls', () => {
    expect(verdictOn(/p50/, verdicts)).toMatchObject({ measured: 3, ofTarget: 1, met: true })
    expect(verdictOn(/p99, at 100/, verdicts)).toMatchObject({ ofTarget: 2, met: false })
  })

  test('names the largest step that is not late', () => {
    expect(verdictOn(/^calls with/, verdicts)).toMatchObject({
      bound: 'least',
      measured: 200,
      ofTarget: 1,
      met: true,
    })
  })

  test('compares the cost of a call with the skeleton, and of many with that of few', () => {
    expect(verdictOn(/skeleton/, verdicts)?.measured).toBeCloseTo(1.2)
    expect(verdictOn(/200 calls against 50/, verdicts)).toMatchObject({ met: false })
  })

  test('wants answers to come sooner with speculation than without', () => {
    const slow = step(10, { answers: { wait: spreadOf([600]), requestsPerTurn: 1, pausing: 0.25 } })
    const fast = step(10, {
      answers: { wait: spreadOf([450]), requestsPerTurn: 1.2, pausing: 0.25 },
    })
    const better = judge({ steps, speculation: { without: slow, with: fast }, micro })
    expect(verdictOn(/speculation/, better)).toMatchObject({ measured: 0.75, met: true })
    const worse = judge({ steps, speculation: { without: fast, with: slow }, micro })
    expect(verdictOn(/speculation/, worse)).toMatchObject({ met: false })
  })

  test('makes do with the steps there are', () => {
    const few = judge({ steps: [step(10, {})], micro })
    expect(verdictOn(/added a turn, p99, at 10/, few)).toMatchObject({ met: true })
    expect(verdictOn(/memory per call, at 10/, few)).toMatchObject({ ofTarget: 0.8 })
    expect(verdictOn(/skeleton|against/, few)).toBeUndefined()
  })

  test('goes by the comparison when there are no steps', () => {
    const few = judge({ steps: [], sideBySide, micro })
    expect(verdictOn(/added a turn, p50, at 50/, few)).toMatchObject({ met: true })
    expect(verdictOn(/against the skeleton/, few)).toBeDefined()
  })

  test('leaves out what was not measured', () => {
    const silent = judge({ steps: [step(10, { added: [] })], micro })
    expect(verdictOn(/added a turn, p99, at/, silent)).toBeUndefined()
    expect(verdictOn(/^calls with/, silent)).toMatchObject({ measured: 0, met: false })
  })
})

describe('faults', () => {
  test('are none when all went well', () => {
    expect(faultsOf({ steps: [step(10, {})], micro })).toEqual([])
  })

  test('are calls that failed, words wrong or crossing, and vendors treated badly', () => {
    const bad = step(10, {
      failures: ['c3: busy'],
      wordsWrong: 2,
      crossed: ['c4'],
      violations: [{ vendor: 'deepgram', rule: 'rule', detail: 'detail' }],
    })
    expect(faultsOf({ steps: [bad], micro })).toEqual([
      'parley, 10 calls: c3: busy',
      'parley, 10 calls: 2 words were heard wrong',
      'parley, 10 calls: words of other calls were heard: c4',
      'parley, 10 calls: deepgram: rule (detail)',
    ])
  })

  test('are found in the comparison, too', () => {
    const sideBySide = { parley: step(5, { wordsWrong: 1 }), skeleton: step(5, {}) }
    expect(faultsOf({ steps: [], sideBySide, micro })).toHaveLength(1)
    const speculation = { without: step(5, {}), with: step(5, { failures: ['c3: busy'] }) }
    expect(faultsOf({ steps: [], speculation, micro })).toHaveLength(1)
  })
})

describe('the report', () => {
  test('shows how far each figure is from its target', () => {
    const text = describeVerdicts(judge({ steps: [step(100, { added: [2, 30] })], micro }))
    expect(text).toMatch(/added a turn, p99, at 100 calls +≤ 15 ms +30.0 ms +2.00 × +MISSED/)
    expect(text).toMatch(/24 → 8 kHz, times real time +≥ 1500 × +3000 × +2.00 × +met/)
  })

  test('shows what speculation saves and costs', () => {
    const text = describeSpeculation({
      without: step(10, { answers: { wait: spreadOf([600]), requestsPerTurn: 1, pausing: 0.25 } }),
      with: step(10, { answers: { wait: spreadOf([450]), requestsPerTurn: 1.25, pausing: 0.25 } }),
    })
    expect(text).toMatch(/with ÷ without: wait p50 0\.75, p95 0\.75 · requests 1\.25/)
  })

  test('shows a dash for what there is no figure for', () => {
    expect(describeStep(step(10, { added: [] }))).toMatch(/added a turn +0 +– +– +– +–/)
  })
})
