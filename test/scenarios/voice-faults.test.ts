import { Speakable } from '../../src/pipeline/speakable/speakable.ts'
import { longestDeadAirMs } from '../../src/simulator/dead-air.ts'
import type { ElevenLabsFault } from '../../src/simulator/elevenlabs.ts'
import type { DemoResult } from '../../src/cli/demo-call.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

/** As in production: how soon a voice is given up is what these calls are about. */
const USUAL = { TTS_FIRST_AUDIO_TIMEOUT_MS: '1500', TTS_STALL_TIMEOUT_MS: '1000' }
const AURA = { ...USUAL, TTS_FALLBACK: 'deepgram:aura-2-thalia-en' }

/** The dentist's call by a person who lets the agent finish, however long its voice takes in the middle. */
const patient: Scenario = {
  ...dentist,
  person: {
    ...dentist.person,
    does: [
      { hear: { text: 'still work for you?' } },
      { pause: 300 },
      { say: 'Oh hi. Yes, Thursday works for me.' },
      { hear: { text: 'like to know?' } },
      { pause: 200 },
      { say: 'Just one question. Which suite is it?' },
      { hear: { text: 'seeing you.' } },
      { pause: 300 },
      { say: 'Great, thank you. Bye!' },
    ],
  },
}

/** Nobody waits longer for the agent; on top of it comes the time to tell that the caller has finished. */
const MOST_DEAD_AIR_MS = 2500
const TURN_END_MS = 700

function withFaults(scenario: Scenario, faults: readonly ElevenLabsFault[]): Scenario {
  return { ...scenario, vendors: { elevenlabs: { faults } } }
}

/** Every sentence once, the record is what was heard, and nobody waited for long. */
function expectHeardWell({ record, call, problems }: DemoResult, scenario: Scenario): void {
  expect(problems).toEqual([])
  expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
  const heard = call.heardText().replaceAll(/\s+/gu, ' ')
  for (const { say = '' } of scenario.claude) expect(heard.split(asSpoken(say))).toHaveLength(2)
  const deadAirMs = longestDeadAirMs(call, textsOf(record, 'agent'))
  expect(deadAirMs).toBeLessThan(MOST_DEAD_AIR_MS + TURN_END_MS)
}

function asSpoken(text: string): string {
  const pieces = new Speakable({ language: 'en' }).phrase(text)
  return pieces.map(({ spoken }) => spoken).join('')
}

describe('a voice that breaks off in the middle of what it says', () => {
  const cases: readonly { readonly name: string; readonly faults: readonly ElevenLabsFault[] }[] = [
    {
      name: 'is cut, stalls, is closed in good order, and sends garbage',
      faults: [
        { kind: 'cut', afterBytes: 150_000, when: /Hi John/ },
        { kind: 'stall', afterBytes: 60_000, when: /Wonderful/ },
        { kind: 'close', code: 1000, afterBytes: 40_000, when: /Suite/ },
        { kind: 'garbage', afterBytes: 30_000, when: /Thank you/ },
      ],
    },
    {
      name: 'is silent, ends without a sound, is too busy, and ends too early',
      faults: [
        { kind: 'error', error: 'system_busy', when: /Hi John/ },
        { kind: 'silent', when: /Wonderful/ },
        { kind: 'empty', when: /Suite/ },
        { kind: 'end', afterBytes: 30_000, when: /Thank you/ },
      ],
    },
  ]
  it.each(cases)('$name: every sentence is heard once', async ({ faults }) => {
    const scenario = withFaults(patient, faults)
    const world = await scenarioWorld([scenario], { environment: USUAL })
    expectHeardWell(await world.run(scenario), scenario)
    expect(world.simulator.elevenLabs.total()).toBeGreaterThan(2)
  })
})

describe('a voice that is gone for good', () => {
  it('is another one from the next word on, and to the end of the call', async () => {
    const scenario = withFaults(patient, [
      { kind: 'error', error: 'quota_exceeded', afterBytes: 60_000, when: /Wonderful/ },
      { kind: 'error', error: 'quota_exceeded', when: /Suite|Thank/, times: 9 },
    ])
    const world = await scenarioWorld([scenario], { environment: AURA })
    const result = await world.run(scenario)
    expectHeardWell(result, scenario)
    const spoke = world.simulator.deepgram
      .asked()
      .filter(({ pathname }) => pathname === '/v1/speak')
    expect(spoke.length).toBeGreaterThan(0)
    expect(result.call.twiml.join('')).not.toContain('<Say')
  })
})
