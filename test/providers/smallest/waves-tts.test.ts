import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Mulaw8k } from '../../../src/audio/samples.ts'
import type { ProviderError } from '../../../src/errors.ts'
import type { Alignment } from '../../../src/pipeline/ports.ts'
import { WavesTts, type WavesTtsOptions } from '../../../src/providers/smallest/waves-tts.ts'
import { WordTimes } from '../../../src/providers/smallest/word-times.ts'
import { HeardWords, transcriptOf } from '../../../src/simulator/heard-words.ts'
import type { SmallestKnobs } from '../../../src/simulator/smallest.ts'
import { quiet } from '../../helpers/fake-ports.ts'
import { smallestWorld } from '../../helpers/smallest.ts'

async function voice(
  knobs: Partial<SmallestKnobs> = {},
  options: Partial<WavesTtsOptions> & { breaks?: readonly string[] } = {},
) {
  const { breaks = [], ...more } = options
  const world = await smallestWorld({ knobs, breaks })
  const onReconnect = vi.fn()
  const tts = new WavesTts({
    apiKey: 'sm-key',
    baseUrl: world.smallest.url,
    voiceId: 'magnus',
    model: 'lightning_v3.1',
    outputFormat: 'pcm_8000',
    language: 'en-US',
    wordTimes: true,
    completeBackoffMs: 500,
    connectTimeoutMs: 20_000,
    firstAudioTimeoutMs: 20_000,
    onReconnect,
    clock: world.clock,
    log: quiet,
    ...more,
  })
  onTestFinished(() => tts.close())
  return { ...world, tts, onReconnect }
}

/** Listens to one speech. */
function ear() {
  const audio: Mulaw8k[] = []
  const aligned: { readonly atMs: number; readonly alignment: Alignment }[] = []
  const over = Promise.withResolvers<ProviderError | 'done'>()
  let bytes = 0
  return {
    over: over.promise,
    get bytes() {
      return bytes
    },
    /** Where each word begins, in ms of all the audio. */
    words: () =>
      aligned.map(({ atMs, alignment }) => ({
        word: alignment.chars.join(''),
        ms: Math.round(atMs + (alignment.startMs[0] ?? 0)),
      })),
    heard: () => {
      const listener = new HeardWords()
      listener.hear(Buffer.concat(audio))
      listener.finishWord()
      return transcriptOf(listener.words())
    },
    listener: {
      audio: (piece: Mulaw8k, alignment?: Alignment) => {
        if (alignment) aligned.push({ atMs: bytes / 8, alignment })
        audio.push(piece)
        bytes += piece.length
      },
      done: () => {
        over.resolve('done')
      },
      failed: (error: ProviderError) => {
        over.resolve(error)
      },
    },
  }
}

const signal = new AbortController().signal

