import { pino } from 'pino'
import { type DemoResult, runScenario } from '../../src/cli/demo-call.ts'
import { type DemoWorld, type Reroute, startDemoWorld } from '../../src/cli/demo-world.ts'
import type { Clock } from '../../src/clock.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { steadyClock } from '../../src/simulator/steady-clock.ts'
import { expect, onTestFinished } from './together.ts'

/** A machine that is busy for a moment must not look like a vendor that is down, at several times the usual speed. */
export const PATIENT = {
  // Nor must it turn people away.
  MAX_LOOP_DELAY_MS: '60000',
  MAX_LOOP_UTILIZATION: '1',
  CONNECT_TIMEOUT_MS: '30000',
  STT_CONNECT_TIMEOUT_MS: '30000',
  ANTHROPIC_FIRST_TOKEN_TIMEOUT_MS: '30000',
  ANTHROPIC_STALL_TIMEOUT_MS: '30000',
  SMALLEST_TIMEOUT_MS: '60000',
  TTS_FIRST_AUDIO_TIMEOUT_MS: '30000',
  TTS_STALL_TIMEOUT_MS: '30000',
  BROWN_OUT_MS: '30000',
  DEAD_AIR_FILLER_MS: '30000',
  DEAD_AIR_SECOND_FILLER_MS: '40000',
  DEAD_AIR_GIVE_UP_MS: '60000',
}

export type TestWorld = DemoWorld & {
  readonly clock: Clock
  /** Lines of the server's log at `error` and above; must be empty when the test is over. */
  readonly errors: string[]
  /** Its lines at `warn`. */
  readonly warnings: string[]
  run(scenario: Scenario): Promise<DemoResult>
}

/**
 * Server and simulator for one test. When the test is over: no vendor has seen a violation, nothing was logged as an
 * error, and no vendor has a connection open.
 */
export async function scenarioWorld(
  scenarios: readonly Scenario[],
  options: {
    environment?: Readonly<Record<string, string>>
    /** How much faster than real time they may run at the most. */
    speed?: number
    /** Another clock than the world's usual one. */
    clock?: Clock
    reroute?: (clock: Clock) => Reroute
  } = {},
): Promise<TestWorld> {
  const clock = options.clock ?? steadyClock(options.speed)
  const errors: string[] = []
  const warnings: string[] = []
  const log = pino(
    { level: 'warn' },
    { write: (line: string) => (line.includes('"level":40') ? warnings : errors).push(line) },
  )
  const world = await startDemoWorld({
    scenarios,
    clock,
    log,
    environment: { ...PATIENT, ...options.environment },
    ...(options.reroute && { reroute: options.reroute(clock) }),
  })
  onTestFinished(async () => {
    const { deepgram, elevenLabs, smallest, violations } = world.simulator
    const open = () => [deepgram, elevenLabs, smallest].map((vendor) => vendor.connections())
    await expect.poll(open).toEqual([0, 0, 0])
    await world[Symbol.asyncDispose]()
    expect(violations.list).toEqual([])
    expect(errors).toEqual([])
  })
  return {
    ...world,
    clock,
    errors,
    warnings,
    run: (scenario) => runScenario(world, scenario, clock),
  }
}

/** What one side said, turn by turn, according to the record. */
export function textsOf({ transcript }: DemoResult['record'], role: 'caller' | 'agent'): string[] {
  return transcript.flatMap((turn) => (turn.role === role ? [turn.text ?? ''] : []))
}
