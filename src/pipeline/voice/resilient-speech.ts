import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import type { Cancel } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import type { Alignment, Speech, SpeechListener } from '../ports.ts'
import { Attempts } from './attempts.ts'
import type { ResilientVoiceParts, VoiceChoice } from './resilient-voice.ts'
import { sentencesOf } from './sentences.ts'
import { type SpokenPiece, SpokenText } from './spoken-text.ts'

/**
 * How much longer than for its first audio a speech is waited for before it is given up, whatever could still be tried: by then the
 * person has heard nothing for almost 2.5 s, and an apology is better.
 */
const LAST_CHANCE_MS = 800
/** The least that an attempt is given: what a new connection and its first audio take. */
const LEAST_CHANCE_MS = 500
/** What is held back goes to the line so long before that has nothing more to play. */
const HOLD_MARGIN_MS = 60
/** How often a speech that ends before its text is gone on with: timing that is short of a word is no reason to say it for ever. */
const MOST_EARLY_ENDS = 2

export type ResilientSpeechParts = ResilientVoiceParts & {
  /** The voice to begin with. */
  readonly first: number
  /** The speech goes on in this voice. */
  readonly changedTo: (at: number) => void
  /** Nothing more comes of it. */
  readonly over: () => void
}

/** One speech, in as many attempts as it takes. */
export class ResilientSpeech implements Speech {
  readonly #listener: SpeechListener
  readonly #parts: ResilientSpeechParts
  readonly #text = new SpokenText()
  readonly #attempts: Attempts
  #at: number
  /** Numbers the attempts: what one that was given up has to say is not heard. */
  #attempt = 0
  #inner: Speech | undefined
  #hasText = false
  #flushed = false
  #earlyEnds = 0
  #over = false
  /** When a text was given to the voice that no audio has followed yet. */
  #askedAt: number | undefined
  /** When the text was written that has not been spoken, whoever was asked to. */
  #waitedSince = -Infinity
  /** This attempt has made a sound. */
  #spoke = false
  /** When everything that was handed on has been played, if the line plays it at once. */
  #playsUntil = -Infinity
  #cancelWatch: Cancel | undefined
  #cancelPause: Cancel | undefined
  #cancelHold: Cancel | undefined

  constructor(listener: SpeechListener, parts: ResilientSpeechParts) {
    this.#listener = listener
    this.#parts = parts
    this.#attempts = new Attempts(parts.voices)
    this.#at = parts.first
    this.#begin()
  }

  sendText(text: string): void {
    if (this.#over || this.#flushed || text.trim() === '') return
    if (this.#askedAt === undefined) this.#waitedSince = this.#parts.clock.now()
    this.#text.add(text)
    this.#say(text)
    this.#watch()
  }

  flush(): void {
    if (this.#over || this.#flushed) return
    this.#flushed = true
    this.#inner?.flush()
    this.#watch()
  }

  cancel(because?: ProviderError): void {
    if (this.#over) return
    this.#finish()
    this.#inner?.cancel(because)
  }

  /** Speaks what is left, by the voice whose turn it is. */
  #begin(): void {
    const attempt = ++this.#attempt
    this.#spoke = false
    this.#text.beginAnew()
    const isNow = () => attempt === this.#attempt && !this.#over
    this.#inner = this.#voice.tts.speak({
      audio: (audio, alignment) => {
        if (isNow()) this.#hear(audio, alignment)
      },
      done: () => {
        if (isNow()) this.#complete()
      },
      failed: (error) => {
        if (isNow()) this.#fail(error)
      },
    })
    for (const sentence of sentencesOf(this.#text.rest)) if (isNow()) this.#say(sentence)
    if (!isNow()) return
    if (this.#flushed) this.#inner.flush()
    this.#watch()
  }

  #say(text: string): void {
    if (!this.#inner || text.trim() === '') return
    this.#hasText = true
    this.#askedAt ??= this.#parts.clock.now()
    this.#inner.sendText(text)
  }

  #hear(audio: Mulaw8k, alignment: Alignment | undefined): void {
    const now = this.#parts.clock.now()
    if (audio.length > 0) {
      this.#askedAt = undefined
      this.#spoke = true
    }
    this.#handOn(this.#text.push(audio, alignment, this.#playsUntil > now))
    this.#cancelHold?.()
    this.#cancelHold = this.#parts.clock.after(this.#playsUntil - now - HOLD_MARGIN_MS, () => {
      const last = this.#text.releaseLast()
      if (last) this.#handOn(last)
    })
    this.#watch()
  }

  #handOn({ audio, alignment }: SpokenPiece): void {
    if (audio.length === 0 && (alignment?.chars.length ?? 0) === 0) return
    const now = this.#parts.clock.now()
    this.#playsUntil = Math.max(now, this.#playsUntil) + audio.length / MULAW_BYTES_PER_MS
    if (audio.length > 0) this.#attempts.progress()
    this.#listener.audio(audio, alignment)
  }

