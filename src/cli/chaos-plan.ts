import type { Scenario } from '../simulator/scenario.ts'
import { seeded } from '../simulator/seeded.ts'
import { carrierFaults } from './chaos-carrier-faults.ts'
import type { ChaosArea, ChaosFault } from './chaos-fault.ts'
import { chaosScenarios } from './chaos-scenarios.ts'
import { vendorFaults } from './chaos-vendor-faults.ts'

export type PlannedFault = {
  readonly fault: ChaosFault
  /** From the answer, for one that strikes during the call. */
  readonly atMs: number
  readonly lastsMs: number | undefined
  readonly chance: number
}

/** One call, and what goes wrong in it. */
export type ChaosPlan = {
  readonly index: number
  readonly scenario: Scenario
  readonly faults: readonly PlannedFault[]
}

const allFaults: readonly ChaosFault[] = [...vendorFaults, ...carrierFaults]

/** Calls last about this long when nothing goes wrong. */
const USUAL_CALL_MS = 10_000
/** One call in eight has no fault, and one in four has two. */
const NONE = 1 / 8
const TWO = 1 / 4
/** The same fault is not drawn twice for one call; where there are few, one may have to do. */
const MOST_TRIES = 10

/**
 * The same for the same seed and index, whatever other calls there are.
 *
 * @param areas what may break
 */
export function planCall(seed: number, index: number, areas: readonly ChaosArea[]): ChaosPlan {
  const random = seeded(Math.imul(seed, 0x9e3779b1) ^ index)
  // The first numbers of neighbouring seeds are alike.
  for (let i = 0; i < 4; i++) random()
  const scenario = pick(chaosScenarios, random)
  const howMany = random()
  const count = howMany < NONE ? 0 : howMany > 1 - TWO ? 2 : 1
  const faults: PlannedFault[] = []
  for (let tries = 0; faults.length < count && tries < MOST_TRIES; tries++) {
    const area = pick(areas, random)
    const fault = pick(
      allFaults.filter((candidate) => candidate.area === area),
      random,
    )
    const [shortest, longest] = fault.lastsMs ?? [0, 0]
    const planned = {
      fault,
      atMs: Math.round(USUAL_CALL_MS * random()),
      lastsMs: fault.lastsMs && Math.round(shortest + (longest - shortest) * random()),
      chance: random(),
    }
    if (!faults.some((other) => other.fault === fault)) faults.push(planned)
  }
  return { index, scenario, faults }
}

function pick<Item>(items: readonly Item[], random: () => number): Item {
  const item = items[Math.floor(items.length * random())]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

/** `voice stall at 3.2 s`, for people. */
export function faultText({ fault, atMs, lastsMs }: PlannedFault): string {
  const { area, kind, when } = fault
  const moment = { start: 'from the start', answer: 'at the answer', during: `at ${seconds(atMs)}` }
  const length = lastsMs === undefined ? '' : ` for ${seconds(lastsMs)}`
  return `${area} ${kind} ${moment[when]}${length}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
