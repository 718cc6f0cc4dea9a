import type { ProviderError } from '../errors.ts'
import { Phrases } from './phrases.ts'
import type { Playback } from './playout.ts'
import type { Speech, TextToSpeech } from './ports.ts'
import { Speakable } from './speakable/speakable.ts'

/** The speaking half of a reply: collects text, speaks whole phrases, in words that can be spoken. */
export class ReplyVoice {
  readonly #tts: TextToSpeech
  readonly #playback: Playback
  readonly #onPhrase: () => void
  readonly #signal: AbortSignal
  readonly #phrases: Phrases
  readonly #speakable: Speakable
  readonly #spoken = Promise.withResolvers<undefined>()
  #speech: Speech | undefined
  #failure: ProviderError | undefined

  constructor(options: {
    tts: TextToSpeech
    playback: Playback
    /** BCP 47 */
    language: string
    /** How words are to be said: as written → as spoken. */
    pronunciation: Readonly<Record<string, string>>
    signal: AbortSignal
    onPhrase: () => void
  }) {
    this.#phrases = new Phrases(options.language)
    this.#speakable = new Speakable(options)
    this.#tts = options.tts
    this.#playback = options.playback
    this.#onPhrase = options.onPhrase
    this.#signal = options.signal
    // Whoever awaits it hears of a failure; a voice that fails while text still comes must not be an unhandled one.
    this.#spoken.promise.catch(() => undefined)
  }

  /** @throws {ProviderError} when the voice has failed meanwhile */
  write(text: string): void {
    if (this.#failure) throw this.#failure
    for (const phrase of this.#phrases.push(text)) this.#speak(phrase)
  }

  /** Speaks what waits for the end of its phrase: nothing more is written for a while. */
  breathe(): void {
    if (this.#failure) throw this.#failure
    for (const phrase of this.#phrases.flush()) this.#speak(`${phrase.trimEnd()} `)
  }

  /** Speaks a whole phrase, after what was written before it. */
  say(phrase: string): void {
    this.breathe()
    this.#speak(`${phrase} `)
  }

  /** Speaks the rest, or `otherwise` when there was no word at all, and waits for all audio. */
  async finish(otherwise: string | undefined): Promise<void> {
    for (const phrase of this.#phrases.flush()) this.#speak(phrase)
    if (!this.#speech && otherwise !== undefined) this.#speak(otherwise)
    if (!this.#speech) return
    this.#speech.flush()
    const onAbort = () => {
      this.#spoken.reject(this.#signal.reason)
    }
    this.#signal.addEventListener('abort', onAbort, { once: true })
    try {
      await this.#spoken.promise
    } finally {
      this.#signal.removeEventListener('abort', onAbort)
    }
  }

  cancel(): void {
    this.#speech?.cancel()
  }

  #speak(phrase: string): void {
    const pieces = this.#speakable.phrase(phrase)
    if (pieces.length === 0) return
    this.#speech ??= this.#tts.speak({
      audio: (audio, alignment) => {
        this.#playback.push(audio, alignment)
      },
      done: () => {
        this.#spoken.resolve(undefined)
      },
      failed: (error) => {
        this.#failure = error
        this.#spoken.reject(error)
      },
    })
    for (const { written, spoken } of pieces) this.#playback.addText(written, spoken)
    this.#speech.sendText(pieces.map(({ spoken }) => spoken).join(''))
    this.#onPhrase()
  }
}
