import { type Clock, systemClock } from '../clock.ts'
import { steadyClock } from '../simulator/steady-clock.ts'
import { type ChaosCall, makeCall } from './chaos-call.ts'
import type { ChaosArea } from './chaos-fault.ts'
import { type ChaosPlan, faultText, planCall } from './chaos-plan.ts'
import { type Breach, judge } from './chaos-verdict.ts'

export type ChaosOptions = {
  readonly calls: number
  readonly seed: number
  readonly speed: number
  /** Calls at the same time. */
  readonly atOnce: number
  readonly areas: readonly ChaosArea[]
  /** These are all areas that there are. */
  readonly isEveryArea: boolean
  /** Only this one of the calls. */
  readonly only?: number | undefined
}

/** What became of one call, small enough to be kept for all of them. */
export type ChaosResult = {
  readonly plan: ChaosPlan
  readonly breaches: readonly Breach[]
  readonly deadAirMs: number
  /** What the server logged as an error, and the call as it was. */
  readonly errors: readonly string[]
  readonly conversation: readonly string[]
}

export type ChaosRun = {
  readonly options: ChaosOptions
  readonly results: readonly ChaosResult[]
  /** Sockets and timers of this process that were not there before. */
  readonly left: { readonly sockets: number; readonly timers: number }
  readonly tookMs: number
}

/** How long what is being closed may take until it is gone. */
const SETTLE_MS = 3000

/** Makes all calls, some at a time. `onDone` is told of each as it is judged. */
export async function runChaos(
  options: ChaosOptions,
  onDone: (result: ChaosResult, done: number) => void,
): Promise<ChaosRun> {
  const startedAt = systemClock.now()
  const clock = steadyClock(options.speed)
  const plans = plansOf(options)
  const before = held()
  const results: ChaosResult[] = []
  const waiting = [...plans]
  const lane = async () => {
    for (let plan = waiting.shift(); plan; plan = waiting.shift()) {
      const result = await carryOut(plan, clock)
      results.push(result)
      onDone(result, results.length)
    }
  }
  await Promise.all(Array.from({ length: options.atOnce }, lane))
  return {
    options,
    results: results.sort((a, b) => a.plan.index - b.plan.index),
    left: await leftSince(before),
    tookMs: systemClock.now() - startedAt,
  }
}

function plansOf({ calls, seed, areas, only }: ChaosOptions): ChaosPlan[] {
  const numbers = only === undefined ? Array.from({ length: calls }, (_, i) => i + 1) : [only]
  return numbers.map((index) => planCall(seed, index, areas))
}

async function carryOut(plan: ChaosPlan, clock: Clock): Promise<ChaosResult> {
  const seen = await makeCall(plan, clock)
  return { plan, ...judge(seen), errors: seen.errors, conversation: conversationOf(seen) }
}

function conversationOf({ call, record, plan, outages }: ChaosCall): string[] {
  const sounds = [
    ...(call?.said ?? []).map((said) => ({ ...said, who: 'person' })),
    ...(call?.heard ?? []).map((heard) => ({ ...heard, who: 'agent' })),
    ...outages.map(({ fromMs, toMs }) => ({
      startMs: fromMs,
      endMs: toMs,
      who: 'no line',
      text: '',
    })),
  ].sort((a, b) => a.startMs - b.startMs)
  return [
    `${plan.scenario.name}: ${plan.faults.map(faultText).join(', ') || 'no fault'}`,
    ...sounds.map(
      ({ startMs, endMs, who, text }) =>
        `${(startMs / 1000).toFixed(2).padStart(6)} to ${(endMs / 1000).toFixed(2)}  ${who.padEnd(7)} ${text}`,
    ),
    ...(record?.transcript ?? []).map(
      ({ role, text }) => `record  ${role.padEnd(6)} ${text ?? ''}`,
    ),
  ]
}

function held(): { sockets: number; timers: number } {
  const kinds = process.getActiveResourcesInfo()
  return {
    sockets: kinds.filter((kind) => kind.startsWith('TCP')).length,
    timers: kinds.filter((kind) => kind === 'Timeout').length,
  }
}

async function leftSince(before: ReturnType<typeof held>): Promise<ChaosRun['left']> {
  const deadline = systemClock.now() + SETTLE_MS
  for (;;) {
    const now = held()
    const left = {
      sockets: Math.max(0, now.sockets - before.sockets),
      timers: Math.max(0, now.timers - before.timers),
    }
    if (left.sockets + left.timers === 0 || systemClock.now() > deadline) return left
    await systemClock.sleep(50)
  }
}
