import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { ProviderError } from '../../src/errors.ts'
import { Playback } from '../../src/pipeline/playout.ts'
import { ReplyVoice } from '../../src/pipeline/reply-voice.ts'
import { audioOf, FakeLine, FakeVoice, settled } from '../helpers/fake-ports.ts'

const gone = new ProviderError('gone', { provider: 'elevenlabs', code: 'disconnected' })

function setUp() {
  const line = new FakeLine()
  const playback = new Playback({
    reply: 1,
    held: false,
    clock: systemClock,
    line: () => line,
    listener: {
      audio: () => undefined,
      filler: () => undefined,
      dry: () => undefined,
      heardFirst: () => undefined,
      sent: () => undefined,
      heard: () => undefined,
    },
  })
  const tts = new FakeVoice()
  const abort = new AbortController()
  const call = { language: 'en' }
  const onPhrase = vi.fn<() => void>()
  const voice = new ReplyVoice({
    tts,
    playback,
    language: () => call.language,
    pronunciation: { Nguyen: 'Win' },
    signal: abort.signal,
    onPhrase,
  })
  return { voice, tts, playback, line, abort, call, onPhrase }
}

describe('the voice of a reply', () => {
  it('speaks whole phrases, and the rest when it is finished', async () => {
    const { voice, tts, playback, onPhrase } = setUp()
    voice.write('We can do ')
    expect(tts.texts).toEqual([])
    voice.write('Thursday at two. And')
    expect(tts.texts.join('')).toMatch(/^We can do Thursday at two\. ?$/)
    voice.write(' now?')
    await voice.finish(undefined)
    expect(playback.text.trim()).toBe('We can do Thursday at two. And now?')
    expect(tts.speeches).toHaveLength(1)
    expect(onPhrase).toHaveBeenCalledTimes(tts.texts.length)
  })

  it('says what waits for its end before it breathes', () => {
    const { voice, playback } = setUp()
    voice.write('Let me check')
    voice.breathe()
    expect(playback.text).toBe('Let me check ')
  })

  it('says something else instead of nothing, if there is something', async () => {
    const silent = setUp()
    await silent.voice.finish(undefined)
    expect(silent.tts.speeches).toEqual([])
    const { voice, tts } = setUp()
    voice.write(' *** ')
    await voice.finish('Goodbye.')
    expect(tts.texts).toEqual(['Goodbye.'])
    const spoken = setUp()
    spoken.voice.write('Yes.')
    await spoken.voice.finish('Goodbye.')
    expect(spoken.tts.texts.join('')).not.toContain('Goodbye')
  })

  it('gives the voice a word as it is spoken, and the record as it is written', async () => {
    const { voice, tts, playback } = setUp()
    voice.write('Is that Mr. Nguyen?')
    await voice.finish(undefined)
    expect(tts.texts.join('')).toContain('Win?')
    expect(playback.text).toContain('Nguyen?')
  })

  it('that fails is noticed with the next words, and at the end', async () => {
    for (const act of ['write', 'breathe'] as const) {
      const { voice, tts } = setUp()
      tts.auto = false
      voice.write('Let me check that. And now')
      tts.speeches[0]?.listener.failed(gone)
      expect(() => {
        voice[act]('More.')
      }).toThrow('gone')
      await expect(voice.finish(undefined)).rejects.toThrow('gone')
    }
  })

  it('stops waiting when the reply is cut off, and leaves no listener behind', async () => {
    const { voice, tts, abort } = setUp()
    tts.auto = false
    voice.write('One. ')
    const finished = voice.finish(undefined)
    abort.abort(new Error('cut off'))
    await expect(finished).rejects.toThrow('cut off')
    voice.cancel()
    expect(tts.speeches[0]?.cancelled).toBe(true)
  })
})

describe('a reply in which the language changes', () => {
  it('goes on in another speech, whose words are heard after those of the first', async () => {
    const { voice, tts, call, line } = setUp()
    tts.auto = false
    voice.write('Of course. Just a')
    call.language = 'es'
    voice.write('¿Qué tal? ')
    const finished = voice.finish(undefined)
    const [english, spanish] = tts.speeches
    expect(english?.texts.join('').trim()).toBe('Of course. Just a')
    expect(spanish?.texts.join('').trim()).toBe('¿Qué tal?')
    spanish?.listener.audio(audioOf('12'))
    spanish?.listener.done()
    expect(line.sentBytes).toBe(0)
    english?.listener.audio(audioOf('1234567'))
    english?.listener.done()
    await finished
    expect(line.did.filter((did) => did.startsWith('send'))).toEqual(['send 2800', 'send 800'])
  })

  it('before its first word has one speech only', async () => {
    const { voice, tts, call } = setUp()
    call.language = 'es'
    voice.write('Hola. ')
    await voice.finish(undefined)
    expect(tts.speeches).toHaveLength(1)
  })

  it('fails as a whole when either speech fails', async () => {
    for (const failing of [0, 1]) {
      const { voice, tts, call, line } = setUp()
      tts.auto = false
      voice.write('Of course. ')
      call.language = 'es'
      voice.write('¿Qué tal? ')
      const finished = voice.finish(undefined)
      tts.speeches[1]?.listener.audio(audioOf('12'))
      tts.speeches[failing]?.listener.failed(gone)
      await expect(finished).rejects.toThrow('gone')
      await settled()
      expect(line.sentBytes).toBe(0)
      voice.cancel()
      expect(tts.speeches.every(({ cancelled }) => cancelled)).toBe(true)
    }
  })

  it('has its rest in the language of now', async () => {
    const { voice, tts, call } = setUp()
    voice.write('Of course. ')
    call.language = 'es'
    voice.write('Un momento.')
    await voice.finish('Adiós.')
    expect(tts.speeches.map(({ texts }) => texts.join('').trim())).toEqual([
      'Of course.',
      'Un momento.',
    ])
  })
})
