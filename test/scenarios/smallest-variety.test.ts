import { dentist } from '../../src/simulator/scenarios/dentist.ts'
import { spanish, switchLanguage } from '../../src/simulator/scenarios/languages.ts'
import { toolLookup } from '../../src/simulator/scenarios/tools.ts'
import { textsOf } from '../helpers/scenario-world.ts'
import { bySmallest } from '../helpers/smallest-calls.ts'
import { describe, expect, it } from '../helpers/together.ts'

describe('with Pulse’s ears and Waves’ voice, a caller', () => {
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
    const { record, call, problems } = await bySmallest(switchLanguage)
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
