import { ElevenLabsClient, ElevenLabsError } from '@elevenlabs/elevenlabs-js'
import { describe, expect, it } from 'vitest'
import { ElevenLabsToTwilio } from '../../src/audio/elevenlabs-to-twilio.ts'
import { elevenLabs, understood } from './elevenlabs-client.ts'

const TEXT = 'Good morning, this is Alex.'
const VOICE = 'demo-voice'
const once = { maxRetries: 0, timeoutInSeconds: 5 }

async function collect(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

async function sdk(...given: Parameters<typeof elevenLabs>) {
  const world = await elevenLabs(...given)
  const client = new ElevenLabsClient({ apiKey: 'xi-test', baseUrl: world.eleven.httpUrl })
  return { ...world, client }
}

describe('ElevenLabs’ own SDK', () => {
  it('gets the audio of a text, streamed and in one piece', async () => {
    const { client, eleven, events, rules } = await sdk()
    const streamed = await client.textToSpeech.stream(
      VOICE,
      { text: TEXT, modelId: 'eleven_flash_v2_5', outputFormat: 'ulaw_8000' },
      once,
    )
    expect(understood(await collect(streamed))).toBe(TEXT)
    const whole = await client.textToSpeech.convert(
      VOICE,
      { text: TEXT, outputFormat: 'pcm_24000', voiceSettings: { stability: 0.5 } },
      once,
    )
    const converter = new ElevenLabsToTwilio()
    const audio = [converter.push(await collect(whole)), converter.flush()]
    expect(understood(Buffer.concat(audio))).toBe(TEXT)
    expect(eleven.spoken()).toEqual([TEXT, TEXT])
    expect(events[0]).toMatchObject({ type: 'text', text: TEXT })
    expect(rules()).toEqual([])
  })

  it('lists the models', async () => {
    const { client } = await sdk()
    const models = await client.models.list(once)
    expect(models.map(({ modelId }) => modelId)).toContain('eleven_flash_v2_5')
  })

  it('is told what is wrong', async () => {
    const { client, eleven } = await sdk({}, { voiceIds: [VOICE] })
    const speak = (text: string, voice = VOICE) =>
      client.textToSpeech.stream(voice, { text, outputFormat: 'ulaw_8000' }, once)
    const stranger = new ElevenLabsClient({ apiKey: 'wrong', baseUrl: eleven.httpUrl })
    await expect(stranger.models.list(once)).rejects.toMatchObject({ statusCode: 401 })
    await expect(speak(TEXT, 'nobody')).rejects.toMatchObject({ statusCode: 404 })
    eleven.knobs.refuseStatus = 429
    const error = await speak(TEXT).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ElevenLabsError)
    expect(error).toMatchObject({
      statusCode: 429,
      body: { detail: { status: 'too_many_concurrent_requests' } },
    })
  })

  it('meets the faults that a socket meets', async () => {
    const { client } = await sdk({
      faults: [
        { kind: 'error', error: 'quota_exceeded' },
        { kind: 'empty' },
        { kind: 'cut' },
        { kind: 'silent' },
      ],
    })
    const speak = (seconds = 5) =>
      client.textToSpeech.stream(
        VOICE,
        { text: TEXT, outputFormat: 'ulaw_8000' },
        { maxRetries: 0, timeoutInSeconds: seconds },
      )
    await expect(speak()).rejects.toMatchObject({
      statusCode: 401,
      body: { detail: { status: 'quota_exceeded' } },
    })
    expect(await collect(await speak())).toHaveLength(0)
    await expect(speak().then(collect)).rejects.toThrow()
    await expect(speak(0.2)).rejects.toThrow(/[Tt]imeout|abort/)
    expect(understood(await collect(await speak()))).toBe(TEXT)
  })
})

describe('ElevenLabs by HTTP', () => {
  it('lists the voices', async () => {
    const { eleven } = await elevenLabs({}, { voiceIds: ['a', 'b'] })
    const headers = { 'xi-api-key': 'xi-test' }
    const response = await fetch(`${eleven.httpUrl}/v1/voices`, { headers })
    expect(await response.json()).toMatchObject({ voices: [{ voice_id: 'a' }, { voice_id: 'b' }] })
  })

  it('refuses what it does not know', async () => {
    const { eleven, rules } = await elevenLabs()
    const headers = { 'xi-api-key': 'xi-test' }
    const post = (path: string, body: string) =>
      fetch(eleven.httpUrl + path, { method: 'POST', headers, body })
    const speech = `/v1/text-to-speech/${VOICE}`
    const cases = [
      { path: `${speech}?output_format=ulaw_8000`, body: '{}' },
      { path: `${speech}?output_format=ulaw_8000`, body: 'not json' },
      { path: `${speech}?output_format=mp3_44100_128`, body: '{"text":"Hi."}' },
      { path: `${speech}/stream`, body: '{"text":"Hi."}' },
    ]
    for (const { path, body } of cases) {
      const response = await post(path, body)
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ detail: [{ type: 'value_error' }] })
    }
    expect(rules()).toEqual(cases.map(() => 'invalid request'))
    expect((await post('/v1/somewhere', '{}')).status).toBe(404)
    await expect(post(speech, 'x'.repeat(2 * 1024 * 1024))).rejects.toThrow('fetch failed')
  })

  it('stops when the listener leaves', async () => {
    const { eleven, events } = await elevenLabs({ realTimeFactor: 1 })
    const controller = new AbortController()
    const response = await fetch(
      `${eleven.httpUrl}/v1/text-to-speech/${VOICE}?output_format=ulaw_8000`,
      {
        method: 'POST',
        headers: { 'xi-api-key': 'xi-test' },
        body: JSON.stringify({ text: TEXT.repeat(10) }),
        signal: controller.signal,
      },
    )
    expect(response.headers.get('content-type')).toBe('audio/basic')
    controller.abort()
    await new Promise((resolve) => setTimeout(resolve, 100))
    const sent = events.length
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(events).toHaveLength(sent)
  })
})
