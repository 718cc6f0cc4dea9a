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
  /** What became of this scenario's call; without `problems` of other calls than its own. */
  of(scenario: Scenario): DemoResult
  readonly simulator: Simulator
}

/** From placing a call to its end, on the calls' own clock. */
const LONGEST_CALL_MS = 120_000

/**
 * Carries out all these outbound calls in one server, at the same time, before the tests of the suite look at them: a
 * precise call is slow, and many of them take no longer than one. Afterwards no vendor has seen a violation, nothing was
 * logged as an error, and no vendor has a connection open.
 *
 * Each scenario has a number of its own; those whose rules differ also differ in their `action`.
 *
 * @param options.speed how much faster than real time they run; default 2
 * @param options.before is done when the world is there and no call has been placed
 */
export function callsAtOnce(
  scenarios: readonly Scenario[],
  options: {
    speed?: number
    environment?: Readonly<Record<string, string>>
    before?: (simulator: Simulator) => void
  } = {},
): CallsAtOnce {
  const results = new Map<Scenario, DemoResult>()
  const errors: string[] = []
  let world: DemoWorld | undefined
  const there = () => {
    if (!world) throw new Error('the calls have not been made yet')
    return world
  }
  beforeAll(async () => {
    const clock = scaledClock(options.speed ?? 2)
    const log = pino({ level: 'error' }, { write: (line: string) => errors.push(line) })
    const environment = { ...PATIENT, ...options.environment }
    world = await startDemoWorld({ scenarios, clock, log, environment })
    options.before?.(world.simulator)
    await Promise.all(
      scenarios.map(async (scenario) => {
        results.set(scenario, await carriedOut(there(), scenario, clock))
      }),
    )
  }, 60_000)
  afterAll(async () => {
    if (!world) return
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
      return there().simulator
    },
    of: (scenario) => {
      const result = results.get(scenario)
      if (!result) throw new Error(`the call of ${scenario.name} was not made`)
      return result
    },
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
