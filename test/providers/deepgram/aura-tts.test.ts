import { WebSocket } from 'ws'
import { type Clock, scaledClock } from '../../../src/clock.ts'
import { closedCircuit } from '../../../src/pipeline/circuit.ts'
import { ResilientVoice } from '../../../src/pipeline/voice/resilient-voice.ts'
import { AuraTts } from '../../../src/providers/deepgram/aura-tts.ts'
import { type DeepgramKnobs, startDeepgram } from '../../../src/simulator/deepgram.ts'
import { Violations } from '../../../src/simulator/violations.ts'
import { Ear, silentLog } from '../elevenlabs/voice.ts'
import { describe, expect, it, onTestFinished } from '../../helpers/together.ts'

const FIRST = 'Good morning, this is Alex.'
const SECOND = 'How are you today?'

async function aura(
  options: { knobs?: Partial<DeepgramKnobs>; apiKey?: string; model?: string; clock?: Clock } = {},
) {
  const { knobs = {}, apiKey = 'dg-test', model = 'aura-2-thalia-en' } = options
  const { clock = scaledClock(5) } = options
  const violations = new Violations()
  const deepgram = await startDeepgram({ clock, violations, apiKey: 'dg-test', knobs })
  const tts = new AuraTts({
    apiKey,
    baseUrl: deepgram.url,
    model,
    clock,
    log: silentLog,
    connectTimeoutMs: 2000,
  })
  onTestFinished(async () => {
    await tts.close()
    await expect.poll(() => deepgram.connections()).toBe(0)
    await deepgram.close()
  })
  return { tts, deepgram, violations, clock }
}

async function say(tts: AuraTts, ...texts: string[]) {
  const ear = new Ear()
  const speech = tts.speak(ear)
  for (const text of texts) speech.sendText(text)
  speech.flush()
  const end = await ear.ended
  return { ear, how: end === 'done' ? 'done' : end }
}

describe('Aura speaks', () => {
  it('whole phrases over one connection, and tells afterwards what was said when', async () => {
    const { tts, deepgram, violations } = await aura()
    await tts.connect({ signal: new AbortController().signal })
    for (let i = 0; i < 2; i++) {
      const { ear, how } = await say(tts, FIRST, SECOND)
      expect(how).toBe('done')
      expect(ear.text).toBe(`${FIRST} ${SECOND} `)
      const timed = ear.pieces.flatMap(({ alignment }) => alignment?.chars ?? [])
      expect(timed.join('')).toBe(`${FIRST} ${SECOND} `)
    }
    expect(deepgram.total()).toBe(1)
    expect(deepgram.asked()[0]?.search).toBe(
      '?model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000',
    )
    expect(violations.list).toEqual([])
  })

  it('nothing of what was cut off, and the next words at once', async () => {
    const { tts, violations } = await aura()
    for (let i = 0; i < 3; i++) {
      const ear = new Ear()
      const speech = tts.speak(ear)
      speech.sendText(FIRST)
      await ear.begins()
      speech.cancel()
      const { length } = ear.pieces
      expect((await say(tts, SECOND)).ear.text).toBe(`${SECOND} `)
      expect(ear.pieces).toHaveLength(length)
      expect(ear.endings).toEqual([])
    }
    expect(violations.list).toEqual([])
  })

  it('a reply of many phrases with no more flushes than are allowed', async () => {
    const { tts, violations } = await aura({ clock: scaledClock(20) })
    const texts = Array.from({ length: 40 }, (_, i) => `Number ${i}.`)
    const { ear, how } = await say(tts, ...texts)
    expect(how).toBe('done')
    expect(ear.text).toBe(`${texts.join(' ')} `)
    expect(violations.list).toEqual([])
  })

  it('nothing when there is nothing to say', async () => {
    const { tts, deepgram } = await aura()
    expect((await say(tts, ' ')).how).toBe('done')
    expect(deepgram.total()).toBe(0)
  })
})

describe('Aura fails', () => {
  it.each([
    [401, 'auth'],
    [402, 'quota'],
    [429, 'rate_limited'],
    [503, 'unavailable'],
  ])('when it is refused with %i: %s', async (status, code) => {
    const { tts, deepgram } = await aura({ knobs: { refuseSpeakStatus: status } })
    await expect(tts.connect({ signal: new AbortController().signal })).rejects.toMatchObject({
      code,
    })
    expect((await say(tts, FIRST)).how).toMatchObject({ provider: 'deepgram', code })
    deepgram.knobs.refuseSpeakStatus = undefined
    expect((await say(tts, FIRST)).how).toBe('done')
  })

  it('when it is cut off, is never answered, or was closed', async () => {
    const cut = await aura({ knobs: { dropSpeakAfterBytes: 4000 } })
    expect((await say(cut.tts, FIRST)).how).toMatchObject({ code: 'disconnected' })
    const hole = await aura({ knobs: { ignoreUpgrade: true } })
    expect((await say(hole.tts, FIRST)).how).toMatchObject({ code: 'timeout' })
    const { tts } = await aura()
    await tts.close()
    expect((await say(tts, FIRST)).how).toMatchObject({ code: 'disconnected' })
  })

  it('and is gone on with by sentence: none is lost', async () => {
    const { tts, deepgram, clock } = await aura({ knobs: { dropSpeakAfterBytes: 14_000 } })
    const limits = { firstAudioMs: 1500, stallMs: 1000 }
    const choice = { name: 'aura', vendor: 'deepgram' as const, tts, circuit: closedCircuit }
    const voice = new ResilientVoice({ voices: [choice], limits, clock, log: silentLog })
    const ear = new Ear()
    const speech = voice.speak(ear)
    speech.sendText(FIRST)
    speech.sendText(SECOND)
    speech.flush()
    await expect(ear.ended).resolves.toBe('done')
    expect(ear.text).toContain(FIRST)
    expect(ear.text.trimEnd().endsWith(SECOND)).toBe(true)
    expect(deepgram.total()).toBeGreaterThan(1)
  })
})

describe('the stand-in of Aura', () => {
  it('refuses what Deepgram refuses, and says so', async () => {
    const { deepgram, violations } = await aura()
    const ask = (query: string) =>
      new Promise<number>((resolve, reject) => {
        const url = `${deepgram.url}/v1/speak?${query}`
        const socket = new WebSocket(url, { headers: { authorization: 'Token dg-test' } })
        socket.on('unexpected-response', (request, { statusCode = 0 }) => {
          request.destroy()
          resolve(statusCode)
        })
        socket.on('error', reject)
        socket.on('open', () => {
          socket.on('close', resolve)
          socket.send(query.includes('speed') ? Buffer.alloc(160, 1) : '{"type":"Sing"}')
        })
      })
    expect(await ask('model=nova-3&encoding=mulaw&sample_rate=8000')).toBe(400)
    expect(await ask('model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000&voice=x')).toBe(400)
    expect(await ask('model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000')).toBe(1003)
    expect(await ask('model=aura-2-thalia-en&encoding=mulaw&sample_rate=8000&speed=1')).toBe(1003)
    expect(violations.list.map(({ rule }) => rule)).toEqual([
      expect.stringMatching(/^refused/),
      expect.stringMatching(/^refused/),
      'malformed message',
      'audio sent to a voice',
    ])
  })
})
