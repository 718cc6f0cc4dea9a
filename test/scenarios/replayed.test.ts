import { readFlight } from '../../src/cli/replay-file.ts'
import { scenarioFrom } from '../../src/cli/replay-scenario.ts'
import type { CallJson } from '../../src/cli/call-record.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { interruptLate, presses } from '../../src/simulator/scenarios/interruptions.ts'
import { type Happening, recordOf } from '../helpers/flights.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

/** The flight record of a call, as far as a scenario is made from it. */
function flightOf(scenario: Scenario, { transcript }: CallJson): string {
  const answered = 1500
  const turns = transcript.map(({ start_ms, end_ms, ...turn }): Happening => {
    const noted = { ...turn, startMs: start_ms, endMs: end_ms } as Turn
    return [answered + end_ms, { note: { type: 'turn', turn: noted } }]
  })
  return recordOf([
    [0, { note: { type: 'spec', spec: scenario.call } }],
    [0, { type: 'started' }],
    [answered, { type: 'answered' }],
    [answered + 100, { type: 'line_attached', firstSpeaker: 'auto' }],
    ...turns,
  ])
}

/** Who said what. A cut may be a word ahead or behind: what was cut off counts by its first three words. */
const conversation = ({ transcript }: CallJson) =>
  transcript.map(({ role, text = '', name, interrupted = false }) => ({
    role,
    name,
    interrupted,
    text: interrupted ? text.split(' ').slice(0, 3) : text,
  }))

describe('a scenario that was made from a call', () => {
  it.each([interruptLate, presses])(
    'is the same call again: $name',
    async (scenario) => {
      const first = await scenarioWorld([scenario])
      const { record } = await first.run(scenario)
      const made = scenarioFrom(readFlight(flightOf(scenario, record)), 'made').scenario
      const second = await scenarioWorld([made])
      const again = await second.run(made)
      const cutWords = (call: CallJson) =>
        call.transcript.flatMap(({ interrupted, text = '' }) =>
          interrupted ? [text.split(' ').length] : [],
        )
      expect(cutWords(record)).toHaveLength(1)
      // The pace of a busy machine differs from call to call by some words.
      expect(Math.abs(cutWords(again.record)[0]! - cutWords(record)[0]!)).toBeLessThanOrEqual(4)
      expect(conversation(again.record)).toEqual(conversation(record))
      expect(again.record.end_reason).toBe(record.end_reason)
      expect(again.problems).toEqual([])
    },
    60_000,
  )
})
