import type { ProviderErrorCode } from '../../../src/errors.ts'
import type { StreamingStt } from '../../../src/providers/deepgram/streaming-stt.ts'
import { speakMulaw, speechMs } from '../../../src/simulator/tone-speech.ts'
import { Ears, framesOf, noise, silence, simulateDeepgram } from '../../helpers/deepgram.ts'
import { describe, expect, it } from '../../helpers/together.ts'

const never = () => new AbortController().signal

async function listening(stt: StreamingStt, signal = never()): Promise<Ears> {
  const ears = new Ears()
  await stt.start(ears.listener, { signal })
  return ears
}

function send(stt: StreamingStt, ...audio: Uint8Array[]): void {
  for (const frame of framesOf(...audio)) stt.sendAudio(frame)
}

const models = ['flux-general-en', 'nova-3']

describe.each(models)('hearing with %s', (model) => {
  it('tells words while they are spoken, and the turn when it is over', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model })
    const ears = await listening(stt)
    const said = 'Hello there, who is speaking now please?'
    send(stt, silence(200), speakMulaw(said), silence(1000))
    const end = await ears.next('turn_end')
    expect(end.text).toBe(said)
    expect(end.speechEndMs).toBeGreaterThan(200 + speechMs(said) - 30)
    expect(end.speechEndMs).toBeLessThan(200 + speechMs(said) + 30)
    const [first, ...rest] = ears.events
    expect(first).toMatchObject({ type: 'words' })
    expect(said.startsWith((first as { text: string }).text)).toBe(true)
    expect(Math.abs((first as { speechStartMs: number }).speechStartMs - 200)).toBeLessThan(30)
    expect(rest.every((event) => !('speechStartMs' in event))).toBe(true)
    expect(new Set(rest.slice(0, -1).map(({ type }) => type))).toEqual(new Set(['words']))
    await stt.close()
  })

  it('tells one turn after the other', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model })
    const ears = await listening(stt)
    send(stt, speakMulaw('Yes.'), silence(1000), speakMulaw('I am John.'), silence(1000))
    await expect.poll(() => ears.types.filter((type) => type === 'turn_end').length).toBe(2)
    expect(ears.events.filter(({ type }) => type === 'turn_end')).toMatchObject([
      { text: 'Yes.' },
      { text: 'I am John.' },
    ])
    await stt.close()
  })

  it('keeps what is said before it listens', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model })
    send(stt, speakMulaw('Hello.'))
    const ears = await listening(stt)
    send(stt, silence(1000))
    expect(await ears.next('turn_end')).toMatchObject({ text: 'Hello.' })
    await stt.close()
  })

  it('forgets the oldest when too much is said before it listens, and still knows when words ended', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model })
    send(stt, speakMulaw('Lost'), silence(5000), speakMulaw('Found.'))
    const ears = await listening(stt)
    send(stt, silence(1000))
    const end = await ears.next('turn_end')
    expect(end.text).toBe('Found.')
    expect(Math.abs((end.speechEndMs ?? 0) - 5500)).toBeLessThan(30)
    await stt.close()
  })

  it('hears no words in noise', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model })
    const ears = await listening(stt)
    send(stt, noise(1500), silence(1000), speakMulaw('Now.'), silence(2000))
    await ears.next('turn_end')
    expect(ears.events.filter((event) => event.type === 'turn_end')).toMatchObject([
      { text: 'Now.' },
    ])
    await stt.close()
  })

  it('says goodbye, and hears nothing afterwards', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model })
    const ears = await listening(stt)
    send(stt, speakMulaw('Hello there'))
    await stt.close()
    const count = ears.events.length
    stt.sendAudio(silence(20))
    await expect.poll(() => sim.deepgram.connections()).toBe(0)
    await stt.close()
    expect(ears.events).toHaveLength(count)
    expect(ears.types).not.toContain('failed')
  })

  it('does not wait for long for a vendor that does not say goodbye', async () => {
    await using sim = await simulateDeepgram({ speed: 10, knobs: { latencyMs: 0 } })
    const stt = sim.stt({ model })
    await listening(stt)
    sim.deepgram.knobs.latencyMs = 600_000
    await stt.close()
    await expect.poll(() => sim.deepgram.connections()).toBe(0)
  })

  it('stops at once when its signal says so', async () => {
    await using sim = await simulateDeepgram()
    const controller = new AbortController()
    const stt = sim.stt({ model })
    const ears = await listening(stt, controller.signal)
    send(stt, speakMulaw('Hello there.'), silence(1000))
    controller.abort()
    await expect.poll(() => sim.deepgram.connections()).toBe(0)
    await stt.close()
    expect(ears.events).toEqual([])
  })

  it('tells once that its connection was lost', async () => {
    await using sim = await simulateDeepgram({ knobs: { dropAfterMs: 1000 } })
    const stt = sim.stt({ model })
    const ears = await listening(stt)
    send(stt, speakMulaw('This sentence is cut off before its end.'))
    const { error } = await ears.next('failed')
    expect(error).toMatchObject({ provider: 'deepgram', code: 'disconnected', vendorCode: '1006' })
    send(stt, silence(100))
    await stt.close()
    expect(ears.types.filter((type) => type === 'failed')).toHaveLength(1)
    expect(ears.types.at(-1)).toBe('failed')
  })

  it.each<[number, ProviderErrorCode, boolean]>([
    [1008, 'rejected', false],
    [1011, 'disconnected', true],
    [1000, 'disconnected', true],
  ])('tells what close code %i means', async (dropWith, code, retryable) => {
    await using sim = await simulateDeepgram({ knobs: { dropAfterMs: 100, dropWith } })
    const stt = sim.stt({ model })
    const ears = await listening(stt)
    send(stt, silence(200))
    const { error } = await ears.next('failed')
    expect(error).toMatchObject({ code, retryable, vendorCode: String(dropWith) })
    expect(error.message).toContain('dropped as asked')
  })

  it.each<[number, ProviderErrorCode, string]>([
    [400, 'rejected', 'Bad Request'],
    [401, 'auth', 'INVALID_AUTH'],
    [402, 'quota', 'ASR_PAYMENT_REQUIRED'],
    [403, 'auth', 'INSUFFICIENT_PERMISSIONS'],
    [429, 'rate_limited', 'TOO_MANY_REQUESTS'],
    [503, 'unavailable', 'Service Unavailable'],
  ])('tells why it was refused with HTTP %i', async (refuseStatus, code, vendorCode) => {
    await using sim = await simulateDeepgram({ knobs: { refuseStatus } })
    const ears = new Ears()
    const stt = sim.stt({ model })
    await expect(stt.start(ears.listener, { signal: never() })).rejects.toMatchObject({
      name: 'ProviderError',
      provider: 'deepgram',
      code,
      vendorCode,
      message: expect.stringContaining(`HTTP ${refuseStatus}`),
    })
    await stt.close()
    expect(ears.events).toEqual([])
  })

  it('does not wait for ever for a vendor that does not answer', async () => {
    await using sim = await simulateDeepgram({ speed: 20, knobs: { ignoreUpgrade: true } })
    const stt = sim.stt({ model, connectTimeoutMs: 1500 })
    await expect(stt.start(() => undefined, { signal: never() })).rejects.toMatchObject({
      code: 'timeout',
    })
  })

  it('can be stopped or closed while it connects', async () => {
    await using sim = await simulateDeepgram({ knobs: { ignoreUpgrade: true } })
    const controller = new AbortController()
    const aborted = sim.stt({ model }).start(() => undefined, { signal: controller.signal })
    controller.abort(new Error('hung up'))
    await expect(aborted).rejects.toThrow('hung up')
    const stt = sim.stt({ model })
    const closed = stt.start(() => undefined, { signal: never() })
    await stt.close()
    await expect(closed).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('tells that nobody is there', async () => {
    const sim = await simulateDeepgram()
    await sim.deepgram.close()
    const stt = sim.stt({ model })
    await expect(stt.start(() => undefined, { signal: never() })).rejects.toMatchObject({
      code: 'unavailable',
      vendorCode: 'ECONNREFUSED',
    })
  })

  it('is started once, and not at all by a signal that is over', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ model })
    await expect(
      stt.start(() => undefined, { signal: AbortSignal.abort(new Error('over')) }),
    ).rejects.toThrow('over')
    await listening(stt)
    await expect(stt.start(() => undefined, { signal: never() })).rejects.toThrow('once')
    await stt.close()
  })

  it('keeps a connection alive on which nobody speaks', async () => {
    // Longer than either endpoint waits for a client that says nothing, at a speed that leaves a busy machine time.
    const [speed, quietMs] = model === 'nova-3' ? [25, 30_000] : [50, 65_000]
    await using sim = await simulateDeepgram({ speed })
    const stt = sim.stt({ model, connectTimeoutMs: 100_000 })
    const ears = await listening(stt)
    await sim.clock.sleep(quietMs)
    send(stt, speakMulaw('Still here.'), silence(1000))
    const end = await ears.next('turn_end')
    expect(end.text).toBe('Still here.')
    // Silence of our own is not the caller's audio.
    expect(Math.abs((end.speechEndMs ?? 0) - speechMs('Still here.'))).toBeLessThan(30)
    await stt.close()
  })
})

