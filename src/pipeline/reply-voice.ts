import { FillerSpeech } from './filler-speech.ts'
import { Phrases } from './phrases.ts'
import type { Playback } from './playout.ts'
import type { TextToSpeech } from './ports.ts'
import { QueuedSpeech } from './queued-speech.ts'
import { Speakable } from './speakable/speakable.ts'

/**
 * The speaking half of a reply: collects text, speaks whole phrases, in words that can be spoken. A reply in the middle of
 * which the language changes goes on in another speech.
 */
export class ReplyVoice {
  readonly #options: ReplyVoiceOptions
  readonly #speeches: QueuedSpeech[] = []
  readonly #fillers: FillerSpeech
  #language: string
  #phrases: Phrases
  #speakable: Speakable
  /** What the language of now is spoken by; none before its first word. */
  #speech: QueuedSpeech | undefined
  #isCutShort = false

  constructor(options: ReplyVoiceOptions) {
    this.#options = options
    this.#language = options.language()
    this.#phrases = new Phrases(this.#language)
    this.#speakable = this.#newSpeakable()
    const { tts, playback } = options
    this.#fillers = new FillerSpeech(tts, {
      begin: (text) => {
        playback.beginFiller(text)
      },
      audio: (audio, alignment) => {
        playback.pushFiller(audio, alignment)
      },
      end: () => {
        playback.endFiller()
      },
    })
  }

  /** @throws {ProviderError} when the voice has failed meanwhile */
  write(text: string): void {
    this.#followLanguage()
    for (const phrase of this.#phrases.push(text)) this.#speak(phrase)
  }

  /** Speaks what waits for the end of its phrase: nothing more is written for a while. */
  breathe(): void {
    this.#throwIfFailed()
    for (const phrase of this.#phrases.flush()) this.#speak(`${phrase.trimEnd()} `)
  }

  /** Speaks a whole phrase, after what was written before it. */
  say(phrase: string): void {
    this.breathe()
    this.#followLanguage()
    this.#speak(`${phrase} `)
  }

  /** Fills the wait with words that are no part of the reply, unless the reply is heard first. */
  fill(phrase: string): void {
    this.#fillers.say(phrase)
  }

  /** The wait is not to be filled any more. */
  dropFiller(): void {
    this.#fillers.drop()
  }

  /** The same for a sentence that has no end, unless it is all there is. */
  forgetHalfSentence(): void {
    if (this.#speeches.length > 0 && !this.#phrases.endsSentence) this.forget()
  }

  /** What is not with the voice yet is never said. */
  forget(): void {
    this.#phrases = new Phrases(this.#language)
    this.#speakable = this.#newSpeakable()
  }

  /** Speaks the rest, or `otherwise` when there was no word at all, and waits for all audio. */
  async finish(otherwise: string | undefined): Promise<void> {
    for (const phrase of this.#phrases.flush()) this.#speak(phrase)
    if (this.#speeches.length === 0 && otherwise !== undefined) {
      this.#followLanguage()
      this.#speak(otherwise)
    }
    this.#speech?.flush()
    const { signal } = this.#options
    const aborted = Promise.withResolvers<never>()
    const onAbort = () => {
      aborted.reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([this.#allSpoken(), aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #allSpoken(): Promise<void> {
    await Promise.all(this.#speeches.map(({ over }) => over))
    const silent = Promise.withResolvers<undefined>()
    this.#fillers.give(() => {
      silent.resolve(undefined)
    })
    await silent.promise
  }

  cancel(): void {
    this.#fillers.drop()
    for (const speech of this.#speeches) speech.cancel()
  }

  /** What was written before is still said in the language before. */
  #followLanguage(): void {
    this.#throwIfFailed()
    const language = this.#options.language()
    if (language === this.#language) return
    this.breathe()
    this.#speech?.flush()
    this.#speech = undefined
    this.#language = language
    this.#phrases = new Phrases(language)
    this.#speakable = this.#newSpeakable()
  }

  #newSpeakable(): Speakable {
    return new Speakable({ language: this.#language, pronunciation: this.#options.pronunciation })
  }

  #throwIfFailed(): void {
    for (const { failure } of this.#speeches) if (failure) throw failure
  }

  /** A reply that gives something away ends where it does: the person is told that it cannot be said, and no more of it. */
  #speak(phrase: string): void {
    if (this.#isCutShort) return
    const { leaks, onLeak } = this.#options
    this.#isCutShort = leaks?.(phrase) ?? false
    this.#utter(this.#isCutShort ? (onLeak?.() ?? '') : phrase)
  }

  #utter(phrase: string): void {
    const { tts, playback, onPhrase } = this.#options
    const pieces = this.#speakable.phrase(phrase)
    if (pieces.length === 0) return
    if (!this.#speech) {
      this.#speech = new QueuedSpeech({
        tts,
        playback,
        fillers: this.#fillers,
        before: this.#speeches.at(-1),
      })
      this.#speeches.push(this.#speech)
    }
    for (const { written, spoken } of pieces) playback.addText(written, spoken)
    this.#speech.sendText(pieces.map(({ spoken }) => spoken).join(''))
    onPhrase()
  }
}

export type ReplyVoiceOptions = {
  readonly tts: TextToSpeech
  readonly playback: Playback
  /** BCP 47; asked for every time, as it may change while the reply goes on. */
  readonly language: () => string
  /** How words are to be said: as written → as spoken. */
  readonly pronunciation: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly onPhrase: () => void
  /** Whether a phrase, after those before it, says what nobody is to hear; by default none does. */
  readonly leaks?: ((phrase: string) => boolean) | undefined
  /** Such a phrase came. Returns what is said in its place. */
  readonly onLeak?: () => string
}
