import { speakMulaw } from '../../src/simulator/tone-speech.ts'
import { noise, silence, simulateDeepgram } from '../helpers/deepgram.ts'
import { DeepgramClient, FLUX } from './deepgram-client.ts'
import { describe, expect, it } from '../helpers/together.ts'

const EAGER = `${FLUX}&eager_eot_threshold=0.4`

describe('simulated Flux', () => {
  it('tells a turn as the real one does', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    client.send(silence(300), speakMulaw('Hello there.'), silence(700), speakMulaw('No.'))
    client.send(silence(500))
    await expect.poll(() => client.turnEvents.length).toBe(4)
    expect(client.messages[0]).toMatchObject({ type: 'Connected' })
    expect(client.messages.map((message) => message['sequence_id'])).toEqual(
      client.messages.map((_, i) => i),
    )
    const turns = client.ofType('TurnInfo')
    const toldAt = turns.map((turn) => Number(turn['audio_window_end']))
    // Every 250 ms of audio, looked at every 20 ms.
    for (const [i, at] of toldAt.entries()) expect(at - (toldAt[i - 1] ?? 0)).toBeLessThan(0.271)
    expect(turns.map(({ event }) => event)).toContain('Update')
    const ends = turns.filter(({ event }) => event === 'EndOfTurn')
    expect(ends).toMatchObject([
      {
        turn_index: 0,
        transcript: 'Hello there.',
        trigger: 'model',
        words: [{ word: 'Hello' }, { word: 'there.' }],
      },
      { turn_index: 1, transcript: 'No.', trigger: 'model' },
    ])
    expect(ends[0]?.['audio_window_end']).toBeCloseTo(0.3 + 0.6 + 0.26, 1)
    const starts = turns.filter(({ event }) => event === 'StartOfTurn')
    expect(starts[0]).toMatchObject({ transcript: 'Hel' })
    expect(turns.filter(({ event, trigger }) => event !== 'EndOfTurn' && trigger)).toEqual([])
    expect(sim.events).toMatchObject([
      { type: 'turn_started', connection: 1 },
      { type: 'turn_ended', connection: 1, text: 'Hello there.' },
      { type: 'turn_started', connection: 1 },
      { type: 'turn_ended', connection: 1, text: 'No.' },
    ])
    client.ws.close()
  })

  it('waits longer when a sentence is not finished, but never longer than its timeout', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, `${FLUX}&eot_timeout_ms=800`)
    const [audio, pause] = [speakMulaw('and then'), silence(790)]
    client.send(audio, pause)
    client.send(silence(60))
    await expect.poll(() => client.turnEvents.length).toBe(2)
    expect(client.messages.at(-1)).toMatchObject({ event: 'EndOfTurn', trigger: 'timeout' })
    client.ws.close()
  })

  it('leaves every end to the timeout at a threshold of 1', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(
      sim.deepgram.url,
      `${FLUX}&eot_threshold=1.0&eot_timeout_ms=2000`,
    )
    client.send(speakMulaw('Done.'), silence(1900))
    client.say({ type: 'Configure', thresholds: {} })
    await expect.poll(() => client.ofType('ConfigureSuccess').length).toBe(1)
    expect(client.turnEvents).toEqual(['StartOfTurn'])
    client.send(silence(200))
    await expect.poll(() => client.turnEvents.length).toBe(2)
    client.ws.close()
  })

  it('ends eagerly, resumes, and ends with the same words', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, EAGER)
    client.send(speakMulaw('Hm.'), silence(180), speakMulaw(' Yes please'), silence(1200))
    await expect.poll(() => client.turnEvents.length).toBe(5)
    const events = client.ofType('TurnInfo').filter(({ event }) => event !== 'Update')
    expect(events.map(({ event, transcript }) => [event, transcript])).toEqual([
      ['StartOfTurn', 'Hm.'],
      ['EagerEndOfTurn', 'Hm.'],
      ['TurnResumed', 'Hm.'],
      ['EagerEndOfTurn', 'Hm. Yes please'],
      ['EndOfTurn', 'Hm. Yes please'],
    ])
    client.ws.close()
  })

  it('says nothing of sounds without words', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, EAGER)
    client.send(noise(1500), silence(1500))
    await expect.poll(() => client.messages.length).toBeGreaterThan(10)
    expect(new Set(client.ofType('TurnInfo').map(({ transcript }) => transcript))).toEqual(
      new Set(['']),
    )
    expect(client.turnEvents).toEqual([])
    client.ws.close()
  })

  it('shows damaged audio as damaged words', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    const audio = speakMulaw('Hello.')
    audio.set(noise(30), 2 * 400)
    client.send(audio, silence(500))
    await expect.poll(() => client.turnEvents.length).toBe(2)
    expect(client.messages.at(-1)).toMatchObject({ transcript: 'He�lo.' })
    client.ws.close()
  })

  it('takes new thresholds and terms, within their bounds', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    client.say({
      type: 'Configure',
      thresholds: { eager_eot_threshold: 0.5, eot_timeout_ms: 900 },
      keyterms: ['Acme'],
    })
    client.say({ type: 'Configure', thresholds: { eot_threshold: 0.4 } })
    client.say({ type: 'Configure', thresholds: { eot_threshold: 0.8 }, language_hints: [] })
    await expect.poll(() => client.ofType('ConfigureSuccess').length).toBe(2)
    expect(client.messages.slice(1)).toMatchObject([
      {
        type: 'ConfigureSuccess',
        thresholds: { eot_threshold: 0.7, eager_eot_threshold: 0.5, eot_timeout_ms: 900 },
        keyterms: ['Acme'],
      },
      { type: 'ConfigureFailure', description: 'thresholds out of range' },
      {
        type: 'ConfigureSuccess',
        thresholds: { eot_threshold: 0.8, eager_eot_threshold: 0.5, eot_timeout_ms: 900 },
        keyterms: ['Acme'],
      },
    ])
    client.send(speakMulaw('Well.'), silence(200))
    await expect.poll(() => client.turnEvents).toContain('EagerEndOfTurn')
    expect(sim.brokenRules()).toEqual(['thresholds out of range'])
    client.ws.close()
  })

  it('waits longer for the end of a turn at a higher threshold, from the moment it is changed', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    client.say({ type: 'Configure', thresholds: { eot_threshold: 0.9 } })
    client.send(speakMulaw('Well.'), silence(700), speakMulaw(' Yes.'), silence(700))
    client.say({ type: 'Configure', thresholds: {} })
    await expect.poll(() => client.ofType('ConfigureSuccess').length).toBe(2)
    expect(client.turnEvents).toEqual(['StartOfTurn'])
    client.send(silence(120))
    await expect.poll(() => client.turnEvents.length).toBe(2)
    expect(client.messages.at(-1)).toMatchObject({ event: 'EndOfTurn', transcript: 'Well. Yes.' })
    client.say({ type: 'Configure', thresholds: { eot_threshold: 0.7 } })
    client.send(speakMulaw('No.'), silence(300))
    await expect.poll(() => client.turnEvents.length).toBe(4)
    client.ws.close()
  })

  it('refuses a Configure while too many others are unanswered, and carries those out', async () => {
    await using sim = await simulateDeepgram({ speed: 10, knobs: { configureMs: 1000 } })
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    for (const eot_timeout_ms of [1000, 2000, 3000, 4000]) {
      client.say({ type: 'Configure', thresholds: { eot_timeout_ms } })
    }
    await expect.poll(() => client.ofType('ConfigureSuccess').length).toBe(3)
    expect(client.ofType('ConfigureFailure')).toMatchObject([
      { description: 'Too many pending Configure messages.' },
    ])
    expect(client.messages.at(-1)).toMatchObject({ thresholds: { eot_timeout_ms: 3000 } })
    expect(sim.brokenRules()).toEqual(['too many pending Configure messages'])
    client.ws.close()
  })

  it('forgets a Configure whose client has gone', async () => {
    await using sim = await simulateDeepgram({ knobs: { configureMs: 60_000 } })
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    client.say({ type: 'Configure', thresholds: {} })
    client.ws.close()
    await client.closed
    expect(client.ofType('ConfigureSuccess')).toEqual([])
  })

  it('refuses hints that its model does not take, and terms that are too long', async () => {
    await using sim = await simulateDeepgram()
    const multi = FLUX.replace('general-en', 'general-multi')
    const english = await DeepgramClient.open(sim.deepgram.url, FLUX)
    const client = await DeepgramClient.open(sim.deepgram.url, multi)
    english.say({ type: 'Configure', language_hints: ['de'] })
    client.say({ type: 'Configure', language_hints: ['pl'] })
    client.say({ type: 'Configure', keyterms: ['x'.repeat(101)] })
    client.say({ type: 'Configure', language_hints: ['de'] })
    await expect.poll(() => client.messages.length + english.messages.length).toBe(6)
    expect(english.messages[1]).toMatchObject({ type: 'ConfigureFailure' })
    expect(client.messages.slice(1)).toMatchObject([
      { type: 'ConfigureFailure' },
      { type: 'ConfigureFailure' },
      { type: 'ConfigureSuccess', language_hints: ['de'] },
    ])
    expect(sim.brokenRules()).toHaveLength(3)
    client.ws.close()
    english.ws.close()
  })

  it('ends a turn on demand, if there is one', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    client.say({ type: 'ForceEndTurn' })
    client.send(speakMulaw('I am going to'), silence(20))
    client.say({ type: 'ForceEndTurn' })
    await expect.poll(() => client.turnEvents.length).toBe(2)
    expect(client.messages.at(-1)).toMatchObject({
      event: 'EndOfTurn',
      trigger: 'manual',
      transcript: 'I am going to',
    })
    client.ws.close()
  })

  it('closes without a code and without an end of turn when asked to', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    client.send(speakMulaw('Good bye'), silence(20))
    client.say({ type: 'CloseStream' })
    expect(await client.closed).toEqual({ code: 1005, reason: '' })
    expect(client.messages.at(-1)).toMatchObject({ event: 'Update', transcript: 'Good bye' })
    const quiet = await DeepgramClient.open(sim.deepgram.url, FLUX)
    quiet.say({ type: 'CloseStream' })
    await quiet.closed
    expect(quiet.messages.map(({ type }) => type)).toEqual(['Connected'])
  })

  it.each([
    ['a KeepAlive', '{"type":"KeepAlive"}'],
    ['a Finalize', '{"type":"Finalize"}'],
    ['no JSON', 'hello'],
  ])('ends the connection of a client that sends %s', async (_what, text) => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    client.ws.send(text)
    expect((await client.closed).code).toBe(1005)
    expect(client.messages.at(-1)).toMatchObject({
      type: 'Error',
      code: 'UNPARSABLE_CLIENT_MESSAGE',
    })
    expect(sim.brokenRules()).toEqual(['message that Flux does not know'])
  })

  it('ends the connection of a client from which nothing comes, not of one that pings', async () => {
    await using sim = await simulateDeepgram({ speed: 200 })
    const [quiet, pinging] = await Promise.all([
      DeepgramClient.open(sim.deepgram.url, FLUX),
      DeepgramClient.open(sim.deepgram.url, FLUX),
    ])
    const stop = sim.clock.every(10_000, () => {
      pinging.ws.ping()
    })
    expect((await quiet.closed).code).toBe(1005)
    expect(quiet.messages.at(-1)).toMatchObject({ type: 'Error', code: 'INACTIVE_CLIENT' })
    expect(pinging.ws.readyState).toBe(pinging.ws.OPEN)
    stop()
    expect(sim.brokenRules()).toEqual(['neither audio nor ping for 60 s'])
    pinging.ws.terminate()
  })

  it('takes an empty frame for the end, and a message sent as audio for a mistake', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    client.send(Buffer.from('{"type":"CloseStream"}'), new Uint8Array(0))
    expect((await client.closed).code).toBe(1005)
    expect(sim.brokenRules()).toEqual([
      'message sent as audio',
      'empty frame of audio, which ends the stream',
    ])
  })

  it('is as slow as it is told to be, in order', async () => {
    await using sim = await simulateDeepgram({
      speed: 10,
      knobs: { latencyMs: 200, slowFinalMs: 1000 },
    })
    const begun = sim.clock.now()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    client.send(speakMulaw('Hi.'), silence(1000))
    await expect.poll(() => client.turnEvents.length, { interval: 5 }).toBe(2)
    expect(sim.clock.now() - begun).toBeGreaterThanOrEqual(1190)
    expect(client.messages.map((message) => message['sequence_id'])).toEqual(
      client.messages.map((_, i) => i),
    )
    client.ws.close()
  })

  it('notes broken frames', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FLUX)
    const { _socket: socket } = client.ws as unknown as { _socket: NodeJS.WritableStream }
    socket.write(Uint8Array.of(0xf1, 0x80, 0, 0, 0, 0))
    await client.closed
    expect(sim.brokenRules()).toEqual(['broken WebSocket frame'])
  })
})
