import { systemClock } from '../../src/clock.ts'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { helloFirst } from '../../src/simulator/scenarios/hello-first.ts'
import { inbound } from '../../src/simulator/scenarios/inbound.ts'
import { halfSentence, hangUpMidSentence } from '../../src/simulator/scenarios/interruptions.ts'
import { silent } from '../../src/simulator/scenarios/unanswered.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

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
    expect(textsOf(record, 'caller')).toEqual([
      'Oh hi. Yes, Thursday works for me.',
      'Just one question. Which suite is it?',
      'Great, thank you. Bye!',
    ])
    expect(call.heardText()).toMatch(/^Hi John, this is Alex.*Suite two hundred.*Goodbye!$/)
    expect(record.transcript.at(-1)).toMatchObject({ role: 'tool', name: 'end_call' })
  })

  it(
    'says its opening right when the phone is answered, if it is to speak first (in real time)',
    async () => {
      const eager = {
        ...hangUpMidSentence,
        call: { ...hangUpMidSentence.call, first_speaker: 'agent' },
      }
      const world = await scenarioWorld([eager], { clock: systemClock })
      const { record, call } = await world.run(eager)
      expect(record.timings[0]?.first_audio_ms).toBeLessThan(50)
      // The webhook comes 75 ms after the answer and the stream 30 ms after that; the rest is for slow machines.
      expect(call.heard[0]?.startMs).toBeLessThan(600)
    },
    { concurrent: false },
  )

  it('lets the callee say hello first, and answers with the opening', async () => {
    const world = await scenarioWorld([helloFirst])
    const { record, call, problems } = await world.run(helloFirst)
    expect(problems).toEqual([])
    expect(textsOf(record, 'caller')[0]).toBe('Hello?')
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
    expect(textsOf(record, 'caller')[0]).toBe('Well, Thursday works for me, I think.')
  })

  it('does not wait for ever for somebody who says nothing', async () => {
    const world = await scenarioWorld([silent])
    const { record, call, problems } = await world.run(silent)
    expect(problems).toEqual([])
    expect(record).toMatchObject({ status: 'completed', end_reason: 'silence' })
    expect(call.heard.map(({ text }) => text).slice(1)).toEqual([
      'Are you still there?',
      'Are you still there?',
      "I can't hear you any more, so I'll hang up now. Goodbye.",
    ])
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
