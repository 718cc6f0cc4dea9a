import { request } from 'node:http'
import { scaledClock } from '../../src/clock.ts'
import { Client, elevenLabs, type Frame } from './elevenlabs-client.ts'
import { describe, expect, it } from '../helpers/together.ts'

const SINGLE = '/v1/text-to-speech/demo-voice/stream-input?output_format=ulaw_8000'
const MULTI = '/v1/text-to-speech/demo-voice/multi-stream-input?output_format=ulaw_8000'
const LONG =
  'This is a long text that goes on and on, far beyond what fits into one piece of audio.'

async function client(path: string, ...given: Parameters<typeof elevenLabs>) {
  const world = await elevenLabs(...given)
  return { ...world, client: await new Client(world.eleven.url + path).open() }
}

describe('the single socket', () => {
  it('speaks what it was given, says that this was all, and closes', async () => {
    const { client: socket, eleven, events, rules } = await client(SINGLE)
    socket.send({ text: ' ' }, { text: 'Hello there. ' }, { text: 'Bye. ' }, { text: '' })
    await expect(socket.closed).resolves.toEqual({ code: 1000, reason: '' })
    expect(socket.text()).toBe('Hello there. Bye. ')
    expect(socket.frames.at(-1)).toEqual({ audio: null, isFinal: true })
    expect(socket.frames.slice(0, -1).every((frame) => frame.isFinal === null)).toBe(true)
    expect(eleven.spoken()).toEqual(['Hello there. Bye. '])
    expect(events.slice(0, 3).map(({ type }) => type)).toEqual(['text', 'text', 'audio'])
    expect(new Set(events.map(({ context }) => context)).size).toBe(1)
    expect(rules()).toEqual([])
  })

  it('waits for enough text, a flush, a trigger or the end', async () => {
    const { client: socket } = await client(SINGLE, { firstAudioMs: 1, flushDone: true })
    const config = { chunk_length_schedule: [60, 500] }
    socket.send(
      { text: ' ', generation_config: config },
      { text: 'Short. ', try_trigger_generation: true },
    )
    socket.send({ text: LONG, voice_settings: undefined }, { text: ' ' })
    await socket.frame((frame) => Boolean(frame.audio))
    socket.send({ text: 'More', flush: true })
    await socket.frame((frame) => frame['type'] === 'flush_done')
    const fifty = 'a'.repeat(50)
    socket.send(
      { text: fifty, try_trigger_generation: true },
      { text: 'b' },
      { text: ' ' },
      { text: '' },
    )
    await socket.closed
    expect(socket.text()).toBe(`Short. ${LONG}More${fifty}b `)
  })

  it('takes no text after the end, and no changed settings', async () => {
    const { client: socket, rules } = await client(SINGLE)
    socket.send({ text: ' ' }, { text: 'One. ' }, { text: '' }, { text: 'Two. ' })
    await socket.closed
    expect(socket.text()).toBe('One. ')
    expect(rules()).toEqual(['text after close'])
  })

  it('ends after 20 seconds without a message', async () => {
    const { client: socket } = await client(SINGLE, {}, { clock: scaledClock(100) })
    socket.send({ text: ' ' })
    const { code, reason } = await socket.closed
    expect(code).toBe(1008)
    expect(reason).toHaveLength(123)
    expect(socket.frames[0]?.error).toBe('input_timeout_exceeded')
    expect(socket.frames[0]?.message).toContain('within the timeout of 20 seconds')
  })
})

