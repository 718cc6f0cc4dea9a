import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { ProviderError } from '../../../src/errors.ts'
import type { TextToSpeech } from '../../../src/pipeline/ports.ts'
import {
  forgetful,
  type KeptPhrase,
  PhraseBook,
  stockTexts,
} from '../../../src/pipeline/voice/phrase-book.ts'
import { StockVoice } from '../../../src/pipeline/voice/stock-voice.ts'
import { speakMulaw } from '../../../src/simulator/tone-speech.ts'
import { FakeVoice, quiet } from '../../helpers/fake-ports.ts'
import { Ear } from '../../providers/elevenlabs/voice.ts'

const gone = new ProviderError('gone', { provider: 'elevenlabs', code: 'disconnected' })
const APOLOGY = stockTexts('en').find((text) => /technical problem/.test(text)) ?? ''

/** Speaks in tones. */
class ToneVoice extends FakeVoice {
  override speak(
    ...[listener]: Parameters<TextToSpeech['speak']>
  ): ReturnType<TextToSpeech['speak']> {
    return super.speak({
      audio: (_audio, alignment) => {
        listener.audio(speakMulaw(alignment?.chars.join('') ?? ''), alignment)
      },
      done: () => {
        listener.done()
      },
      failed: (error) => {
        listener.failed(error)
      },
    })
  }
}

function book(voiceFor: () => TextToSpeech = () => new ToneVoice(), store = forgetful) {
  const made = new PhraseBook({ store, voiceFor, clock: systemClock, log: quiet })
  onTestFinished(() => made.close())
  return made
}

async function stocked(tts: FakeVoice = new ToneVoice()) {
  const phrases = book()
  const voice = new StockVoice({ tts, book: phrases, voice: 'v', language: 'en' })
  await phrases.settled
  return { voice, tts, phrases }
}

async function say(voice: StockVoice, ...texts: string[]): Promise<string> {
  const ear = new Ear()
  const speech = voice.speak(ear)
  for (const text of texts) speech.sendText(`${text} `)
  speech.flush()
  const end = await ear.ended
  expect(ear.endings).toHaveLength(1)
  return end === 'done' ? ear.text.trim().replaceAll(/\s+/g, ' ') : end.code
}

describe('a stock phrase', () => {
  it('is heard when the vendor is down, with its timing', async () => {
    const tts = new FakeVoice()
    tts.speak = () => {
      throw gone
    }
    const { voice } = await stocked(tts)
    const ear = new Ear()
    const speech = voice.speak(ear)
    speech.sendText(`${APOLOGY} `)
    speech.flush()
    await expect(ear.ended).resolves.toBe('done')
    expect(ear.text.trim()).toBe(APOLOGY)
    expect(ear.pieces[0]?.alignment?.chars.join('').trim()).toBe(APOLOGY)
  })

  it('comes in its place between words that are spoken', async () => {
    const { voice, tts } = await stocked()
    const heard = await say(
      voice,
      'One.',
      'Two.',
      'Just a second.',
      'Three.',
      'One moment, please.',
    )
    expect(heard).toBe('One. Two. Just a second. Three. One moment, please.')
    expect(tts.texts.map((text) => text.trim())).toEqual(['One.', 'Two.', 'Three.'])
  })

  it('waits for words before it that come later than it', async () => {
    const { voice, tts } = await stocked()
    tts.auto = false
    const ear = new Ear()
    const speech = voice.speak(ear)
    speech.sendText('One. ')
    speech.sendText('Just a second. ')
    speech.flush()
    expect(ear.pieces).toEqual([])
    const { listener } = tts.speeches[0]!
    listener.audio(new Uint8Array(8), { chars: Array.from('One. '), startMs: [0], durationMs: [1] })
    listener.done()
    await expect(ear.ended).resolves.toBe('done')
    expect(ear.text.trim()).toBe('One. Just a second.')
  })

  it('is not heard behind words that could not be said, nor after a cut', async () => {
    const { voice, tts } = await stocked()
    tts.auto = false
    const broken = new Ear()
    const speech = voice.speak(broken)
    speech.sendText('One. ')
    speech.sendText('Just a second. ')
    tts.speeches[0]!.listener.failed(gone)
    await expect(broken.ended).resolves.toBe(gone)
    const cut = new Ear()
    const other = voice.speak(cut)
    other.sendText('One. ')
    other.sendText('Just a second. ')
    other.flush()
    other.cancel()
    expect(tts.speeches[1]?.cancelled).toBe(true)
    tts.speeches[1]!.listener.done()
    expect([broken, cut].map(({ pieces }) => pieces.length)).toEqual([0, 0])
    expect(cut.endings).toEqual([])
  })

  it('is spoken by the voice until it is ready, and in the language of now', async () => {
    const { voice, tts, phrases } = await stocked()
    expect(await say(voice, 'Vielen Dank. Auf Wiederhören.')).toBe('Vielen Dank. Auf Wiederhören.')
    expect(tts.texts).toHaveLength(1)
    voice.switchLanguage('de')
    expect(tts.languages).toEqual(['de'])
    await phrases.settled
    expect(await say(voice, 'Vielen Dank. Auf Wiederhören.')).toBe('Vielen Dank. Auf Wiederhören.')
    expect(tts.texts).toHaveLength(1)
  })

  it('is none when there is nothing to say', async () => {
    const { voice } = await stocked()
    expect(await say(voice)).toBe('')
  })
})

describe('the phrases of a voice', () => {
  it('are spoken once for each voice and language, whoever asks, and kept', async () => {
    const kept: KeptPhrase[] = []
    const voices: FakeVoice[] = []
    const make = () => {
      const tts = new ToneVoice()
      voices.push(tts)
      return tts
    }
    const store = {
      load: () => Promise.resolve(kept.slice(0, 3)),
      keep: (_voice: string, phrase: KeptPhrase) => {
        kept.push(phrase)
        return Promise.resolve()
      },
    }
    const first = book(make, store)
    first.want('v', 'en')
    first.want('v', 'en')
    await first.settled
    expect(kept.map(({ text }) => text)).toEqual(stockTexts('en'))
    expect(voices.map(({ closed }) => closed)).toEqual([true])
    const second = book(make, store)
    second.want('v', 'en')
    await second.settled
    expect(voices[1]?.texts.map((text) => text.trim())).toEqual(stockTexts('en').slice(3))
  })

  it('are asked for again later when the voice could not speak', async () => {
    const tts = new FakeVoice()
    tts.speak = (listener) => {
      queueMicrotask(() => {
        listener.failed(gone)
      })
      return { sendText: () => undefined, flush: () => undefined, cancel: () => undefined }
    }
    const made: TextToSpeech[] = []
    const phrases = book(() => {
      made.push(tts)
      return tts
    })
    phrases.want('v', 'en')
    await phrases.settled
    phrases.want('v', 'en')
    await phrases.settled
    expect(made).toHaveLength(1)
    expect(tts.closed).toBe(true)
  })
})
