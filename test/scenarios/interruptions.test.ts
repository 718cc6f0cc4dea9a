import {
  backchannel,
  hangUpMidSentence,
  interruptAfterGeneration,
  interruptEarly,
  interruptLate,
  oneMoreThing,
  presses,
} from '../../src/simulator/scenarios/interruptions.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('a caller who interrupts', () => {
  it('early: the record ends where the ear did', async () => {
    const world = await scenarioWorld([interruptEarly])
    const { record, call, problems } = await world.run(interruptEarly)
    expect(problems).toEqual([])
    const opening = record.transcript[0]
    expect(opening).toMatchObject({ role: 'agent', interrupted: true })
    expect(opening?.text?.split(' ').length).toBeLessThan(12)
    expect(call.heardText()).toContain('AI assistant of Downtown Dental')
  })

  it('late: nothing after the cut is on record', async () => {
    const world = await scenarioWorld([interruptLate])
    const { record, problems } = await world.run(interruptLate)
    expect(problems).toEqual([])
    const cut = record.transcript.find(({ interrupted }) => interrupted === true)
    expect(cut?.text).toMatch(/elevator is/)
    expect(cut?.text).not.toMatch(/come in/)
  })

  it('after everything was generated: the carrier’s buffer is dropped, and the model knows what was heard', async () => {
    const world = await scenarioWorld([interruptAfterGeneration])
    const { record, call, problems } = await world.run(interruptAfterGeneration)
    expect(problems).toEqual([])
    expect(call.heardText()).not.toContain('elevator')
    const asked = world.simulator.claude
      .requests()
      .find(({ messages }) => JSON.stringify(messages).includes('which library'))
    expect(JSON.stringify(asked?.messages)).not.toContain('elevator')
    expect(JSON.stringify(asked?.messages)).toContain('green building')
    expect(record.timings.some(({ cleared_ms: cleared }) => cleared !== undefined)).toBe(true)
  })

  it('with a mere “uh-huh”: the agent goes on, and nothing is synthesised again', async () => {
    const world = await scenarioWorld([backchannel])
    const { record, call, problems } = await world.run(backchannel)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain('as you come in.')
    expect(record.transcript.every(({ interrupted }) => interrupted !== true)).toBe(true)
    const spoken = world.simulator.elevenLabs.spoken().join(' ')
    expect(spoken.split('green building')).toHaveLength(2)
  })

  it('over the goodbye with one more question: it is answered', async () => {
    const world = await scenarioWorld([oneMoreThing])
    const { record, call, problems } = await world.run(oneMoreThing)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/Goodbye! .*Suite two hundred.*Goodbye!$/)
    expect(record.end_reason).toBe('agent_hung_up')
  })

  it('by pressing keys: they are answered like words', async () => {
    const world = await scenarioWorld([presses])
    const { record, call, problems } = await world.run(presses)
    expect(problems).toEqual([])
    expect(record.transcript.map(({ text }) => text)).toContain('(pressed 2 #)')
    expect(record.transcript[0]).toMatchObject({ role: 'agent', interrupted: true })
    expect(call.heardText()).toMatch(/Friday it is. Is that right\? Thank you. Goodbye!$/)
  })

  it('by hanging up: the call ends, and the record with it', async () => {
    const world = await scenarioWorld([hangUpMidSentence])
    const { record, problems } = await world.run(hangUpMidSentence)
    expect(problems).toEqual([])
    expect(record).toMatchObject({ status: 'completed', end_reason: 'caller_hung_up' })
    expect(record.transcript.at(-1)).toMatchObject({ role: 'agent', interrupted: true })
  })
})
