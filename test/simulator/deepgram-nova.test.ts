import { createHash } from 'node:crypto'
import { speakMulaw } from '../../src/simulator/tone-speech.ts'
import { noise, silence, simulateDeepgram } from '../helpers/deepgram.ts'
import { DeepgramClient, NOVA, type WireMessage } from './deepgram-client.ts'
import { describe, expect, it } from '../helpers/together.ts'

const FULL = `${NOVA}&interim_results=true&endpointing=300&utterance_end_ms=1000&vad_events=true`

const textOf = (message: WireMessage) =>
  (message as unknown as { channel: { alternatives: [{ transcript: string }] } }).channel
    .alternatives[0].transcript

/** Each message in a few words. */
function told(client: DeepgramClient): string[] {
  return client.messages.map((message) => {
    if (message.type !== 'Results') return message.type
    const kind = message['speech_final']
      ? 'speech final'
      : message['is_final']
        ? 'final'
        : 'interim'
    return `${kind}: ${textOf(message)}`
  })
}

describe('simulated Nova', () => {
  it('tells speech as the real one does', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FULL)
    client.send(silence(500), speakMulaw('I would like to go, please.'), silence(1100))
    await expect.poll(() => told(client)).toContain('UtteranceEnd')
    expect(told(client)).toEqual([
      'SpeechStarted',
      'interim: I would',
      'interim: I would like to go, please.',
      'speech final: I would like to go, please.',
      'UtteranceEnd',
    ])
    const [, interim, , final, utteranceEnd] = client.messages
    expect(interim).toMatchObject({ start: 0, channel_index: [0, 1], from_finalize: false })
    expect(final).toMatchObject({
      start: 0,
      is_final: true,
      channel: {
        alternatives: [
          { words: { 4: { word: 'go', punctuated_word: 'go,' }, 5: { word: 'please' } } },
        ],
      },
    })
    expect(final?.['duration']).toBeCloseTo(0.5 + 1.35 + 0.3, 1)
    expect(utteranceEnd?.['last_word_end']).toBeCloseTo(1.85, 1)
    expect(sim.events).toMatchObject([
      { type: 'turn_started', text: 'I would' },
      { type: 'turn_ended', text: 'I would like to go, please.' },
    ])
    client.ws.close()
  })

  it('says only what it is asked for', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, `${NOVA}&endpointing=false`)
    client.send(speakMulaw('I would like to go, please.'), silence(3000))
    await expect.poll(() => client.messages.length).toBe(1)
    expect(told(client)).toEqual(['final: I would like to go, please.'])
    client.ws.close()
  })

  it('makes long speech final piece by piece, without cutting a word, and silence as well', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, `${NOVA}&endpointing=300`)
    const said = Array.from({ length: 30 }, (_, i) => `word${i}`).join(' ')
    client.send(speakMulaw(said), silence(5000))
    await expect.poll(() => told(client).at(-1)).toBe('final: ')
    const results = client.ofType('Results')
    expect(results.map(textOf).join(' ').trim()).toBe(said)
    expect(results.length).toBeGreaterThanOrEqual(4)
    // Windows follow each other without a gap.
    for (const [i, result] of results.entries()) {
      const { start, duration } = result as unknown as { start: number; duration: number }
      const next = results[i + 1]?.['start']
      if (next !== undefined) expect(start + duration).toBeCloseTo(next as number, 6)
    }
    expect(sim.events.at(-1)).toMatchObject({ type: 'turn_ended', text: said })
    client.ws.close()
  })

  it('does not see speech end in noise; the gap between words shows', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, FULL)
    client.send(speakMulaw('Hello.'), noise(1500))
    await expect.poll(() => told(client)).toContain('UtteranceEnd')
    expect(told(client)).toEqual(['SpeechStarted', 'interim: Hello.', 'UtteranceEnd'])
    client.ws.close()
  })

  it('flushes when asked to, words or not', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, NOVA)
    client.send(speakMulaw('One two'))
    client.say({ type: 'Finalize' })
    client.say({ type: 'Finalize', channel: 0 })
    await expect.poll(() => client.messages.length).toBe(2)
    expect(client.messages).toMatchObject([
      { is_final: true, speech_final: false, from_finalize: true },
      { is_final: true, speech_final: false, from_finalize: true },
    ])
    expect(client.messages.map(textOf)).toEqual(['One two', ''])
    client.ws.close()
  })

  it('tells the rest and what it got when the stream is closed', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, NOVA)
    const audio = speakMulaw('Bye')
    client.send(audio)
    client.say({ type: 'CloseStream' })
    expect(await client.closed).toEqual({ code: 1000, reason: '' })
    expect(told(client)).toEqual(['final: Bye', 'Metadata'])
    expect(client.messages.at(-1)).toMatchObject({
      sha256: createHash('sha256').update(audio).digest('hex'),
      duration: 0.15,
      channels: 1,
    })
  })

  it('knows nothing of a stream without audio', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, NOVA)
    client.send(new Uint8Array(0))
    expect((await client.closed).code).toBe(1000)
    expect(client.messages).toMatchObject([
      {
        type: 'Metadata',
        sha256: createHash('sha256').digest('hex'),
        duration: 0,
        channels: 0,
      },
    ])
    expect(sim.brokenRules()).toEqual(['empty frame of audio, which ends the stream'])
  })

  it('takes terms if its model knows them', async () => {
    await using sim = await simulateDeepgram()
    const three = await DeepgramClient.open(sim.deepgram.url, NOVA)
    three.say({ type: 'Configure', keyterms: ['Acme'] })
    three.say({ type: 'Configure', features: { numerals: true } })
    await expect.poll(() => three.messages.length).toBe(2)
    expect(three.messages).toMatchObject([
      { type: 'ConfigureSuccess', keyterms: ['Acme'] },
      { type: 'ConfigureSuccess' },
    ])
    const two = await DeepgramClient.open(sim.deepgram.url, NOVA.replace('nova-3', 'nova-2'))
    two.say({ type: 'Configure', keyterms: ['Acme'] })
    await expect.poll(() => two.messages.length).toBe(1)
    expect(two.messages).toMatchObject([{ type: 'Error', code: 'KeytermsNotSupported' }])
    expect(sim.brokenRules()).toEqual(['keyterms for a model without them'])
    three.ws.close()
    two.ws.close()
  })

  it('notes what it does not understand', async () => {
    await using sim = await simulateDeepgram()
    const client = await DeepgramClient.open(sim.deepgram.url, NOVA)
    client.ws.send('{"type":"ForceEndTurn"}')
    await expect.poll(() => sim.brokenRules()).toEqual(['message that Nova does not know'])
    client.ws.close()
  })

  it('gives up clients from which nothing comes, or nothing but KeepAlives', async () => {
    await using sim = await simulateDeepgram({ speed: 40 })
    const [quiet, mute, alive] = await Promise.all([
      DeepgramClient.open(sim.deepgram.url, NOVA),
      DeepgramClient.open(sim.deepgram.url, NOVA),
      DeepgramClient.open(sim.deepgram.url, NOVA),
    ])
    alive.send(silence(20))
    const stop = sim.clock.every(3000, () => {
      mute.say({ type: 'KeepAlive' })
      alive.say({ type: 'KeepAlive' })
    })
    const [first, second] = await Promise.all([quiet.closed, mute.closed])
    stop()
    expect(first).toMatchObject({ code: 1011, reason: expect.stringContaining('net0001') })
    expect(second).toMatchObject({ code: 1011, reason: expect.stringContaining('net0000') })
    expect(alive.ws.readyState).toBe(alive.ws.OPEN)
    expect(sim.brokenRules()).toEqual([
      'neither audio nor message for 10 s',
      'kept alive without any audio',
    ])
    alive.ws.terminate()
  })

  it.each([
    [{ emptySpeechFinal: true }, ['final: Yes.', 'speech final: ', 'UtteranceEnd']],
    [{ loseSpeechFinal: true }, ['final: Yes.', 'UtteranceEnd']],
    [{ utteranceEndFirst: true }, ['interim: Yes.', 'UtteranceEnd', 'speech final: Yes.']],
    [{ repeatSpeechStarted: true }, ['SpeechStarted', 'speech final: Yes.', 'UtteranceEnd']],
  ])('has the whims %j', async (knobs, expected) => {
    await using sim = await simulateDeepgram({ knobs })
    const client = await DeepgramClient.open(sim.deepgram.url, FULL)
    client.send(speakMulaw('Yes.'), silence(1500))
    await expect.poll(() => client.messages.length).toBe(expected.length + 1)
    expect(told(client)).toEqual(['SpeechStarted', ...expected])
    client.ws.close()
  })
})
