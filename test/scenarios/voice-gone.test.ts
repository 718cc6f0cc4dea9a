import type { DemoResult } from '../../src/cli/demo-call.ts'
import { longestDeadAirMs } from '../../src/simulator/dead-air.ts'
import type { ElevenLabsFault } from '../../src/simulator/elevenlabs.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { inbound } from '../../src/simulator/scenarios/inbound.ts'
import { switchLanguage } from '../../src/simulator/scenarios/languages.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { scenarioWorld, type TestWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

/** As in production: how soon a voice is given up is what these calls are about. */
const USUAL = { TTS_FIRST_AUDIO_TIMEOUT_MS: '1500', TTS_STALL_TIMEOUT_MS: '1000' }

/** Nobody waits longer for the agent; on top of it comes the time to tell that the caller has finished. */
const MOST_DEAD_AIR_MS = 2500
const TURN_END_MS = 700

function withFaults(scenario: Scenario, faults: readonly ElevenLabsFault[]): Scenario {
  return { ...scenario, vendors: { elevenlabs: { faults } } }
}

/** The carrier's own voice: the texts it was given, with their language. */
function carrierSaid({ call }: DemoResult): string[] {
  const documents = call.twiml.filter((twiml) => twiml.includes('<Say'))
  return documents.flatMap((twiml) => twiml.match(/<Say[^>]*>[^<]*/g) ?? [])
}

describe('the only voice is gone for good', () => {
  it('but has its stock phrases ready: the apology is in the voice of the call', async () => {
    const scenario = withFaults(dentist, [
      { kind: 'error', error: 'quota_exceeded', when: /Wonderful/, times: 9 },
    ])
    const world = await scenarioWorld([scenario], {
      environment: { ...USUAL, STOCK_PHRASES: 'memory' },
    })
    await expectStocked(world)
    const before = world.simulator.elevenLabs.spoken().length
    const result = await world.run(scenario)
    expect(result.problems).toEqual([])
    expect(result.record).toMatchObject({ status: 'failed', failure: { by: 'elevenlabs' } })
    expect(result.call.heardText()).toMatch(/I'm sorry, I'm having a technical problem.*Goodbye\.$/)
    expect(carrierSaid(result)).toEqual([])
    // Nobody was asked to speak it.
    const asked = world.simulator.elevenLabs.spoken().slice(before)
    expect(asked.join('')).not.toContain('technical problem')
    const deadAirMs = longestDeadAirMs(result.call, textsOf(result.record, 'agent'))
    expect(deadAirMs).toBeLessThan(MOST_DEAD_AIR_MS + TURN_END_MS)
  })
})

describe('nothing of ours can speak: the carrier apologises, once', () => {
  const dead: readonly ElevenLabsFault[] = [
    { kind: 'error', error: 'quota_exceeded', when: /Wonderful|open at nine|sorry/, times: 9 },
  ]
  it.each([
    ['to somebody we rang', dentist],
    ['to somebody who rang us', inbound],
  ] as const)('%s', async (_to, usual) => {
    const scenario = withFaults(usual, dead)
    const world = await scenarioWorld([scenario], { environment: USUAL })
    const result = await world.run(scenario)
    expect(carrierSaid(result)).toEqual([expect.stringMatching(/^<Say language="en-US">I'm sorry/)])
    expect(result.call.heardText()).toMatch(
      /technical problem and have to end the call. Goodbye\.$/,
    )
    expect(result.record).toMatchObject({ status: 'failed', failure: { by: 'elevenlabs' } })
  })

  it('in the language that the call has changed to', async () => {
    const scenario = withFaults(switchLanguage, [
      { kind: 'error', error: 'quota_exceeded', when: /Estamos en el|Lo siento/, times: 9 },
    ])
    const world = await scenarioWorld([scenario], { environment: USUAL })
    const result = await world.run(scenario)
    expect(carrierSaid(result)).toEqual([expect.stringMatching(/^<Say language="es-ES">Lo siento/)])
  })
})

/** The phrases are spoken in the background when the server starts. */
async function expectStocked({ simulator }: TestWorld): Promise<void> {
  await expect
    .poll(() => simulator.elevenLabs.spoken().join(''), { timeout: 20_000 })
    .toContain("You're back with me")
  await expect.poll(() => simulator.elevenLabs.connections()).toBe(0)
}
