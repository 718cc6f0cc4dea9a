import { steadyClock } from '../../src/simulator/steady-clock.ts'
import { AtomsClient } from '../../src/providers/smallest/atoms-client.ts'
import { WavesClient } from '../../src/providers/smallest/waves-client.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { type SmallestKnobs, startSmallest } from '../../src/simulator/smallest.ts'
import { Violations } from '../../src/simulator/violations.ts'
import { expect, onTestFinished } from './together.ts'

/** Smallest.ai on loopback, and clients of it. A test that breaks rules on purpose says which. */
export async function smallestWorld(
  options: {
    knobs?: Partial<SmallestKnobs>
    scenarios?: readonly Scenario[]
    speed?: number
    apiKey?: string
    timeoutMs?: number
    breaks?: readonly string[]
    serverUrl?: () => string
  } = {},
) {
  const clock = steadyClock(options.speed ?? 10)
  const violations = new Violations()
  const smallest = await startSmallest({
    clock,
    violations,
    apiKey: 'sm-key',
    webhookSecret: 'sm-secret',
    scenarios: options.scenarios ?? [],
    knobs: options.knobs ?? {},
    ...(options.serverUrl && { serverUrl: options.serverUrl }),
  })
  const http = { apiKey: options.apiKey ?? 'sm-key', timeoutMs: options.timeoutMs ?? 30_000, clock }
  const atoms = new AtomsClient({ ...http, baseUrl: smallest.atomsUrl })
  const waves = new WavesClient({ ...http, baseUrl: smallest.url })
  onTestFinished(async () => {
    await Promise.all([atoms.close(), waves.close()])
    await smallest.close()
    expect(violations.list.map(({ rule }) => rule)).toEqual(options.breaks ?? [])
  })
  return { clock, violations, smallest, atoms, waves }
}