describe('the multi-context socket', () => {
  it('says the end of a context once, after all of its audio, and nothing after a bare flush', async () => {
    const { client: socket, rules } = await client(MULTI)
    socket.send({ text: ' ', context_id: 'a' }, { text: 'One. ', contextId: 'a', flush: true })
    await socket.frame((frame) => Boolean(frame.audio))
    socket.send({ context_id: 'a', close_context: true })
    await socket.final('a')
    expect(socket.text('a')).toBe('One. ')
    expect(socket.frames.filter((frame) => frame.isFinal)).toHaveLength(1)
    socket.send({ close_socket: true })
    await expect(socket.closed).resolves.toMatchObject({ code: 1000 })
    expect(rules()).toEqual([])
  })

  it('sends its audio with timing that fills each chunk, which is no multiple of anything', async () => {
    const { client: socket } = await client(`${MULTI}&auto_mode=true`)
    socket.send(
      { text: LONG, context_id: 'a', flush: true },
      { context_id: 'a', close_context: true },
    )
    await socket.final('a')
    const chunks = socket.frames.filter((frame) => frame.audio)
    const timings = chunks.map(
      (frame) =>
        frame['alignment'] as {
          chars: string[]
          charStartTimesMs: number[]
          charDurationsMs: number[]
        },
    )
    expect(timings.flatMap(({ chars }) => chars).join('')).toBe(LONG)
    chunks.forEach((frame, i) => {
      const bytes = Buffer.from(frame.audio!, 'base64').length
      const { charStartTimesMs, charDurationsMs } = timings[i]!
      const end = charStartTimesMs.at(-1)! + charDurationsMs.at(-1)!
      expect(Math.abs(end - bytes / 8)).toBeLessThanOrEqual(1)
      if (i < chunks.length - 1) expect(bytes % 160).not.toBe(0)
    })
  })

  it('sends late frames of a context that is closed without a flush, then its end', async () => {
    const { client: socket, rules } = await client(`${MULTI}&auto_mode=true`, { lateFrames: 2 })
    socket.send({ text: `${LONG} `, context_id: 'a' })
    await socket.frame((frame) => Boolean(frame.audio))
    const before = socket.frames.length
    socket.send({ context_id: 'a', close_context: true })
    await socket.final('a')
    const late = socket.frames.slice(before).filter((frame) => frame.audio)
    // One more may have been on its way when the close was sent.
    expect(late.length).toBeGreaterThanOrEqual(2)
    expect(late.length).toBeLessThanOrEqual(4)
    expect(LONG.startsWith(socket.text('a').slice(0, -1))).toBe(true)
    expect(rules()).toEqual([])
  })

  it('ends a context that never spoke at once', async () => {
    const { client: socket, rules } = await client(MULTI)
    socket.send({ text: ' ', context_id: 'a' }, { context_id: 'a', close_context: true })
    await socket.final('a')
    socket.send(
      { text: ' ' },
      { text: 'Default. ', flush: true },
      { text: '' },
      { close_context: true },
    )
    await socket.final()
    expect(socket.text()).toBe('Default. ')
    // Without a context it keeps the connection alive.
    socket.send({ text: '' })
    expect(rules()).toEqual([])
  })

  it('lets flushed contexts finish when the socket is closed, and drops the others', async () => {
    const { client: socket, rules } = await client(MULTI)
    socket.send(
      { text: 'Kept. ', context_id: 'a', flush: true },
      { text: 'Lost. ', context_id: 'b' },
    )
    socket.send({ close_socket: true }, { text: 'Late. ', context_id: 'c' })
    await expect(socket.closed).resolves.toMatchObject({ code: 1000 })
    expect([socket.text('a'), socket.text('b'), socket.text('c')]).toEqual(['Kept. ', '', ''])
    expect(rules()).toEqual(['text after close'])
  })

  it('refuses a sixth context, counting those that are still speaking', async () => {
    const { client: socket, rules } = await client(MULTI)
    for (const id of ['a', 'b', 'c', 'd', 'e']) {
      socket.send({ text: 'Hello. ', context_id: id, flush: true })
    }
    socket.send({ context_id: 'a', close_context: true }, { text: ' ', context_id: 'f' })
    await expect(socket.closed).resolves.toMatchObject({ code: 1008 })
    expect(socket.frames.at(-1)).toMatchObject({ error: 'max_active_conversations', code: 1008 })
    expect(rules()).toEqual(['sixth context'])
  })

  it('opens a context for any message, which then is a phantom', async () => {
    const { client: socket, rules } = await client(MULTI)
    socket.send({ context_id: 'a', close_context: true }, { text: '', context_id: 'b' })
    socket.send({ context_id: 'c', flush: true }, { text: ' ', context_id: 'd' })
    socket.send({ text: ' ', context_id: 'e' }, { text: ' ', context_id: 'f' })
    await socket.closed
    expect(rules()).toEqual([
      ...Array.from({ length: 3 }, () => 'message for an unknown context'),
      'sixth context',
    ])
  })

  it('notes text for a context that was closed', async () => {
    const { client: socket, rules } = await client(MULTI)
    const speak = [
      { text: 'Hi. ', context_id: 'a', flush: true },
      { context_id: 'a', close_context: true },
    ]
    socket.send(...speak)
    await socket.final('a')
    socket.send(...speak)
    await expect.poll(() => socket.frames.filter((frame) => frame.isFinal).length).toBe(2)
    expect(rules()).toEqual(['text after close'])
  })

  it('allows the settings of a voice in the first message of a context only', async () => {
    const { client: socket, rules } = await client(MULTI)
    const voice_settings = { stability: 0.5 }
    socket.send(
      { text: ' ', context_id: 'a', voice_settings },
      { text: 'Same. ', context_id: 'a', voice_settings },
      { text: 'None. ', context_id: 'a' },
      { text: ' ', context_id: 'b' },
      { text: 'New. ', context_id: 'b', voice_settings },
    )
    await expect(socket.closed).resolves.toMatchObject({ code: 1008 })
    expect(socket.frames.at(-1)?.message).toMatch(/^voice_settings field must be/)
    expect(rules()).toEqual(['voice settings changed'])
  })

  it('forgets each context by itself when nothing comes for it', async () => {
    const { client: socket } = await client(
      `${MULTI}&inactivity_timeout=600`,
      {},
      { clock: scaledClock(1000) },
    )
    socket.send({ text: ' ', context_id: 'a' }, { text: ' ', context_id: 'b' })
    const keepAlive = setInterval(() => {
      socket.send({ text: '', context_id: 'a' })
    }, 20)
    await socket.frame((frame) => frame.error !== undefined)
    clearInterval(keepAlive)
    // No longer than 180 s can be asked for.
    expect(socket.frames[0]?.message).toContain('timeout of 180 seconds')
  })

  it('spells its replies in snake_case, or leaves out the timing, when told to', async () => {
    const { client: socket, eleven } = await client(`${MULTI}&auto_mode=true`, { snakeCase: true })
    const end = (id: string) =>
      socket.frame((f: Frame) => f['context_id'] === id && f['is_final'] === true)
    socket.send(
      { text: 'Hi. ', context_id: 'a', flush: true },
      { context_id: 'a', close_context: true },
    )
    await end('a')
    expect(socket.frames[0]).toMatchObject({
      is_final: null,
      context_id: 'a',
      alignment: { chars: ['H', 'i', '.', ' '], char_start_times_ms: [0, 50, 100, 150] },
    })
    eleven.knobs.alignment = 'null'
    socket.send(
      { text: 'Hi. ', context_id: 'b', flush: true },
      { context_id: 'b', close_context: true },
    )
    await end('b')
    expect(socket.frames.find((frame) => frame['context_id'] === 'b')).toMatchObject({
      alignment: null,
      normalized_alignment: null,
    })
  })

  it('acknowledges a flush when told to', async () => {
    const { client: socket } = await client(MULTI, { flushDone: true })
    socket.send({ text: 'Hi. ', context_id: 'a', flush: true })
    await expect(socket.frame((frame) => frame['type'] === 'flush_done')).resolves.toMatchObject({
      context_id: 'a',
    })
  })
})

