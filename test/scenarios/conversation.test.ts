import { describe, expect, it } from 'vitest'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { helloFirst } from '../../src/simulator/scenarios/hello-first.ts'
import { inbound } from '../../src/simulator/scenarios/inbound.ts'
import {
  backchannel,
  halfSentence,
  hangUpMidSentence,
  interruptAfterGeneration,
  interruptEarly,
  interruptLate,
  oneMoreThing,
} from '../../src/simulator/scenarios/interruptions.ts'
import { scenarioWorld } from '../helpers/scenario-world.ts'

const texts = (
  record: { transcript: { role: string; text?: string | undefined }[] },
  role: string,
) => record.transcript.flatMap((turn) => (turn.role === role ? [turn.text] : []))

describe('a whole call', () => {
  it('does what it was made for, and has every word on record', async () => {
    const world = await scenarioWorld([dentist])
    const { record, call, problems } = await world.run(dentist)
    expect(problems).toEqual([])
    expect(record).toMatchObject({
      status: 'completed',
      end_reason: 'agent_hung_up',
      failure: null,
    })
    expect(call.status).toBe('completed')
    expect(texts(record, 'caller')).toEqual([
      'Oh hi. Yes, Thursday works for me.',
      'Just one question. Which suite is it?',
      'Great, thank you. Bye!',
    ])
    expect(call.heardText()).toMatch(/^Hi John, this is Alex.*Suite two hundred.*Goodbye!$/)
    expect(record.transcript.at(-1)).toMatchObject({ role: 'tool', name: 'end_call' })
  })

  it('says its opening right when the phone is answered', async () => {
    const world = await scenarioWorld([hangUpMidSentence], { speed: 1 })
    const { record, call } = await world.run(hangUpMidSentence)
    expect(record.timings[0]?.first_audio_ms).toBeLessThan(50)
    // The webhook comes 75 ms after the answer and the stream 30 ms after that; the rest is for slow machines.
    expect(call.heard[0]?.startMs).toBeLessThan(600)
  })

  it('lets the callee say hello first, and answers with the opening', async () => {
    const world = await scenarioWorld([helloFirst])
    const { record, call, problems } = await world.run(helloFirst)
    expect(problems).toEqual([])
    expect(texts(record, 'caller')[0]).toBe('Hello?')
    expect(call.said[0]?.endMs).toBeLessThan(call.heard[0]?.startMs ?? 0)
    expect(call.heardText()).toMatch(/^Hi John, this is Alex/)
  })

  it('answers a call from outside as the configuration says', async () => {
    const world = await scenarioWorld([inbound])
    const { record, call, problems } = await world.run(inbound)
    expect(problems).toEqual([])
    expect(record).toMatchObject({ status: 'completed', direction: 'inbound' })
    expect(call.heardText()).toMatch(/^Downtown Dental, this is Alex/)
  })

  it('does not answer a caller who only pauses in the middle of a sentence', async () => {
    const world = await scenarioWorld([halfSentence])
    const { record, problems } = await world.run(halfSentence)
    expect(problems).toEqual([])
    expect(texts(record, 'caller')[0]).toBe('Well, Thursday works for me, I think.')
  })

  it('hears with Nova as well', async () => {
    const world = await scenarioWorld([dentist], { environment: { DEEPGRAM_MODEL: 'nova-3' } })
    const { record, problems } = await world.run(dentist)
    expect(problems).toEqual([])
    expect(record).toMatchObject({ status: 'completed', end_reason: 'agent_hung_up' })
  })

  it('speaks μ-law straight from ElevenLabs as well', async () => {
    const world = await scenarioWorld([dentist], {
      environment: { ELEVENLABS_OUTPUT_FORMAT: 'ulaw_8000' },
    })
    const { record, problems } = await world.run(dentist)
    expect(problems).toEqual([])
    expect(record.end_reason).toBe('agent_hung_up')
  })
})

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

  it('by hanging up: the call ends, and the record with it', async () => {
    const world = await scenarioWorld([hangUpMidSentence])
    const { record, problems } = await world.run(hangUpMidSentence)
    expect(problems).toEqual([])
    expect(record).toMatchObject({ status: 'completed', end_reason: 'caller_hung_up' })
    expect(record.transcript.at(-1)).toMatchObject({ role: 'agent', interrupted: true })
  })
})