  #complete(): void {
    if (this.#hasText && !this.#spoke) {
      this.#fail(this.#failure('empty', 'the speech ended without a sound'))
      return
    }
    if (this.#text.isBrokenOff && this.#earlyEnds < MOST_EARLY_ENDS) {
      this.#earlyEnds++
      this.#fail(this.#failure('disconnected', 'the speech ended before its text'))
      return
    }
    const held = this.#text.flush()
    if (held) this.#handOn(held)
    this.#voice.circuit.succeeded()
    this.#finish().done()
  }

  #fail(error: ProviderError): void {
    this.#attempt++
    this.#inner = undefined
    this.#hasText = false
    this.#askedAt = undefined
    this.#cancelWatch?.()
    this.#cancelHold?.()
    const { log, clock, changedTo } = this.#parts
    const failed = this.#voice
    failed.circuit.failed(error)
    // Everything was said before it broke.
    if (this.#flushed && this.#text.rest === '') {
      this.#finish().done()
      return
    }
    const next = clock.now() < this.#givenUpAt ? this.#attempts.after(this.#at, error) : undefined
    if (!next) {
      this.#finish().failed(error)
      return
    }
    if (next.at !== this.#at) changedTo(next.at)
    this.#at = next.at
    const { code, vendorCode } = error
    log.warn({ voice: failed.name, code, vendorCode, next: this.#voice.name }, 'voice broke off')
    if (next.afterMs === 0) this.#begin()
    else {
      this.#cancelPause = clock.after(next.afterMs, () => {
        this.#begin()
      })
    }
  }

  /** When the person has waited for too long. */
  get #givenUpAt(): number {
    const { limits } = this.#parts
    return Math.max(this.#waitedSince, this.#playsUntil) + limits.firstAudioMs + LAST_CHANCE_MS
  }

  #watch(): void {
    this.#cancelWatch?.()
    const dueAt = this.#over ? undefined : this.#soundDueAt
    if (dueAt === undefined) return
    const { clock } = this.#parts
    this.#cancelWatch = clock.after(dueAt - clock.now(), () => {
      const error = this.#failure('timeout', 'the voice is silent')
      // It is open, and silent: a used-up quota and a half-open connection both look like this.
      this.#inner?.cancel(error)
      this.#fail(error)
    })
  }

  /** When the voice must be heard of next; undefined while it owes nothing. */
  get #soundDueAt(): number | undefined {
    const { clock, limits } = this.#parts
    const now = clock.now()
    if (!this.#hasText) return undefined
    if (this.#askedAt !== undefined) {
      const dueAt = this.#askedAt + limits.firstAudioMs
      return Math.min(dueAt, Math.max(this.#givenUpAt, this.#askedAt + LEAST_CHANCE_MS))
    }
    // Before the flush a pause may be the writer's.
    if (!this.#flushed && (this.#text.isLoose || this.#text.share === 1)) return undefined
    // While the line has something to play nobody hears that it is late.
    return Math.min(Math.max(now, this.#playsUntil) + limits.stallMs, now + limits.firstAudioMs)
  }

  get #voice(): VoiceChoice {
    return this.#parts.voices[this.#at] ?? this.#parts.voices[0]
  }

  #failure(code: 'timeout' | 'empty' | 'disconnected', message: string): ProviderError {
    return new ProviderError(message, { provider: this.#voice.vendor, code })
  }

  #finish(): SpeechListener {
    this.#over = true
    this.#parts.over()
    this.#cancelWatch?.()
    this.#cancelPause?.()
    this.#cancelHold?.()
    return this.#listener
  }
}
