import type { ProviderError } from '../../errors.ts'
import type { Speech, SpeechListener, TextToSpeech } from '../ports.ts'
import type { KeptPhrase, PhraseBook } from './phrase-book.ts'

export type StockVoiceParts = {
  readonly tts: TextToSpeech
  readonly book: Pick<PhraseBook, 'find' | 'want'>
  /** Whose phrases are spoken from the book. */
  readonly voice: string
  /** BCP 47 */
  readonly language: string
}

/** A voice that has its stock phrases ready, whatever becomes of its vendor. */
export class StockVoice implements TextToSpeech {
  readonly #parts: StockVoiceParts
  #language: string

  constructor(parts: StockVoiceParts) {
    this.#parts = parts
    this.#language = parts.language
    parts.book.want(parts.voice, parts.language)
  }

  connect(options: { signal: AbortSignal }): Promise<void> {
    return this.#parts.tts.connect(options)
  }

  speak(listener: SpeechListener): Speech {
    const { tts, book, voice } = this.#parts
    const language = this.#language
    return new StockSpeech(listener, {
      tts,
      kept: (text) => book.find(voice, language, text),
    })
  }

  switchLanguage(language: string): void {
    const { tts, book, voice } = this.#parts
    this.#language = language
    tts.switchLanguage(language)
    book.want(voice, language)
  }

  close(): Promise<void> {
    return this.#parts.tts.close()
  }
}

/** What is heard one after the other: a kept phrase, or what the voice makes of the texts between two of them. */
type Section = {
  /** None for a kept phrase. */
  readonly speech: Speech | undefined
  /** What has come and waits for its turn. */
  readonly waiting: (() => void)[]
}

class StockSpeech implements Speech {
  readonly #listener: SpeechListener
  readonly #tts: TextToSpeech
  readonly #kept: (text: string) => KeptPhrase | undefined
  /** Those that are not over, the one that is heard first. */
  readonly #sections: Section[] = []
  #flushed = false
  #over = false

  constructor(
    listener: SpeechListener,
    options: { tts: TextToSpeech; kept: (text: string) => KeptPhrase | undefined },
  ) {
    this.#listener = listener
    this.#tts = options.tts
    this.#kept = options.kept
  }

  sendText(text: string): void {
    if (this.#over || this.#flushed || text.trim() === '') return
    const phrase = this.#kept(text)
    if (!phrase) {
      this.#speech().sendText(text)
      return
    }
    // Whoever spoke before it does not go on behind it.
    this.#sections.at(-1)?.speech?.flush()
    const section: Section = { speech: undefined, waiting: [] }
    this.#sections.push(section)
    this.#inTurn(section, () => {
      this.#listener.audio(phrase.audio, phrase.alignment)
      this.#next(section)
    })
  }

  flush(): void {
    if (this.#over || this.#flushed) return
    this.#flushed = true
    this.#sections.at(-1)?.speech?.flush()
    // Whoever calls it is not called back before it returns.
    queueMicrotask(() => {
      this.#finishIfDone()
    })
  }

  cancel(because?: ProviderError): void {
    if (this.#over) return
    this.#over = true
    for (const { speech } of this.#sections) speech?.cancel(because)
  }

  #speech(): Speech {
    const last = this.#sections.at(-1)
    if (last?.speech) return last.speech
    const speech = this.#tts.speak({
      audio: (audio, alignment) => {
        this.#inTurn(section, () => {
          this.#listener.audio(audio, alignment)
        })
      },
      done: () => {
        this.#inTurn(section, () => {
          this.#next(section)
        })
      },
      failed: (error) => {
        this.#fail(error)
      },
    })
    const section: Section = { speech, waiting: [] }
    this.#sections.push(section)
    return speech
  }

  /** The first is heard at once, all others when it is their turn. */
  #inTurn(section: Section, run: () => void): void {
    if (this.#over) return
    if (this.#sections[0] === section) run()
    else section.waiting.push(run)
  }

  #next(over: Section): void {
    this.#sections.splice(this.#sections.indexOf(over), 1)
    const [first] = this.#sections
    if (first) for (const run of first.waiting.splice(0)) run()
    else this.#finishIfDone()
  }

  #finishIfDone(): void {
    if (this.#over || !this.#flushed || this.#sections.length > 0) return
    this.#over = true
    this.#listener.done()
  }

  /** What was said before it stands; nothing behind it is heard. */
  #fail(error: ProviderError): void {
    if (this.#over) return
    this.#over = true
    for (const { speech } of this.#sections) speech?.cancel()
    this.#listener.failed(error)
  }
}