describe('Waves’ voice', () => {
  it('speaks phrases as they are written, on one socket that was opened ahead', async () => {
    const { tts, smallest, clock } = await voice()
    await tts.connect({ signal })
    const { listener, over, heard, words } = ear()
    const speech = tts.speak(listener)
    speech.sendText('It is the green door.')
    await clock.sleep(100)
    speech.sendText('On the left.')
    speech.flush()
    expect(await over).toBe('done')
    expect(heard()).toBe('It is the green door. On the left.')
    expect(smallest.total()).toBe(1)
    // 50 ms a character: each word is known to begin where it does.
    expect(words().slice(0, 3)).toEqual([
      { word: 'It', ms: 0 },
      { word: 'is', ms: 150 },
      { word: 'the', ms: 300 },
    ])
    expect(
      words()
        .map(({ word }) => word)
        .join(' '),
    ).toBe('It is the green door. On the left.')
  })

  it('that a server takes for done in the middle of a reply goes on without losing a word', async () => {
    const { tts, smallest, clock } = await voice({}, { completeBackoffMs: 50 })
    const { listener, over, heard, words } = ear()
    const speech = tts.speak(listener)
    speech.sendText('One moment.')
    // A tool runs meanwhile.
    await clock.sleep(3000)
    speech.sendText('It is at two.')
    await clock.sleep(3000)
    speech.flush()
    expect(await over).toBe('done')
    expect(heard()).toBe('One moment. It is at two.')
    expect(smallest.total()).toBe(2)
    // The second socket counts its time from its own beginning.
    expect(words().map(({ ms }) => ms)).toEqual(
      words()
        .map(({ ms }) => ms)
        .toSorted((a, b) => a - b),
    )
  })

  it.each(['socket', 'request'] as const)(
    'tells words in their order when their times count from the beginning of the %s',
    async (wordOrigin) => {
      const { tts } = await voice({ wordOrigin })
      const { listener, over, words } = ear()
      const speech = tts.speak(listener)
      speech.sendText('It is the door.')
      speech.sendText('On the left.')
      speech.flush()
      await over
      const times = words().map(({ ms }) => ms)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      // “On” begins where the first sentence, its period and a space are over.
      expect(Math.abs((times[4] ?? 0) - 800)).toBeLessThanOrEqual(50)
    },
  )

  it('stops when it is interrupted: the socket is closed, and the next speech has another', async () => {
    const { tts, smallest, clock } = await voice({ realTimeFactor: 1 })
    const first = ear()
    const speech = tts.speak(first.listener)
    speech.sendText('A very long sentence that nobody wants to hear to its end.')
    await vi.waitFor(() => {
      expect(first.bytes).toBeGreaterThan(0)
    })
    speech.cancel()
    const { bytes } = first
    await vi.waitFor(() => {
      expect(smallest.connections()).toBe(0)
    })
    await clock.sleep(500)
    expect(first.bytes).toBe(bytes)
    const second = ear()
    const next = tts.speak(second.listener)
    next.sendText('Sorry.')
    next.flush()
    expect(await second.over).toBe('done')
    expect(second.heard()).toBe('Sorry.')
  })

  it('with nothing to say is done at once', async () => {
    const { tts } = await voice()
    const { listener, over } = ear()
    tts.speak(listener).flush()
    expect(await over).toBe('done')
  })

  it.each([
    ['silent', { kind: 'silent' }, 'timeout'],
    ['empty', { kind: 'empty', times: 4 }, 'empty'],
    ['error', { kind: 'error' }, 'unavailable'],
    ['cut', { kind: 'cut' }, 'disconnected'],
  ] as const)('that is %s fails, and the next speech is heard', async (_name, fault, code) => {
    const { tts, onReconnect } = await voice(
      { voiceFaults: [fault] },
      { firstAudioTimeoutMs: fault.kind === 'silent' ? 1000 : 20_000 },
    )
    const first = ear()
    const speech = tts.speak(first.listener)
    speech.sendText('Hello.')
    speech.flush()
    expect(await first.over).toMatchObject({ provider: 'smallest', code })
    const second = ear()
    const next = tts.speak(second.listener)
    next.sendText('Once more.')
    next.flush()
    expect(await second.over).toBe('done')
    expect(second.heard()).toBe('Once more.')
    if (code === 'disconnected') expect(onReconnect).toHaveBeenCalledTimes(1)
  })

  it('that once ends without a sound is asked again', async () => {
    const { tts } = await voice({ voiceFaults: [{ kind: 'empty' }] })
    const { listener, over, heard } = ear()
    const speech = tts.speak(listener)
    speech.sendText('It is the green door.')
    speech.flush()
    expect(await over).toBe('done')
    expect(heard()).toBe('It is the green door.')
  })

  it.each([
    ['maxSockets', { maxSockets: 0 }],
    ['maxSpeeches', { maxSpeeches: 0 }],
  ])('beyond the limits of the plan (%s) says so', async (_name, knobs) => {
    const { tts } = await voice(knobs)
    const { listener, over } = ear()
    const speech = tts.speak(listener)
    speech.sendText('Hello.')
    speech.flush()
    expect(await over).toMatchObject({ code: 'rate_limited' })
  })

  it('that is refused or does not answer rejects the connection', async () => {
    const refused = await voice({ refuse: { path: /tts/, status: 401 } })
    await expect(refused.tts.connect({ signal })).rejects.toMatchObject({ code: 'auth' })
    const slow = await voice({ handshakeMs: 60_000 }, { connectTimeoutMs: 500 })
    await expect(slow.tts.connect({ signal })).rejects.toMatchObject({ code: 'timeout' })
  })

  it('that breaks the rules of the vendor is told why', async () => {
    const rule = 'voice socket: Unknown model lightning.'
    const { tts } = await voice({}, { model: 'lightning', breaks: [rule] })
    const { listener, over } = ear()
    const speech = tts.speak(listener)
    speech.sendText('Hello.')
    expect(await over).toMatchObject({ message: 'Unknown model lightning.' })
  })
})

describe('the times of words', () => {
  it('never go back, whatever comes', () => {
    const times = new WordTimes()
    const starts = [
      { word: 'one', start: 0.5, end: 0.9 },
      { word: 'two', start: 1, end: 1.4 },
      { word: 'three', start: 0.1, end: 0.4 },
      { word: '', start: 0.5, end: 0.4 },
    ].map((word) => times.alignment(word, 0).startMs[0] ?? Infinity)
    expect(starts).toEqual(starts.toSorted((a, b) => a - b))
    expect(starts[2]).toBe(1500)
  })
})
