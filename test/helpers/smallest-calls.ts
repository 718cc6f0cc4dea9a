import { expect } from 'vitest'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { scenarioWorld } from './scenario-world.ts'

/** Neither Deepgram nor ElevenLabs is needed, or known. */
const SMALLEST = {
  STT_PROVIDER: 'pulse',
  TTS_PROVIDER: 'waves',
  DEEPGRAM_API_KEY: '',
  ELEVENLABS_API_KEY: '',
  ELEVENLABS_VOICE_ID: '',
}

/** A call that Pulse hears and Waves speaks in; nobody else does. */
export async function bySmallest(
  scenario: Scenario,
  environment: Readonly<Record<string, string | number>> = {},
) {
  const variables = Object.entries(environment).map(([name, value]) => [name, String(value)])
  const world = await scenarioWorld([scenario], {
    environment: { ...SMALLEST, ...(Object.fromEntries(variables) as Record<string, string>) },
  })
  const result = await world.run(scenario)
  expect(world.simulator.deepgram.total() + world.simulator.elevenLabs.total()).toBe(0)
  return { ...result, smallest: world.simulator.smallest }
}
