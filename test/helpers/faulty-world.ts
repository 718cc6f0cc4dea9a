import type { DemoResult } from '../../src/cli/demo-call.ts'
import type { Clock } from '../../src/clock.ts'
import { longestDeadAirMs } from '../../src/simulator/dead-air.ts'
import { FaultProxy } from '../../src/simulator/fault-proxy.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { scenarioWorld, type TestWorld, textsOf } from './scenario-world.ts'
import { expect, onTestFinished } from './together.ts'

/** The variables that say where a vendor is. */
const VENDORS = {
  deepgram: 'DEEPGRAM_BASE_URL',
  anthropic: 'ANTHROPIC_BASE_URL',
  elevenlabs: 'ELEVENLABS_BASE_URL',
  twilio: 'TWILIO_BASE_URL',
} as const

/** Networks that can break: between us and each vendor, and (`line`) from the carrier to us, media streams included. */
export type Networks = Readonly<Record<keyof typeof VENDORS | 'line', FaultProxy>>

export type FaultyWorld = TestWorld & { readonly networks: Networks }

/** A `scenarioWorld` with a breakable network in front of everybody. */
export async function faultyWorld(
  scenarios: readonly Scenario[],
  options: { environment?: Readonly<Record<string, string>>; speed?: number } = {},
): Promise<FaultyWorld> {
  const networks: Partial<Record<keyof Networks, FaultProxy>> = {}
  const world = await scenarioWorld(scenarios, {
    ...options,
    reroute: (clock) => routesThrough(networks, clock),
  })
  // Hooks run in reverse: before the world looks whether everybody has let go.
  onTestFinished(async () => {
    await Promise.all(Object.values(networks).map((network) => network.close()))
  })
  return { ...world, networks: networks as Networks }
}

function routesThrough(networks: Partial<Record<keyof Networks, FaultProxy>>, clock: Clock) {
  const through = async (name: keyof Networks, url: string) => {
    const network = await FaultProxy.start({ clock, target: url })
    networks[name] = network
    return network.urlFor(url)
  }
  return {
    vendors: async (environment: Readonly<Record<string, string>>) =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(VENDORS).map(async ([name, variable]) => [
            variable,
            await through(name as keyof typeof VENDORS, environment[variable] ?? ''),
          ]),
        ),
      ) as Record<string, string>,
    server: (url: string) => through('line', url),
  }
}

/** Until the person of the newest call has begun to say something for the nth time, and `ms` later. */
export async function whileSaying(world: TestWorld, nth: number, ms: number): Promise<void> {
  const said = () => world.simulator.twilio.calls().at(-1)?.said.length ?? 0
  while (said() < nth) await world.clock.sleep(50)
  await world.clock.sleep(ms)
}

/** What it takes to know that a sentence is over; the silence after it counts from its last sound. */
const END_OF_TURN_MS = 500

/**
 * No single fault leaves the person in silence for longer than this, in any turn of the agent.
 *
 * @param boundMs from the moment that the end of their turn can be known
 */
export function expectNoDeadAir({ record, call }: DemoResult, boundMs = 2500): void {
  expect(longestDeadAirMs(call, textsOf(record, 'agent'))).toBeLessThan(boundMs + END_OF_TURN_MS)
}
