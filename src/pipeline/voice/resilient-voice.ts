import type { Clock } from '../../clock.ts'
import { type Provider, ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Circuit } from '../circuit.ts'
import type { Speech, SpeechListener, TextToSpeech } from '../ports.ts'
import { ResilientSpeech } from './resilient-speech.ts'

/** A voice that a call may speak with. */
export type VoiceChoice = {
  /** For the log: vendor and voice. */
  readonly name: string
  readonly vendor: Provider
  readonly tts: TextToSpeech
  readonly circuit: Circuit
}

export type VoiceLimits = {
  /** How long a voice may take from a text to the first of its audio. */
  readonly firstAudioMs: number
  /** How long it may be silent in the middle when everything that it has said was played. */
  readonly stallMs: number
}

export type ResilientVoiceParts = {
  /** In the order in which they are asked; at least one. */
  readonly voices: readonly [VoiceChoice, ...VoiceChoice[]]
  readonly limits: VoiceLimits
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Speaks to the end whatever one connection or one vendor does: what breaks off is gone on with from the first word that was not
 * handed on, by a fresh connection, or by the next voice. A call that had to change its voice keeps the new one, as a person who
 * changes their voice twice is stranger than one who does so once.
 */
export class ResilientVoice implements TextToSpeech {
  readonly #parts: ResilientVoiceParts
  readonly #speeches = new Set<Speech>()
  #preferred = 0

  constructor(parts: ResilientVoiceParts) {
    this.#parts = parts
  }

  async connect({ signal }: { signal: AbortSignal }): Promise<void> {
    const at = this.#first
    const voice = this.#voice(at)
    try {
      await voice.tts.connect({ signal })
    } catch (error) {
      if (signal.aborted || at + 1 >= this.#parts.voices.length) throw error
      this.#parts.log.warn({ err: error, voice: voice.name }, 'voice does not connect')
      if (error instanceof ProviderError) voice.circuit.failed(error)
      await this.#voice(at + 1).tts.connect({ signal })
      // One that may be there again in a moment is asked when there is something to say.
      const isPassing =
        error instanceof ProviderError && error.retryable && error.code !== 'timeout'
      if (!isPassing) this.#preferred = at + 1
    }
  }

  speak(listener: SpeechListener): Speech {
    const speech = new ResilientSpeech(listener, {
      ...this.#parts,
      first: this.#first,
      changedTo: (at) => {
        this.#preferred = at
      },
      over: () => {
        this.#speeches.delete(speech)
      },
    })
    this.#speeches.add(speech)
    return speech
  }

  switchLanguage(language: string): void {
    for (const { tts } of this.#parts.voices) tts.switchLanguage(language)
  }

  async close(): Promise<void> {
    for (const speech of this.#speeches) speech.cancel()
    await Promise.all(this.#parts.voices.map(({ tts }) => tts.close()))
  }

  /** The one to ask first: where all are known to be broken, the usual one may be as good as any. */
  get #first(): number {
    const { voices } = this.#parts
    const order = voices.map((_, i) => (this.#preferred + i) % voices.length)
    return order.find((at) => !this.#voice(at).circuit.isOpen) ?? this.#preferred
  }

  #voice(at: number): VoiceChoice {
    return this.#parts.voices[at] ?? this.#parts.voices[0]
  }
}
