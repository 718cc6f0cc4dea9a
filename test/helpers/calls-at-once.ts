import { pino } from 'pino'
import { afterAll, beforeAll, expect, vi } from 'vitest'
import { closedRecord, placeCall } from '../../src/cli/call-record.ts'
import { type DemoResult, problemsOf } from '../../src/cli/demo-call.ts'
import { type DemoWorld, startDemoWorld } from '../../src/cli/demo-world.ts'
import type { Clock } from '../../src/clock.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import type { Simulator } from '../../src/simulator/simulator.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import { withToolServer } from '../../src/simulator/tool-server.ts'
import { PATIENT } from './scenario-world.ts'

export type CallsAtOnce = {
  /** What became of this scenario's call. */
  of(scenario: Scenario): DemoResult
  readonly simulator: Simulator
}

type Options = {
  /** How much faster than real time they may run at the most. */
  readonly speed?: number
  readonly environment?: Readonly<Record<string, string>>
  /** Done when the simulator is there and no call has been placed. */
  readonly before?: (simulator: Simulator) => void
}

/** From placing a call to its end, on the calls' own clock. */
const LONGEST_CALL_MS = 120_000

/**
 * Carries out all these outbound calls in one server, at the same time, before the tests of the file or suite look at them:
 * a call waits far more than it works, and many of them take little longer than one. Afterwards no vendor has seen a violation, nothing was
 * logged as an error, and no vendor has a connection open.
 *
 * Each scenario has a number of its own; those whose rules differ also differ in their `action`.
 */
export function callsAtOnce(scenarios: readonly Scenario[], options: Options = {}): CallsAtOnce {
  let made: Calls | undefined
  const there = () => {
    if (!made) throw new Error('the calls have not been made')
    return made
  }
  beforeAll(async () => {
    made = await makeCalls(scenarios, options)
  }, 60_000)
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

type Calls = {
  readonly world: DemoWorld
  readonly results: ReadonlyMap<Scenario, DemoResult>
  /** Lines of the server's log at `error` and above. */
  readonly errors: readonly string[]
}

async function makeCalls(scenarios: readonly Scenario[], options: Options): Promise<Calls> {
  const clock = steadyClock(options.speed)
  const errors: string[] = []
  const log = pino({ level: 'error' }, { write: (line: string) => errors.push(line) })
  const environment = { ...PATIENT, ...options.environment }
  const world = await startDemoWorld({ scenarios, clock, log, environment })
  try {
    options.before?.(world.simulator)
    const results = await Promise.all(
      scenarios.map(
        async (scenario) => [scenario, await carriedOut(world, scenario, clock)] as const,
      ),
    )
    return { world, results: new Map(results), errors }
  } catch (error) {
    await world[Symbol.asyncDispose]()
    throw error
  }
}

async function carriedOut(world: DemoWorld, scenario: Scenario, clock: Clock): Promise<DemoResult> {
  const { simulator, url } = world
  const id = await placeCall(url, withToolServer(scenario.call, simulator.tools.url))
  const call = await vi.waitUntil(() =>
    simulator.twilio.calls().find(({ to }) => to === scenario.call.phone_number),
  )
  await call.ended
  const record = await closedRecord(url, id, clock, LONGEST_CALL_MS)
  return { record, call, problems: problemsOf(world, record, call) }
}