describe('a message that cannot be read', () => {
  const cases = [
    { message: 'not json', error: 'input_message_json_decode_fail', rule: 'malformed message' },
    {
      message: Buffer.from('{}'),
      error: 'input_message_json_decode_fail',
      rule: 'malformed message',
    },
    { message: { text: 7 }, error: 'invalid_input_message', rule: 'invalid message' },
    { message: [], error: 'invalid_input_message', rule: 'invalid message' },
  ]
  for (const { message, error, rule } of cases) {
    it(`closes the socket: ${JSON.stringify(message)}`, async () => {
      const { client: socket, rules } = await client(MULTI)
      socket.send(message, { text: 'ignored', context_id: 'a' })
      await expect(socket.closed).resolves.toMatchObject({ code: 1008 })
      expect(socket.frames.map((frame) => frame.error)).toEqual([error])
      expect(rules()).toEqual([rule])
    })
  }
})

describe('the key', () => {
  const first = { text: 'Hi. ', flush: true }
  const ways: {
    name: string
    headers?: Record<string, string>
    query?: string
    message?: object
  }[] = [
    { name: 'a header', headers: { 'xi-api-key': 'xi-test' } },
    { name: 'a bearer token', headers: { authorization: 'Bearer xi-test' } },
    { name: 'the query', query: '&authorization=xi-test' },
    { name: 'the first message', message: { xi_api_key: 'xi-test' } },
    { name: 'the first message, spelled otherwise', message: { 'xi-api-key': 'xi-test' } },
  ]
  for (const { name, headers = {}, query = '', message } of ways) {
    it(`may come in ${name}`, async () => {
      const { eleven } = await elevenLabs()
      const socket = await new Client(`${eleven.url}${SINGLE}${query}`, headers).open()
      socket.send({ ...first, ...message }, { text: '' })
      await expect(socket.closed).resolves.toMatchObject({ code: 1000 })
    })
  }

  it('is missed at the first message, as an unknown voice and format are', async () => {
    const { eleven } = await elevenLabs({}, { voiceIds: ['demo-voice'] })
    const errorOf = async (path: string, headers: Record<string, string>) => {
      const socket = await new Client(eleven.url + path, headers).open()
      socket.send(first)
      await socket.closed
      return socket.frames[0]?.error
    }
    const key = { 'xi-api-key': 'xi-test' }
    await expect(errorOf(SINGLE, {})).resolves.toBe('authentication_required')
    await expect(errorOf(SINGLE.replace('demo', 'other'), key)).resolves.toBe('voice_not_found')
    await expect(errorOf(SINGLE.replace('ulaw_8000', 'mp3_44100'), key)).resolves.toBe(
      'unsupported_output_format',
    )
    const spoken = (model: string, code: string) =>
      `${SINGLE}&model_id=${model}&language_code=${code}`
    for (const path of [
      spoken('eleven_multilingual_v2', 'de'),
      spoken('eleven_flash_v2', 'en'),
      spoken('eleven_flash_v2_5', 'de-DE'),
    ]) {
      await expect(errorOf(path, key)).resolves.toBe('unsupported_language')
    }
  })
})