describe('Flux', () => {
  it('waits out a pause inside a sentence', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt()
    const ears = await listening(stt)
    send(stt, speakMulaw('I would like'), silence(700), speakMulaw(' to go home.'), silence(500))
    expect(await ears.next('turn_end')).toMatchObject({ text: 'I would like to go home.' })
    await stt.close()
  })

  it('tells an eager end, takes it back when the caller goes on, and confirms the next word for word', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ eagerEotThreshold: 0.4 })
    const ears = await listening(stt)
    send(stt, speakMulaw('Yes.'), silence(200), speakMulaw(' I am here.'), silence(500))
    await ears.next('turn_end')
    const told = ears.events.filter(({ type }) => type !== 'words')
    expect(told).toMatchObject([
      { type: 'eager_end', text: 'Yes.' },
      { type: 'resumed' },
      { type: 'eager_end', text: 'Yes. I am here.' },
      { type: 'turn_end', text: 'Yes. I am here.' },
    ])
    await stt.close()
  })

  it('ends the turn of a caller whose audio stops', async () => {
    await using sim = await simulateDeepgram({ speed: 5 })
    const stt = sim.stt()
    const ears = await listening(stt)
    send(stt, speakMulaw('Hold on.'))
    expect(await ears.next('turn_end')).toMatchObject({ text: 'Hold on.' })
    // The silence sent in place of the caller's audio does not count as theirs.
    send(stt, speakMulaw('Back.'), silence(500))
    const second = await ears.next('turn_end', ears.events.length - 1)
    expect(second.text).toBe('Back.')
    expect(Math.abs((second.speechEndMs ?? 0) - speechMs('Hold on.Back.'))).toBeLessThan(30)
    await stt.close()
  })

  it('gives up a connection that says nothing more of an open turn, long before the turn could end by silence', async () => {
    await using sim = await simulateDeepgram({ speed: 20, knobs: { stallAfterMs: 900 } })
    const stt = sim.stt()
    const ears = await listening(stt)
    send(stt, speakMulaw('This is never finished by the vendor.'))
    await ears.next('words')
    const { error, unheardMs } = await ears.next('failed')
    expect(error).toMatchObject({ code: 'timeout', retryable: true })
    // Flux ends a turn after five seconds of silence.
    expect(unheardMs).toBeLessThan(3500)
  })

  it('does not count as listening before the vendor says that it is connected', async () => {
    await using sim = await simulateDeepgram({ speed: 20, knobs: { stallAfterMs: 0 } })
    const stt = sim.stt({ connectTimeoutMs: 1500 })
    await expect(stt.start(() => undefined, { signal: never() })).rejects.toMatchObject({
      code: 'timeout',
    })
  })

  it('listens in other languages with the model that knows them', async () => {
    await using sim = await simulateDeepgram()
    const stt = sim.stt({ language: 'de-DE', keyterms: ['Zahnarzt Müller', 'Köln'] })
    const ears = await listening(stt)
    send(stt, speakMulaw('Schöne Grüße.'), silence(500))
    expect(await ears.next('turn_end')).toMatchObject({ text: 'Schöne Grüße.' })
    await stt.close()
  })
})

