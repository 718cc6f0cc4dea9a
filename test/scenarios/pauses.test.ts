import {
  autoSilent,
  dictation,
  hold,
  holdQueue,
  noiseOverSpeech,
  noisySilence,
  timeWarning,
} from '../../src/simulator/scenarios/pauses.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('a caller who needs time', () => {
  it('is waited for when they ask for a moment', async () => {
    const world = await scenarioWorld([hold])
    const { call, problems } = await world.run(hold)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain('Of course, take your time.')
    expect(call.heardText()).not.toContain('still there')
  })

  it('and a queue that asks to hold is not talked to', async () => {
    const world = await scenarioWorld([holdQueue])
    const { call, problems } = await world.run(holdQueue)
    expect(problems).toEqual([])
    expect(call.heardText()).toBe(
      'Hello Kim, this is Alex. Is the order of Mister Miller ready? Thank you, John. Have a great day. Goodbye!',
    )
  })

  it('can dictate a number in pieces', async () => {
    const world = await scenarioWorld([dictation])
    const { record, call, problems } = await world.run(dictation)
    expect(problems).toEqual([])
    expect(textsOf(record, 'caller')).toContain('five five five zero one nine nine.')
    expect(call.heardText()).toContain('Thank you, I have it.')
  })
})

describe('noise', () => {
  it('over the agent’s words costs not one of them', async () => {
    const world = await scenarioWorld([noiseOverSpeech])
    const { record, problems } = await world.run(noiseOverSpeech)
    expect(problems).toEqual([])
    expect(record.transcript[0]).toMatchObject({ role: 'agent', interrupted: false })
  })

  it('does not keep a call alive in which nobody speaks', async () => {
    const world = await scenarioWorld([noisySilence])
    const { record, call, problems } = await world.run(noisySilence)
    expect(problems).toEqual([])
    expect(call.heardText().match(/Are you still there\?/g)).toHaveLength(2)
    expect(record.end_reason).toBe('silence')
  })
})

describe('time', () => {
  it('that is nearly up is told, and kept', async () => {
    const world = await scenarioWorld([timeWarning])
    const { record, call, problems } = await world.run(timeWarning)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain('about half a minute left')
    expect(call.heardText()).toMatch(/our time is up .* Goodbye\.$/)
    expect(record).toMatchObject({ status: 'completed', end_reason: 'time_limit' })
  })

  it('is not taken from a callee who says nothing: the opening comes after a short wait', async () => {
    const world = await scenarioWorld([autoSilent])
    const { record, problems } = await world.run(autoSilent)
    expect(problems).toEqual([])
    const [opening] = record.timings
    expect(opening?.first_audio_ms).toBeGreaterThan(1000)
    expect(opening?.first_audio_ms).toBeLessThan(2500)
  })
})
