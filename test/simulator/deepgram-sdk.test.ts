import { DeepgramClient } from '@deepgram/sdk'
import { describe, expect, it } from 'vitest'
import { speakMulaw } from '../../src/simulator/tone-speech.ts'
import { framesOf, KEY, silence, simulateDeepgram } from '../helpers/deepgram.ts'

const raw = { encoding: 'mulaw', sample_rate: 8000, reconnectAttempts: 0 } as const
const SAID = 'Hello there, Jörg. How are you?'

describe('the official SDK', () => {
  it('hears through Nova', async () => {
    await using sim = await simulateDeepgram()
    const client = new DeepgramClient({ apiKey: KEY, baseUrl: sim.deepgram.url })
    const socket = await client.listen.v1.connect({
      ...raw,
      model: 'nova-3',
      interim_results: 'true',
      endpointing: 300,
      utterance_end_ms: 1000,
      vad_events: 'true',
      keyterm: ['Jörg', 'Acme Corp'],
    })
    const finals: string[] = []
    const types: string[] = []
    const closed = new Promise<number>((resolve) => {
      socket.on('close', ({ code }) => {
        resolve(code)
      })
    })
    socket.on('message', (message) => {
      if (types.at(-1) !== message.type) types.push(message.type)
      if (message.type !== 'Results' || !message.is_final) return
      finals.push(message.channel.alternatives[0]?.transcript ?? '')
    })
    socket.connect()
    await socket.waitForOpen()
    for (const frame of framesOf(speakMulaw(SAID), silence(1500))) socket.sendMedia(frame)
    socket.sendKeepAlive({ type: 'KeepAlive' })
    socket.sendFinalize({ type: 'Finalize' })
    socket.sendCloseStream({ type: 'CloseStream' })
    expect(await closed).toBe(1000)
    expect(finals.join(' ').trim()).toBe(SAID)
    expect(types).toEqual(['SpeechStarted', 'Results', 'UtteranceEnd', 'Results', 'Metadata'])
    socket.close()
  })

  it('hears through Flux', async () => {
    await using sim = await simulateDeepgram()
    const client = new DeepgramClient({ apiKey: KEY, baseUrl: sim.deepgram.url })
    const socket = await client.listen.v2.connect({
      ...raw,
      model: 'flux-general-en',
      eot_threshold: 0.7,
      eager_eot_threshold: 0.4,
      keyterm: ['Jörg', 'Acme Corp'],
    })
    const events: string[] = []
    const ended = new Promise<string>((resolve) => {
      socket.on('message', (message) => {
        if (message.type !== 'TurnInfo') events.push(message.type)
        else {
          if (message.event !== 'Update') events.push(message.event)
          if (message.event === 'EndOfTurn') resolve(message.transcript)
        }
      })
    })
    socket.connect()
    await socket.waitForOpen()
    socket.sendConfigure({ type: 'Configure', thresholds: { eot_timeout_ms: 4000 } })
    for (const frame of framesOf(speakMulaw(SAID), silence(500))) socket.sendMedia(frame)
    expect(await ended).toBe(SAID)
    expect(events).toEqual([
      'Connected',
      'ConfigureSuccess',
      'StartOfTurn',
      'EagerEndOfTurn',
      'EndOfTurn',
    ])
    socket.sendCloseStream({ type: 'CloseStream' })
    await expect.poll(() => sim.deepgram.connections()).toBe(0)
    socket.close()
  })

  it('changes patience and language of a Flux connection that is open', async () => {
    await using sim = await simulateDeepgram()
    const client = new DeepgramClient({ apiKey: KEY, baseUrl: sim.deepgram.url })
    const socket = await client.listen.v2.connect({ ...raw, model: 'flux-general-multi' })
    const answers: unknown[] = []
    const ends: string[] = []
    socket.on('message', (message) => {
      if (message.type.startsWith('Configure')) answers.push(message)
      if (message.type === 'TurnInfo' && message.event === 'EndOfTurn')
        ends.push(message.transcript)
    })
    socket.connect()
    await socket.waitForOpen()
    socket.sendConfigure({
      type: 'Configure',
      thresholds: { eot_threshold: 0.9, eot_timeout_ms: 6000 },
      language_hints: ['de'],
    })
    const pausing = [speakMulaw('Ja.'), silence(700), speakMulaw(' Genau.'), silence(900)]
    for (const frame of framesOf(...pausing)) socket.sendMedia(frame)
    await expect.poll(() => ends).toEqual(['Ja. Genau.'])
    expect(answers).toMatchObject([
      {
        type: 'ConfigureSuccess',
        thresholds: { eot_threshold: 0.9, eot_timeout_ms: 6000 },
        language_hints: ['de'],
      },
    ])
    socket.sendCloseStream({ type: 'CloseStream' })
    await expect.poll(() => sim.deepgram.connections()).toBe(0)
    socket.close()
  })

  it('is refused with a wrong key', async () => {
    await using sim = await simulateDeepgram()
    const client = new DeepgramClient({ apiKey: 'wrong', baseUrl: sim.deepgram.url })
    const socket = await client.listen.v2.connect({ ...raw, model: 'flux-general-en' })
    const error = new Promise<Error>((resolve) => {
      socket.on('error', resolve)
    })
    socket.connect()
    expect((await error).message).toContain('401')
    expect(sim.brokenRules()).toContain('refused: INVALID_AUTH')
    socket.close()
  })
})