describe('Nova', () => {
  it('takes the end of speech from an empty final', async () => {
    await using sim = await simulateDeepgram({ knobs: { emptySpeechFinal: true } })
    const stt = sim.stt({ model: 'nova-3' })
    const ears = await listening(stt)
    send(stt, speakMulaw('Hello there.'), silence(1000))
    expect(await ears.next('turn_end')).toMatchObject({ text: 'Hello there.' })
    await stt.close()
  })

  it('takes it from the gap between words when noise hides the silence, and does not repeat the words', async () => {
    await using sim = await simulateDeepgram({ knobs: { utteranceEndFirst: true } })
    const stt = sim.stt({ model: 'nova-3' })
    const ears = await listening(stt)
    send(stt, speakMulaw('Hello there.'), noise(2200), silence(200))
    send(stt, speakMulaw('Again.'), silence(2200))
    await expect.poll(() => ears.types.filter((type) => type === 'turn_end').length).toBe(2)
    expect(ears.events.filter(({ type }) => type === 'turn_end')).toMatchObject([
      { text: 'Hello there.' },
      { text: 'Again.' },
    ])
    await stt.close()
  })

  it('asks for the words and ends the turn when no signal comes at all', async () => {
    await using sim = await simulateDeepgram({ speed: 20 })
    const stt = sim.stt({ model: 'nova-3' })
    const ears = await listening(stt)
    send(stt, speakMulaw('Hello there, my dear friend. Go'))
    expect(await ears.next('turn_end')).toMatchObject({ text: 'Hello there, my dear friend. Go' })
    await stt.close()
  })

  it('gives up a connection on which the rest of a turn is not heard', async () => {
    await using sim = await simulateDeepgram({ speed: 20, knobs: { stallAfterMs: 1100 } })
    const stt = sim.stt({ model: 'nova-3' })
    const ears = await listening(stt)
    send(stt, speakMulaw('Hello there, my dear friend, how are you?'), silence(100))
    const { error, unheardMs } = await ears.next('failed')
    expect(error).toMatchObject({ code: 'timeout', retryable: true })
    expect(unheardMs).toBeGreaterThan(3000)
    expect(ears.types).not.toContain('turn_end')
  })

  it('ends the turn with what it has when the vendor has gone silent after all of it', async () => {
    await using sim = await simulateDeepgram({ speed: 20, knobs: { stallAfterMs: 1040 } })
    const stt = sim.stt({ model: 'nova-3' })
    const ears = await listening(stt)
    send(stt, speakMulaw('Hello there, my dear'), silence(100))
    expect(await ears.next('turn_end')).toMatchObject({ text: 'Hello there, my dear' })
    await stt.close()
  })
})
