import type { DemoResult } from '../../src/cli/demo-call.ts'
import { dictatesTwice, quickAnswer, slowSpeaker } from '../../src/simulator/scenarios/patience.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

/** Flux ends turns itself, with Nova that is left to us. */
const EARS = [
  ['Flux', {}],
  ['Nova', { DEEPGRAM_MODEL: 'nova-3' }],
] as const

/** From the last word of this turn of the caller to the first audio of its answer. */
function answerTimeMs({ transcript, timings }: DemoResult['record'], said: string): number {
  const turn = transcript.find(({ role, text }) => role === 'caller' && text === said)
  expect(turn).toBeDefined()
  // An answer is timed by the turn that it answers.
  const { speech_end_ms: from, first_audio_ms: to } =
    timings.find(({ kind, first_audio_ms: at = -Infinity }) => {
      return kind === 'answer' && at > (turn?.end_ms ?? Infinity)
    }) ?? {}
  expect(from).toBeDefined()
  return (to ?? NaN) - (from ?? NaN)
}

describe.each(EARS)('with %s, a caller', (_, environment) => {
  it('dictates an address and a number in pieces, each heard as one; a quick answer after them is not slowed', async () => {
    const world = await scenarioWorld([dictatesTwice, quickAnswer], { environment })
    const slow = await world.run(dictatesTwice)
    expect(slow.problems).toEqual([])
    const said = textsOf(slow.record, 'caller')
    expect(said).toContain('John dot smith at example dot com.')
    expect(said).toContain('five five five zero one two three nine nine.')
    const quick = await world.run(quickAnswer)
    expect(quick.problems).toEqual([])
    const usualMs = answerTimeMs(quick.record, 'Yes, please.')
    expect(answerTimeMs(slow.record, 'Yes, please.')).toBeLessThan(usualMs + 500)
  })

  it('who pauses between any few words is cut off the first time at most', async () => {
    const world = await scenarioWorld([slowSpeaker], { environment })
    const { record, call, problems } = await world.run(slowSpeaker)
    expect(problems).toEqual([])
    const said = textsOf(record, 'caller')
    expect(said.slice(-3)).toEqual([
      'Maybe some hours later that day around five.',
      'Only one more question today about parking.',
      'Thank you. Bye!',
    ])
    expect(said.slice(0, -3).join(' ')).toBe(
      'Thursday may be some hours early for us both this week.',
    )
    expect(call.heardText()).toMatch(/suit you\? Five it is.*behind the house\..*Goodbye!$/)
  })
})
