import type { StreamingStt } from '../../../src/providers/deepgram/streaming-stt.ts'
import { speakMulaw } from '../../../src/simulator/tone-speech.ts'
import { Ears, framesOf, silence, simulateDeepgram, speakInTime } from '../../helpers/deepgram.ts'
import { expectWholeTurns } from './turns.ts'
import { describe, expect, it } from '../../helpers/together.ts'

async function listening(stt: StreamingStt): Promise<Ears> {
  const ears = new Ears()
  await stt.start(ears.listener, { signal: new AbortController().signal })
  return ears
}

function send(stt: StreamingStt, ...audio: Uint8Array[]): void {
  for (const frame of framesOf(...audio)) stt.sendAudio(frame)
}

const turnsOf = (ears: Ears) =>
  ears.events.flatMap((event) => (event.type === 'turn_end' ? [event.text] : []))

const askedModels = (sim: Awaited<ReturnType<typeof simulateDeepgram>>) =>
  sim.deepgram
    .asked()
    .map(({ searchParams }) => [
      searchParams.get('model'),
      searchParams.get('language') ?? searchParams.get('language_hint'),
    ])

describe('a caller who asks for another language', () => {
  it.each([
    ['flux-general-en', 'de-DE', ['flux-general-multi', 'de']],
    ['flux-general-en', 'pl', ['nova-3', 'pl']],
    ['nova-3', 'fr-FR', ['nova-3', 'fr']],
  ])('of %s is heard in %s', async (model, language, asked) => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model })
    const ears = await listening(stt)
    send(stt, speakMulaw('Can we change?'), silence(500))
    await ears.next('turn_end')
    stt.switchLanguage(language)
    await expect.poll(() => sim.deepgram.total()).toBe(2)
    send(stt, speakMulaw('Jetzt geht es.'), silence(500))
    await expect.poll(() => turnsOf(ears)).toEqual(['Can we change?', 'Jetzt geht es.'])
    await expect.poll(() => sim.deepgram.connections()).toBe(1)
    expect(askedModels(sim)[1]).toEqual(asked)
    await stt.close()
    await expect.poll(() => sim.deepgram.connections()).toBe(0)
  })

  const SPEECH = [
    speakMulaw('Uno dos tres cuatro.'),
    silence(600),
    speakMulaw('Cinco seis.'),
    silence(450),
    speakMulaw('Siete.'),
    silence(2500),
  ]
  const SAID = 'Uno dos tres cuatro. Cinco seis. Siete.'

  it.each(['flux-general-en', 'nova-3'])(
    'loses no word and says none twice with %s, whenever that is',
    async (model) => {
      await using sim = await simulateDeepgram({ speed: 4, knobs: { latencyMs: 150 } })
      // In words, at their ends, in pauses, and before anything was said.
      const moments = [0, 300, 700, 1000, 1200, 1500, 1900, 2100, 2400, 2900]
      await Promise.all(
        moments.map(async (moment) => {
          const stt = sim.stt({ model })
          const ears = await listening(stt)
          await speakInTime(stt, sim.clock, SPEECH, (ms) => {
            if (ms === moment) stt.switchLanguage('es')
          })
          await expect.poll(() => turnsOf(ears).join(' '), { timeout: 5000 }).toBe(SAID)
          expectWholeTurns(ears.events)
          const ends = ears.events.flatMap((event) =>
            event.type === 'turn_end' ? [event.speechEndMs ?? 0] : [],
          )
          // Times go on where the first connection left off.
          expect(Math.abs((ends.at(-1) ?? 0) - 1000 - 600 - 550 - 450 - 300)).toBeLessThan(80)
          await stt.close()
        }),
      )
      expect(sim.deepgram.total()).toBe(2 * moments.length)
    },
  )

  it('goes on in the old language when the new one cannot be had', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt()
    const ears = await listening(stt)
    sim.deepgram.knobs.refuseStatus = 400
    stt.switchLanguage('de')
    await sim.clock.sleep(100)
    send(stt, speakMulaw('Still English.'), silence(500))
    await expect.poll(() => turnsOf(ears)).toEqual(['Still English.'])
    expect(ears.types).not.toContain('failed')
    sim.deepgram.knobs.refuseStatus = undefined
    stt.switchLanguage('de')
    await expect.poll(() => sim.deepgram.total()).toBe(2)
    send(stt, speakMulaw('Jetzt Deutsch.'), silence(500))
    await expect.poll(() => turnsOf(ears)).toEqual(['Still English.', 'Jetzt Deutsch.'])
    await stt.close()
  })

  it('does not wait for the new language for ever', async () => {
    await using sim = await simulateDeepgram({ speed: 20 })
    const stt = sim.stt({ connectTimeoutMs: 3000 })
    const ears = await listening(stt)
    sim.deepgram.knobs.ignoreUpgrade = true
    stt.switchLanguage('de')
    await sim.clock.sleep(4000)
    send(stt, speakMulaw('Still English.'), silence(500))
    await expect.poll(() => turnsOf(ears)).toEqual(['Still English.'])
    await stt.close()
  })

  it('may change their mind before it is done', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt()
    const ears = await listening(stt)
    stt.switchLanguage('de')
    stt.switchLanguage('de')
    stt.switchLanguage('en')
    send(stt, speakMulaw('English then.'), silence(500))
    await expect.poll(() => turnsOf(ears)).toEqual(['English then.'])
    await expect.poll(() => sim.deepgram.connections()).toBe(1)
    expect(askedModels(sim)[0]).toEqual(['flux-general-en', null])
    await stt.close()
  })

  it('may hang up in the middle of it', async () => {
    await using sim = await simulateDeepgram()
    const controller = new AbortController()
    const [aborted, closed] = [sim.stt(), sim.stt()]
    await aborted.start(() => undefined, { signal: controller.signal })
    await listening(closed)
    for (const stt of [aborted, closed]) stt.switchLanguage('de')
    controller.abort()
    await closed.close()
    await aborted.close()
    for (const stt of [aborted, closed]) stt.switchLanguage('fr')
    await expect.poll(() => sim.deepgram.connections()).toBe(0)
  })

  it('is told when the new connection is lost as well', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt()
    const ears = await listening(stt)
    stt.switchLanguage('de')
    await expect.poll(() => sim.deepgram.total()).toBe(2)
    await expect.poll(() => sim.deepgram.connections()).toBe(1)
    sim.deepgram.knobs.dropAfterMs = 100
    send(stt, silence(300))
    const { error } = await ears.next('failed')
    expect(error).toMatchObject({ code: 'disconnected' })
    await stt.close()
  })

  it('takes patience along', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt()
    const ears = await listening(stt)
    stt.setPatience(2500)
    stt.switchLanguage('de')
    await expect.poll(() => sim.deepgram.total()).toBe(2)
    send(stt, speakMulaw('Vier.'), silence(700), speakMulaw(' Sechs.'), silence(900))
    await expect.poll(() => turnsOf(ears)).toEqual(['Vier. Sechs.'])
    await stt.close()
  })
})

describe('a switch that needs no second connection', () => {
  it('is one between languages of a model that knows them all', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model: 'flux-general-multi' })
    const ears = await listening(stt)
    stt.switchLanguage('de')
    stt.switchLanguage('fr-CA')
    send(stt, speakMulaw('Oui.'), silence(500))
    await expect.poll(() => turnsOf(ears)).toEqual(['Oui.'])
    expect(sim.deepgram.total()).toBe(1)
    await stt.close()
  })

  it('is one before the call is heard at all', async () => {
    await using sim = await simulateDeepgram()
    const [early, connecting] = [sim.stt(), sim.stt()]
    early.switchLanguage('de')
    const started = listening(connecting)
    connecting.switchLanguage('de')
    for (const ears of [listening(early), started]) await ears
    expect(askedModels(sim).filter(([model]) => model === 'flux-general-multi')).toHaveLength(2)
    await expect.poll(() => sim.deepgram.connections()).toBe(2)
    await Promise.all([early.close(), connecting.close()])
  })

  it('is one to a regional form of the same', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ language: 'en-US' })
    await listening(stt)
    stt.switchLanguage('en-GB')
    await sim.clock.sleep(50)
    expect(sim.deepgram.total()).toBe(1)
    await stt.close()
  })
})
