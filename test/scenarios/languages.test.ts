import {
  germanBackchannel,
  germanSilent,
  polish,
  spanish,
  switchLanguage,
} from '../../src/simulator/scenarios/languages.ts'
import { scenarioWorld, textsOf, type TestWorld } from '../helpers/scenario-world.ts'
import { describe, expect, it } from '../helpers/together.ts'

/** What the vendors of hearing were asked for, connection by connection. */
function heardBy({ simulator }: TestWorld) {
  return simulator.deepgram.asked().map(({ pathname, searchParams }) => ({
    pathname,
    model: searchParams.get('model'),
    language: searchParams.get('language') ?? searchParams.get('language_hint'),
  }))
}

function spokenIn({ simulator }: TestWorld) {
  return simulator.elevenLabs.asked().map(({ searchParams }) => searchParams.get('language_code'))
}

const ENGLISH_EAR = { pathname: '/v2/listen', model: 'flux-general-en', language: null }
const ear = (language: string) => ({
  pathname: '/v2/listen',
  model: 'flux-general-multi',
  language,
})

describe('a call in another language', () => {
  it('is heard, thought and spoken in it, though the configured ear knows English only', async () => {
    const world = await scenarioWorld([spanish])
    const { record, call, problems } = await world.run(spanish)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(/^Hola, María\. .*segundo piso.*¡Hasta el jueves!$/)
    expect(textsOf(record, 'caller')).toEqual([
      'Ah, hola. Sí, el jueves me viene bien.',
      'Una pregunta. ¿En qué piso están?',
      'Muy bien, muchas gracias. ¡Adiós!',
    ])
    expect(heardBy(world)).toEqual([ear('es')])
    expect(spokenIn(world)).toEqual(['es'])
    const conversation = world.simulator.claude
      .requests()
      .filter(({ tools }) => tools.includes('end_call'))
    expect(conversation.length).toBeGreaterThan(3)
    for (const { system } of conversation) expect(system).toContain('Speak Spanish')
    expect(record.end_reason).toBe('agent_hung_up')
  })

  it('has backchannels of its own, which cost the caller not a word of the answer', async () => {
    const world = await scenarioWorld([germanBackchannel])
    const { record, call, problems } = await world.run(germanBackchannel)
    expect(problems).toEqual([])
    expect(call.heardText()).toContain('links vom Eingang.')
    expect(record.transcript.every(({ interrupted }) => interrupted !== true)).toBe(true)
    const spoken = world.simulator.elevenLabs.spoken().join(' ')
    expect(spoken.split('grünen Haus')).toHaveLength(2)
    expect(heardBy(world)).toEqual([ear('de')])
  })

  it('has stock words of its own for somebody who has fallen silent', async () => {
    const world = await scenarioWorld([germanSilent])
    const { record, call, problems } = await world.run(germanSilent)
    expect(problems).toEqual([])
    expect(call.heardText()).toMatch(
      /Alex, von der Zahnarztpraxis König\. Sind Sie noch da\? Sind Sie noch da\? Ich höre Sie nicht mehr und lege jetzt auf\. Auf Wiederhören\.$/,
    )
    expect(record.end_reason).toBe('silence')
  })

  it('that Flux does not know is heard by Nova', async () => {
    const world = await scenarioWorld([polish])
    const { record, call, problems } = await world.run(polish)
    expect(problems).toEqual([])
    expect(heardBy(world)).toEqual([{ pathname: '/v1/listen', model: 'nova-3', language: 'pl' }])
    expect(spokenIn(world)).toEqual(['pl'])
    expect(textsOf(record, 'caller')).toEqual([
      'Tak, czwartek mi pasuje.',
      'Dziękuję, do widzenia.',
    ])
    expect(call.heardText()).toMatch(/jesteśmy umówieni\. Dziękuję\. Do widzenia!$/)
  })
})

describe('a caller who asks for another language', () => {
  it('is heard and spoken to in it from then on, and nothing of what they say is lost', async () => {
    const world = await scenarioWorld([switchLanguage])
    const { record, call, problems } = await world.run(switchLanguage)
    expect(problems).toEqual([])
    expect(heardBy(world)).toEqual([ENGLISH_EAR, ear('es')])
    expect(spokenIn(world)).toEqual(['en', 'es'])
    expect(textsOf(record, 'caller')).toContain('Perdón, ¿habla español?')
    // What is said before the switch is said in English, by the voice that speaks it; figures after it are Spanish ones.
    expect(call.heardText()).toContain('Sure. Llamo por su cita del jueves a las catorce treinta.')
    expect(world.simulator.elevenLabs.spoken().map((text) => text.trim())).toContain('Sure.')
    // “Ajá, claro” over the answer is a Spanish backchannel: the answer is heard to its end.
    expect(call.heardText()).toContain('el ascensor está a la izquierda.')
    expect(record.transcript.every(({ interrupted }) => interrupted !== true)).toBe(true)
    // “Un momento, por favor” is a Spanish request to wait: nobody presses the caller, who is away for longer than silence is borne.
    expect(call.heardText()).toMatch(
      /izquierda\. Por supuesto, tómese su tiempo\. Gracias a usted\. ¡Hasta el jueves!$/,
    )
  })
})
