import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { scaledClock } from '../src/clock.ts'
import { composeVoices } from '../src/compose-voice.ts'
import { parseConfig } from '../src/config.ts'
import { noMeters } from '../src/metrics/meters.ts'
import { startSimulator } from '../src/simulator/simulator.ts'
import { Ear } from './providers/elevenlabs/voice.ts'

type Line = { level: number; msg: string; voice?: string; todo?: string }

async function voicesWith(environment: Readonly<Record<string, string>>) {
  const clock = scaledClock(5)
  const simulator = await startSimulator({ clock, scenarios: [] })
  const lines: Line[] = []
  const log = pino(
    { level: 'info' },
    { write: (line: string) => lines.push(JSON.parse(line) as Line) },
  )
  const config = parseConfig({ ...simulator.environment, ...environment })
  const voices = composeVoices(config, { meters: noMeters, clock, log })
  onTestFinished(async () => {
    await voices.close()
    const { elevenLabs, deepgram } = simulator
    await expect.poll(() => elevenLabs.connections() + deepgram.connections()).toBe(0)
    await simulator.close()
  })
  return { voices, simulator, lines, log, config }
}

it('voices that stand in are heard when the server starts, and one that cannot speak is told of, with what to do', async () => {
  const { voices, simulator, lines } = await voicesWith({
    TTS_FALLBACK: 'deepgram:aura-2-thalia-en, deepgram:aura-nobody, elevenlabs:second',
  })
  voices.start()
  await expect.poll(() => lines.length).toBe(3)
  const told = Object.fromEntries(
    lines.map(({ voice = '', level, msg }) => [voice, { level, msg }]),
  )
  expect(told).toEqual({
    'deepgram:aura-2-thalia-en': { level: 30, msg: 'fallback voice is ready' },
    'deepgram:aura-nobody': { level: 40, msg: 'fallback voice cannot speak' },
    'elevenlabs:second': { level: 30, msg: 'fallback voice is ready' },
  })
  expect(lines.find(({ level }) => level === 40)?.todo).toMatch(/TTS_FALLBACK/)
  expect(simulator.elevenLabs.asked()[0]?.pathname).toContain('/second/')
})

it('a server without any asks nobody for anything', async () => {
  const { voices, simulator } = await voicesWith({})
  voices.start()
  await voices.close()
  expect(simulator.elevenLabs.total() + simulator.deepgram.total()).toBe(0)
})

it('a server that is closed while its phrases are being spoken stops speaking', async () => {
  const { voices, simulator, lines } = await voicesWith({ STOCK_PHRASES: 'memory' })
  voices.start()
  await expect.poll(() => simulator.elevenLabs.spoken().length).toBeGreaterThan(0)
  await voices.close()
  expect(simulator.elevenLabs.spoken().length).toBeLessThan(5)
  expect(lines).toEqual([])
})

it('a call whose voice is refused speaks with the second one of the same vendor', async () => {
  const { voices, log, simulator } = await voicesWith({ TTS_FALLBACK: 'elevenlabs:second' })
  simulator.elevenLabs.knobs.faults = [{ kind: 'error', error: 'voice_not_found' }]
  const tts = voices.forCall({ language: 'en', voiceId: 'first', log })
  onTestFinished(() => tts.close())
  const ear = new Ear()
  const speech = tts.speak(ear)
  speech.sendText('Good morning.')
  speech.flush()
  await expect(ear.ended).resolves.toBe('done')
  expect(ear.text).toBe('Good morning. ')
  const asked = simulator.elevenLabs.asked().map(({ pathname }) => pathname.split('/')[3])
  expect(asked).toEqual(['first', 'second'])
})