describe('the door', () => {
  it('is nowhere else', async () => {
    const { eleven } = await elevenLabs()
    const upgrade = request(`${eleven.httpUrl}/v1/text-to-speech`, {
      headers: {
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      },
    })
    upgrade.end()
    const status = await new Promise((resolve) => {
      upgrade.on('response', (response) => {
        response.resume()
        resolve(response.statusCode)
      })
    })
    expect(status).toBe(404)
  })

  it('counts who is inside, and forgets who does not wait', async () => {
    const { eleven } = await elevenLabs()
    const inside = await new Client(eleven.url + MULTI).open()
    expect([eleven.connections(), eleven.total()]).toEqual([1, 1])
    inside.send({ close_socket: true })
    await inside.closed
    await expect.poll(() => eleven.connections()).toBe(0)
    eleven.knobs.handshakeMs = 60_000
    const waiting = request(eleven.httpUrl + MULTI, {
      headers: { connection: 'upgrade', upgrade: 'websocket' },
    })
    waiting.on('error', () => undefined)
    waiting.end()
    await expect.poll(() => waiting.socket?.readyState).toBe('open')
    waiting.destroy()
    expect(eleven.total()).toBe(1)
  })

  it('keeps the last thousand texts', async () => {
    const { client: socket, eleven } = await client(`${MULTI}&auto_mode=true`, {
      firstAudioMs: 0,
      realTimeFactor: 1e6,
    })
    for (let i = 0; i < 1002; i++) {
      const context_id = String(i)
      socket.send({ text: `${i}`, context_id, flush: true }, { context_id, close_context: true })
      if (i % 5 === 4) await socket.final(context_id)
    }
    await socket.final('1001')
    expect(eleven.spoken()).toHaveLength(1000)
    expect(eleven.spoken()[0]).toBe('2')
  })
})
