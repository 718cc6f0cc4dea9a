import { monitorEventLoopDelay } from 'node:perf_hooks'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { closedRecord, placeCall } from '../../src/cli/call-record.ts'
import { type DemoResult, problemsOf } from '../../src/cli/demo-call.ts'
import { type DemoWorld, startDemoWorld } from '../../src/cli/demo-world.ts'
import { type Clock, scaledClock } from '../../src/clock.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { withToolServer } from '../../src/simulator/tool-server.ts'
import { PATIENT } from './scenario-world.ts'

export type CallsAtOnce = {
  /** What became of this scenario's call. */
  of(scenario: Scenario): DemoResult
  readonly simulator: Simulator
}

type Options = {
  /** How much faster than real time they run; default 2. */
  readonly speed?: number
  /** Whether it matters at which word something happens; default true. If not, the calls are made once, however it goes. */
  readonly precise?: boolean
  readonly environment?: Readonly<Record<string, string>>
  /** Done when the simulator is there and no call has been placed. */
  readonly before?: (simulator: Simulator) => void
}

/** From placing a call to its end, on the calls' own clock. */
const LONGEST_CALL_MS = 120_000
/**
 * What the person hears and what the server does about it happen in one process here. When it stands still for so long,
 * on the calls' own clock, the two drift apart by a word, and the calls say nothing: they are made again …
 */
const LONGEST_STALL_MS = 250
/** … but a machine that is never calm is not waited for: the calmest attempt counts. */
const MOST_ATTEMPTS = 3

/**
 * Carries out all these outbound calls in one server, at the same time, before the tests of the file or suite look at them:
 * a precise call is slow, and many of them take no longer than one. Afterwards no vendor has seen a violation, nothing was
 * logged as an error, and no vendor has a connection open.
 *
 * Each scenario has a number of its own; those whose rules differ also differ in their `action`.
 */
export function callsAtOnce(scenarios: readonly Scenario[], options: Options = {}): CallsAtOnce {
  let made: Attempt | undefined
  const there = () => {
    if (!made) throw new Error('the calls have not been made')
    return made
  }
  beforeAll(async () => {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const next = await makeCalls(scenarios, options)
      const isCalmer = made === undefined || next.stallMs < made.stallMs
      await (isCalmer ? made : next)?.world[Symbol.asyncDispose]()
      if (isCalmer) made = next
      if (options.precise === false || next.stallMs <= LONGEST_STALL_MS) return
    }
  }, MOST_ATTEMPTS * 60_000)
  afterAll(async () => {
    const { world, errors } = there()
    const { deepgram, elevenLabs, violations } = world.simulator
    await vi.waitFor(() => {
      expect(deepgram.connections() + elevenLabs.connections()).toBe(0)
    })
    await world[Symbol.asyncDispose]()
    expect(violations.list).toEqual([])
    expect(errors).toEqual([])
  })
  return {
    get simulator() {
      return there().world.simulator
    },
    of: (scenario) => {
      const result = there().results.get(scenario)
      if (!result) throw new Error(`the call of ${scenario.name} was not made`)
      return result
    },
  }
}

type Attempt = {
  readonly world: DemoWorld
  readonly results: ReadonlyMap<Scenario, DemoResult>
  /** Lines of the server's log at `error` and above. */
  readonly errors: readonly string[]
  /** The longest time for which nothing happened, on the calls' own clock. */
  readonly stallMs: number
}

async function makeCalls(scenarios: readonly Scenario[], options: Options): Promise<Attempt> {
  const speed = options.speed ?? 2
  const clock = scaledClock(speed)
  const errors: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => errors.push(line) })
  const environment = { ...PATIENT, ...options.environment }
  const world = await startDemoWorld({ scenarios, clock, log, environment })
  try {
    options.before?.(world.simulator)
    using delays = monitorEventLoopDelay({ resolution: 5 })
    delays.enable()
    const results = await Promise.all(
      scenarios.map(
        async (scenario) => [scenario, await carriedOut(world, scenario, clock)] as const,
      ),
    )
    return { world, results: new Map(results), errors, stallMs: (delays.max / 1e6) * speed }
  } catch (error) {
    await world[Symbol.asyncDispose]()
    throw error
  }
}

async function carriedOut(world: DemoWorld, scenario: Scenario, clock: Clock): Promise<DemoResult> {
  const { simulator, url } = world
  const id = await placeCall(url, withToolServer(scenario.call, simulator.tools.url))
  const record = await closedRecord(url, id, clock, LONGEST_CALL_MS)
  const call = simulator.twilio.calls().find(({ to }) => to === scenario.call.phone_number)
  if (!call) throw new Error(`${scenario.name} never reached the telephone network`)
  await call.ended
  return { record, call, problems: problemsOf(world, record, call) }
}
