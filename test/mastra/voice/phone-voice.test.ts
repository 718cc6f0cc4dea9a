import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { createAnthropic } from '@ai-sdk/anthropic'
import { Agent } from '@mastra/core/agent'
import { CompositeVoice } from '@mastra/core/voice'
import { vi } from 'vitest'
import { mulawToPcm } from '../../../src/audio/mulaw.ts'
import { readWav } from '../../../src/audio/wav-reader.ts'
import { scaledClock } from '../../../src/clock.ts'
import { composeSpeech, type SpeechChoice, voiceBy } from '../../../src/compose-phone-voice.ts'
import { parseConfig } from '../../../src/config.ts'
import { PhoneVoice } from '../../../src/mastra/voice/phone-voice.ts'
import { dentist } from '../../../src/simulator/scenarios/dentist.ts'
import { startSimulator } from '../../../src/simulator/simulator.ts'
import { speakMulaw } from '../../../src/simulator/tone-speech.ts'
import { silentLog } from '../../helpers/claude.ts'
import { describe, expect, it, onTestFinished } from '../../helpers/together.ts'

const WORDS = 'Good morning. Suite two hundred, please.'

/** All vendors on loopback, and voices by them; time passes eight times as fast. */
async function world(
  environment: Readonly<Record<string, string>> = {},
  breaks: readonly string[] = [],
) {
  const clock = scaledClock(8)
  const simulator = await startSimulator({ clock, scenarios: [dentist] })
  onTestFinished(async () => {
    await simulator.close()
    expect(new Set(simulator.violations.list.map(({ rule }) => rule))).toEqual(new Set(breaks))
  })
  const config = parseConfig({
    ...simulator.environment,
    TTS_FALLBACK: 'deepgram:aura-2-thalia-en',
    CONNECT_TIMEOUT_MS: '30000',
    TTS_FIRST_AUDIO_TIMEOUT_MS: '30000',
    ...environment,
  })
  const voice = (choice: SpeechChoice = {}) =>
    new PhoneVoice({ ...composeSpeech(config, choice, { clock, log: silentLog }), clock })
  const speaking = (vendor: 'elevenlabs' | 'deepgram' | 'waves') =>
    voice({ voice: voiceBy(config, vendor) })
  return { simulator, config, voice, speaking, clock }
}

const heardBack = async (agent: Agent, words = WORDS) => {
  const spoken = await agent.voice.speak(words)
  return agent.voice.listen(spoken)
}

const agentWith = (voice: PhoneVoice | CompositeVoice) =>
  new Agent({
    id: 'speaker',
    name: 'Speaker',
    instructions: 'Speak.',
    model: createAnthropic({ apiKey: 'k' })('claude-haiku-5-5'),
    // With exact optional properties, the type of Mastra's own CompositeVoice is no voice.
    voice: voice as PhoneVoice,
  })

describe('an agent’s voice', () => {
  it('says what is heard back, whoever speaks and whoever hears', async () => {
    const { voice, speaking } = await world()
    const ears = { deepgram: voice({ hearing: 'deepgram' }), pulse: voice({ hearing: 'pulse' }) }
    const pairs = [
      ['elevenlabs', 'deepgram'],
      ['deepgram', 'pulse'],
      ['waves', 'deepgram'],
    ] as const
    const heard = pairs.map(([mouth, ear]) =>
      heardBack(agentWith(new CompositeVoice({ input: ears[ear], output: speaking(mouth) }))),
    )
    expect(await Promise.all(heard)).toEqual([WORDS, WORDS, WORDS])
    const alone = voice()
    expect(await heardBack(agentWith(alone))).toBe(WORDS)
    expect(await alone.getSpeakers()).toEqual([{ voiceId: 'demo-voice', vendor: 'elevenlabs' }])
  })

  it('speaks a text while it is written, in the format that is asked for, and tells of it', async () => {
    const { voice } = await world()
    const phone = voice()
    const told: string[] = []
    phone.on('speaker', () => told.push('speaker'))
    phone.on('speaking', ({ audio = '' }) => told.push(audio))
    const text = Readable.from(['Good mor', 'ning. Suite ', 'two hundred.'])
    const mulaw = await buffer(await phone.speak(text, { format: 'mulaw' }))
    expect(told[0]).toBe('speaker')
    expect(told.length).toBeGreaterThan(2)
    expect(await phone.listen(Readable.from([mulaw]), { format: 'mulaw' })).toBe(
      'Good morning. Suite two hundred.',
    )
    const pcm = await buffer(await phone.speak('Good morning.', { filetype: 'pcm' }))
    const wav = await buffer(await phone.speak('Good morning.'))
    expect(readWav(wav).channels[0]?.length).toBe(pcm.length / 2)
    await expect(phone.speak('x', { format: 'mp3' as never })).rejects.toThrow(/wav, pcm or mulaw/)
    await expect(phone.listen(Readable.from([Buffer.from('ID3')]))).rejects.toThrow('no WAV')
  })

  it('hears live what it is sent, in pieces of any length', async () => {
    const { voice } = await world()
    const phone = voice()
    const turns: unknown[] = []
    const heard = (turn: unknown) => turns.push(turn)
    await expect(phone.send(new Int16Array(1))).rejects.toThrow('connect comes before')
    await phone.connect()
    phone.on('writing', heard)
    await phone.send(mulawToPcm(speakMulaw('Hello there.')))
    const silence = () => phone.send(new Int16Array(8000))
    await vi.waitFor(async () => {
      await silence()
      expect(turns).toEqual([{ text: 'Hello there.', role: 'user' }])
    })
    const bytes = Buffer.from(mulawToPcm(speakMulaw('Bye.')).buffer)
    await phone.send(Readable.from([bytes.subarray(0, 1001), bytes.subarray(1001)]))
    await vi.waitFor(async () => {
      await silence()
      expect(turns).toHaveLength(2)
    })
    phone.off('writing', heard)
    phone.close()
    await expect(phone.send(new Int16Array(1))).rejects.toThrow('connect comes before')
  })

  it('tells who failed, and stops when nobody listens', async () => {
    const { voice, simulator } = await world({ DEEPGRAM_API_KEY: 'wrong' }, [
      'refused: INVALID_AUTH',
    ])
    const phone = voice()
    const errors: unknown[] = []
    phone.on('error', ({ code }) => errors.push(code))
    const wav = await phone.speak('Good morning.')
    await expect(phone.listen(wav)).rejects.toMatchObject({ provider: 'deepgram', code: 'auth' })
    await expect(phone.connect()).rejects.toMatchObject({ code: 'auth' })
    expect(errors).toEqual(['auth', 'auth'])
    const long = await phone.speak('One. '.repeat(200), { format: 'mulaw' })
    for await (const piece of long) {
      expect(piece.length).toBeGreaterThan(0)
      break
    }
    await vi.waitFor(() => {
      expect(simulator.elevenLabs.connections()).toBe(0)
    })
    const signal = AbortSignal.abort(new Error('not wanted'))
    await expect(phone.speak('Hi.', { signal })).rejects.toThrow()
    expect(await phone.getListener()).toEqual({ enabled: true })
  })
})
