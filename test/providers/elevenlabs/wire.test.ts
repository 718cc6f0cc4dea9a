import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { scaledClock } from '../../../src/clock.ts'
import {
  StreamingTts,
  type StreamingTtsOptions,
} from '../../../src/providers/elevenlabs/streaming-tts.ts'
import { speakMulaw } from '../../../src/simulator/tone-speech.ts'
import { Ear, silentLog } from './voice.ts'
import { describe, expect, it, onTestFinished } from '../../helpers/together.ts'

/** A server that notes what it is sent and says what the test tells it to say. */
async function wire(options: Partial<StreamingTtsOptions> = {}, path = '') {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const messages: unknown[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  const requests: { url: URL; key: unknown; extensions: unknown }[] = []
  const sockets: WebSocket[] = []
  server.on('connection', (socket, request) => {
    sockets.push(socket)
    requests.push({
      url: new URL(request.url ?? '', 'ws://loopback'),
      key: request.headers['xi-api-key'],
      extensions: request.headers['sec-websocket-extensions'],
    })
    socket.on('message', (message: Buffer) => {
      messages.push(JSON.parse(message.toString()))
      for (const { count, resolve } of waiting) if (messages.length >= count) resolve()
    })
  })
  const { port } = server.address() as AddressInfo
  const clock = scaledClock(20)
  const tts = new StreamingTts({
    apiKey: 'xi-test',
    baseUrl: `http://127.0.0.1:${port}${path}`,
    voiceId: 'voice/1',
    model: 'eleven_flash_v2_5',
    outputFormat: 'ulaw_8000',
    clock,
    log: silentLog,
    connectTimeoutMs: 5000,
    ...options,
  })
  onTestFinished(async () => {
    await tts.close()
    for (const client of server.clients) client.terminate()
    server.close()
  })
  return {
    tts,
    clock,
    requests,
    messages,
    received: (count: number) =>
      new Promise<void>((resolve) => {
        if (messages.length >= count) resolve()
        else waiting.push({ count, resolve })
      }),
    send: (frame: unknown) => {
      sockets.at(-1)?.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    },
    sendBinary: () => {
      sockets.at(-1)?.send(Buffer.from([1, 2, 3]))
    },
  }
}

const audioOf = (text: string) => Buffer.from(speakMulaw(text)).toString('base64')

describe('what goes over the wire', () => {
  it('is one context: opened with the settings, given phrases, flushed and closed', async () => {
    const { tts, messages, received } = await wire({
      voiceSettings: { stability: 0.4, speed: 1.1 },
    })
    const speech = tts.speak(new Ear())
    speech.sendText('One.')
    speech.sendText('Two.')
    speech.flush()
    await received(5)
    const context_id = 'speech-1'
    expect(messages).toEqual([
      { text: ' ', context_id, voice_settings: { stability: 0.4, speed: 1.1 } },
      { text: 'One. ', context_id },
      { text: 'Two. ', context_id },
      { context_id, flush: true },
      { context_id, close_context: true },
    ])
  })

  it('is a close without a flush when it is cancelled, once, and a goodbye at the end', async () => {
    const { tts, messages, received } = await wire()
    const speech = tts.speak(new Ear())
    speech.sendText('One.')
    await received(2)
    speech.cancel()
    speech.cancel()
    const closing = tts.close()
    await received(4)
    expect(messages.slice(2)).toEqual([
      { context_id: 'speech-1', close_context: true },
      { close_socket: true },
    ])
    // This server does not close: it is left after two seconds.
    await closing
  })

  it('keeps open contexts alive, and never speaks of one that is closed', async () => {
    const { tts, messages, received } = await wire()
    const held = tts.speak(new Ear())
    const ended = tts.speak(new Ear())
    held.sendText('One.')
    ended.sendText('Two.')
    ended.flush()
    await received(8)
    expect(messages.slice(6)).toEqual([
      { text: '', context_id: 'speech-1' },
      { text: '', context_id: 'speech-1' },
    ])
    held.cancel()
  })

  it('is asked for by an address that fits the voice, with the key in a header only', async () => {
    const { tts, requests } = await wire({ language: 'de-DE' })
    await tts.connect({ signal: new AbortController().signal })
    const [request] = requests
    expect(request?.url.pathname).toBe('/v1/text-to-speech/voice%2F1/multi-stream-input')
    expect(Object.fromEntries(request!.url.searchParams)).toEqual({
      model_id: 'eleven_flash_v2_5',
      output_format: 'ulaw_8000',
      inactivity_timeout: '180',
      auto_mode: 'true',
      sync_alignment: 'true',
      language_code: 'de',
    })
    expect(request).toMatchObject({ key: 'xi-test', extensions: undefined })
  })

  it('goes through a gateway that has a path of its own', async () => {
    const { tts, requests } = await wire({}, '/voices')
    await tts.connect({ signal: new AbortController().signal })
    expect(requests[0]?.url.pathname).toBe('/voices/v1/text-to-speech/voice%2F1/multi-stream-input')
  })

  it('moves to a second connection when five contexts are open, and leaves the first when they end', async () => {
    const { tts, requests, messages } = await wire()
    const count = (key: string) =>
      messages.filter((message) => Object.keys(message as object).includes(key)).length
    await tts.connect({ signal: new AbortController().signal })
    const speeches = Array.from({ length: 6 }, () => tts.speak(new Ear()))
    for (const speech of speeches) speech.sendText('One.')
    await expect.poll(() => requests.length).toBe(2)
    for (const speech of speeches.slice(0, 5)) speech.cancel()
    await expect.poll(() => count('close_context')).toBe(5)
    expect(count('close_socket')).toBe(0)
    // This server never says that they have ended: after ten seconds that is taken for granted.
    await expect.poll(() => count('close_socket'), { timeout: 3000 }).toBe(1)
    speeches[5]?.cancel()
  })

  it('leaves out a language that the model does not know, rather than the voice', async () => {
    const { tts, requests } = await wire({ language: 'eu' })
    await tts.connect({ signal: new AbortController().signal })
    expect(requests[0]?.url.searchParams.has('language_code')).toBe(false)
  })

  it('has the new language on a connection of its own, opened before it is needed', async () => {
    const { tts, requests, messages, received, send } = await wire({ language: 'en-US' })
    const ear = new Ear()
    const running = tts.speak(ear)
    running.sendText('One.')
    await received(2)
    tts.switchLanguage('de-DE')
    await expect.poll(() => requests.length).toBe(2)
    const codes = requests.map(({ url }) => url.searchParams.get('language_code'))
    expect(codes).toEqual(['en', 'de'])
    // What has begun is spoken to its end where it was.
    running.sendText('Two.')
    running.flush()
    await received(5)
    expect(messages.slice(2, 5)).toEqual([
      { text: 'Two. ', context_id: 'speech-1' },
      { context_id: 'speech-1', flush: true },
      { context_id: 'speech-1', close_context: true },
    ])
    tts.speak(new Ear()).sendText('Drei.')
    await received(7)
    expect(messages[6]).toEqual({ text: 'Drei. ', context_id: 'speech-2' })
    expect(requests).toHaveLength(2)
    send({ isFinal: true, contextId: 'speech-1' })
  })

  it.each([
    ['eleven_multilingual_v2', 'de'],
    ['eleven_flash_v2_5', 'en-GB'],
  ])('is the same connection when %s is told of %s, which changes nothing', async (model, to) => {
    const { tts, requests } = await wire({ language: 'en-US', model })
    await tts.connect({ signal: new AbortController().signal })
    tts.switchLanguage(to)
    await tts.connect({ signal: new AbortController().signal })
    expect(requests).toHaveLength(1)
  })

  it('names no language to a model that takes none', async () => {
    const { tts, requests } = await wire({ language: 'de', model: 'eleven_multilingual_v2' })
    await tts.connect({ signal: new AbortController().signal })
    expect(requests[0]?.url.searchParams.has('language_code')).toBe(false)
  })
})

describe('what comes over the wire', () => {
  it('is heard by the context that it names, and by nobody when it names none or another', async () => {
    const { tts, received, send } = await wire()
    const ear = new Ear()
    const speech = tts.speak(ear)
    speech.sendText('Yes.')
    await received(2)
    send({ audio: audioOf('lost'), isFinal: null })
    send({ audio: audioOf('old'), isFinal: null, contextId: 'speech-0' })
    send({ error: 'late', message: 'of a context long gone', contextId: 'speech-0' })
    send({ type: 'flush_done', context_id: 'speech-1' })
    send({ audio: 17, contextId: 'speech-1' })
    // An end that nobody asked for is none.
    send({ isFinal: true, contextId: 'speech-1' })
    send({ audio: audioOf('Yes.'), isFinal: null, contextId: 'speech-1' })
    await ear.begins()
    speech.flush()
    await received(4)
    send({ isFinal: true, contextId: 'speech-1' })
    await expect(ear.ended).resolves.toBe('done')
    expect(ear.text).toBe('Yes.')
  })

  it('must be text', async () => {
    const { tts, received, sendBinary } = await wire()
    const ear = new Ear()
    tts.speak(ear).sendText('Yes.')
    await received(2)
    sendBinary()
    await expect(ear.ended).resolves.toMatchObject({ code: 'protocol' })
  })

  it('may not break the WebSocket protocol', async () => {
    const { tts, received, send } = await wire()
    const ear = new Ear()
    tts.speak(ear).sendText('Yes.')
    await received(2)
    send(`{"audio":"${'A'.repeat(17 * 1024 * 1024)}"}`)
    await expect(ear.ended).resolves.toMatchObject({
      code: 'protocol',
      vendorCode: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
    })
  })
})
