import { describe, expect, it } from 'vitest'
import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { helloFirst } from '../../src/simulator/scenarios/hello-first.ts'
import {
  backchannel,
  interruptEarly,
  interruptLate,
} from '../../src/simulator/scenarios/interruptions.ts'
import { spanish, switchLanguage } from '../../src/simulator/scenarios/languages.ts'
import { toolLookup } from '../../src/simulator/scenarios/tools.ts'
import type { Scenario } from '../../src/simulator/scenario.ts'
import { scenarioWorld, textsOf } from '../helpers/scenario-world.ts'

/** Neither Deepgram nor ElevenLabs is needed, or known. */
const SMALLEST = {
  STT_PROVIDER: 'pulse',
  TTS_PROVIDER: 'waves',
  DEEPGRAM_API_KEY: '',
  ELEVENLABS_API_KEY: '',
  ELEVENLABS_VOICE_ID: '',
}

/** A call that Pulse hears and Waves speaks in; nobody else does. */
async function bySmallest(
  scenario: Scenario,
  { speed = 4, ...environment }: { speed?: number } & Record<string, string | number> = {},
) {
  const variables = Object.entries(environment).map(([name, value]) => [name, String(value)])
  const world = await scenarioWorld([scenario], {
    speed,
    environment: { ...SMALLEST, ...(Object.fromEntries(variables) as Record<string, string>) },
  })
  const result = await world.run(scenario)
  expect(world.simulator.deepgram.total() + world.simulator.elevenLabs.total()).toBe(0)
  return { ...result, smallest: world.simulator.smallest }
}

describe('with Pulse’s ears and Waves’ voice, a caller', () => {
  it.each(['pcm_8000', 'pcm_24000', 'ulaw_8000'])(
    'who says hello first has a whole conversation in %s',
    async (format) => {
      const { record, call, problems } = await bySmallest(helloFirst, {
        WAVES_OUTPUT_FORMAT: format,
      })
      expect(problems).toEqual([])
      expect(textsOf(record, 'caller')).toEqual(['Hello?', 'Yes, Thursday works. Thank you, bye!'])
      expect(call.heardText()).toMatch(/^Hi John.*Goodbye!$/)
      expect(record.end_reason).toBe('agent_hung_up')
      expect(JSON.stringify(record['cost'])).toMatch(/"vendor":"smallest","item":"speech_to_text"/)
      expect(JSON.stringify(record['cost'])).not.toMatch(/elevenlabs|deepgram/)
    },
  )

  it('who interrupts early is on record where their ear was', async () => {
    const { record, call, problems } = await bySmallest(interruptEarly, { speed: 2 })
    expect(problems).toEqual([])
    expect(record.transcript[0]).toMatchObject({ role: 'agent', interrupted: true })
    expect(record.transcript[0]?.text?.split(' ').length).toBeLessThan(12)
    expect(call.heardText()).toContain('AI assistant of Downtown Dental')
  })

  it('who interrupts late has heard nothing after the cut', async () => {
    const { record, problems } = await bySmallest(interruptLate, { speed: 2 })
    expect(problems).toEqual([])
    const cut = record.transcript.find(({ interrupted }) => interrupted === true)
    expect(cut?.text).toMatch(/elevator is/)
    expect(cut?.text).not.toMatch(/come in/)
  })

  it('who only says “uh-huh” hears the answer to its end, made once', async () => {
    const { record, call, problems, smallest } = await bySmallest(backchannel, { speed: 2 })
    expect(problems).toEqual([])
    expect(call.heardText()).toContain('as you come in.')
    expect(record.transcript.every(({ interrupted }) => interrupted !== true)).toBe(true)
    expect(smallest.spoken().join(' ').split('green building')).toHaveLength(2)
  })

  it('hears what a tool has said', async () => {
    const { call, problems } = await bySmallest(toolLookup)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/Let me look\. Friday at eleven is free\. Shall I book it\?/)
  })

  it('is heard and spoken to in Spanish', async () => {
    const { record, call, problems, smallest } = await bySmallest(spanish)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/^Hola, María\. .*segundo piso.*¡Hasta el jueves!$/)
    expect(textsOf(record, 'caller')).toContain('Una pregunta. ¿En qué piso están?')
    const languages = smallest.asked().map(({ searchParams }) => searchParams.get('language'))
    expect(languages.filter((language) => language !== null)).toEqual(['es'])
  })

  it('who changes to another language loses no word', async () => {
    const { record, call, problems } = await bySmallest(switchLanguage, { speed: 3 })
    expect(problems).toEqual([])
    expect(textsOf(record, 'caller')).toContain('Perdón, ¿habla español?')
    expect(call.heardText()).toMatch(/el ascensor está a la izquierda\..*¡Hasta el jueves!$/)
  })

  it('whom the vendor does not time the words of still hears a whole conversation', async () => {
    const { call, problems } = await bySmallest(
      { ...dentist, vendors: { smallest: { tellsWords: false, echoesRequests: false } } },
      { PULSE_WORD_TIMESTAMPS: 'false', WAVES_WORD_TIMESTAMPS: 'false' },
    )
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/^Hi John.*Suite two hundred.*Goodbye!$/)
  })
})

describe('Smallest.ai is down when the call begins', () => {
  it('as a voice: the call is taken back before anybody is bothered', async () => {
    const refuse = { path: /tts/, status: 401 }
    const { record, call } = await bySmallest({ ...dentist, vendors: { smallest: { refuse } } })
    expect(record).toMatchObject({
      status: 'failed',
      failure: { by: 'smallest', code: 'auth:401' },
    })
    expect(call.answeredAt).toBeUndefined()
  })

  it('as ears: whoever picked up hears an apology, then the call ends', async () => {
    const refuse = { path: /stt/, status: 503 }
    const { record, call } = await bySmallest({ ...dentist, vendors: { smallest: { refuse } } })
    expect(record).toMatchObject({ status: 'failed', failure: { by: 'smallest' } })
    expect(call.heardText()).toMatch(/technical problem and have to end the call. Goodbye.$/)
  })
})
