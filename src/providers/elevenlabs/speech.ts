import type { ProviderError } from '../../errors.ts'
import type { Mulaw8k } from '../../audio/samples.ts'
import type { Alignment, Speech, SpeechListener } from '../../pipeline/ports.ts'
import type { Connection } from './connection.ts'
import { failure } from './failure.ts'
import {
  type ClientMessage,
  encodeVoiceSettings,
  type SpeechFrame,
  type VoiceSettings,
} from './messages.ts'

/** Turns the audio of one context, in whatever chunks it comes, into the line's. */
export interface AudioDecoder {
  push(audio: Uint8Array): Mulaw8k
  flush(): Mulaw8k
}

export type SpeechOptions = {
  readonly id: string
  readonly listener: SpeechListener
  readonly decoder: AudioDecoder
  readonly voiceSettings: VoiceSettings | undefined
  /** The connection to speak on, asked for when there is something to say; none when the voice was closed. */
  readonly connection: () => Connection | undefined
}

/** Of audio in which nothing begins. */
const NOTHING_NEW: Alignment = { chars: [], startMs: [], durationMs: [] }

type Send = (message: ClientMessage) => void

/**
 * The speech of one reply: one context of a connection.
 *
 * It takes a place on a connection with its first text. The end of a speech is asked for by a flush and a close of its
 * context: a flush alone is never acknowledged, while the close after it brings one final frame behind all audio. A close
 * without a flush is how a speech is cancelled.
 */
export class ContextSpeech implements Speech {
  readonly id: string
  readonly #options: SpeechOptions
  #connection: Connection | undefined
  /** Set from the moment that the context exists on the server. */
  #send: Send | undefined
  readonly #outbox: ClientMessage[] = []
  #flushed = false
  #over = false
  #spoke = false
  #isTimed = false

  constructor(options: SpeechOptions) {
    this.id = options.id
    this.#options = options
  }

  sendText(text: string): void {
    const phrase = text.trim()
    if (phrase === '' || this.#flushed || this.#over) return
    // The protocol wants text to end in one space: without it the last word could still go on.
    this.#write({ text: `${phrase} `, context_id: this.id })
    if (this.#connection) return
    this.#connection = this.#options.connection()
    if (this.#connection) this.#connection.join(this)
    else this.#failSoon(failure('disconnected', 'closed'))
  }

  flush(): void {
    if (this.#flushed || this.#over) return
    this.#flushed = true
    if (!this.#connection) {
      // Nothing was to be said. Whoever calls `flush` is not called back before it returns.
      queueMicrotask(() => {
        if (!this.#over) this.#finish().done()
      })
      return
    }
    this.#write({ context_id: this.id, flush: true })
    this.#write({ context_id: this.id, close_context: true })
  }

  cancel(because?: ProviderError): void {
    if (because) {
      this.#giveUp(because)
      return
    }
    if (this.#over) return
    this.#finish()
    if (!this.#send) {
      this.#connection?.release(this.id)
      return
    }
    // A closed context is unknown to the server: a second close would open a new one.
    if (!this.#flushed) this.#send({ context_id: this.id, close_context: true })
    this.#connection?.drain(this.id)
  }

  /** There is a connection: opens the context and sends what was written so far. */
  begin(send: Send): void {
    const { voiceSettings } = this.#options
    send({
      // One space opens a context; the voice's settings are only allowed in this first message.
      text: ' ',
      context_id: this.id,
      ...(voiceSettings && { voice_settings: encodeVoiceSettings(voiceSettings) }),
    })
    for (const message of this.#outbox) send(message)
    this.#outbox.length = 0
    this.#send = send
  }

  keepAlive(): void {
    if (!this.#flushed && !this.#over) this.#send?.({ text: '', context_id: this.id })
  }

  receive({ audio, alignment, final }: SpeechFrame): void {
    if (!this.#over && audio.length > 0) {
      this.#spoke = true
      this.#isTimed = alignment !== undefined
      const decoded = this.#options.decoder.push(audio)
      // Less than three samples may not be heard of before the next.
      if (decoded.length > 0 || alignment) this.#options.listener.audio(decoded, alignment)
    }
    // Only an end that was asked for is one.
    if (!final || !(this.#flushed || this.#over)) return
    this.#connection?.release(this.id)
    this.#complete()
  }

  fail(error: ProviderError): void {
    this.#connection?.release(this.id)
    if (!this.#over) this.#finish().failed(error)
  }

  #complete(): void {
    if (this.#over) return
    const listener = this.#finish()
    if (!this.#spoke) {
      listener.failed(failure('empty', 'the speech ended without a sound'))
      return
    }
    // The tail is of the last frame, and so is its timing.
    const tail = this.#options.decoder.flush()
    if (tail.length > 0) listener.audio(tail, this.#isTimed ? NOTHING_NEW : undefined)
    listener.done()
  }

  #failSoon(error: ProviderError): void {
    queueMicrotask(() => {
      this.fail(error)
    })
  }

  #write(message: ClientMessage): void {
    if (this.#send) this.#send(message)
    else this.#outbox.push(message)
  }

  /** Whoever else is on the connection hears why it is gone. */
  #giveUp(because: ProviderError): void {
    const connection = this.#over ? undefined : this.#connection
    this.#finish()
    connection?.release(this.id)
    connection?.abandon(because)
  }

  #finish() {
    this.#over = true
    return this.#options.listener
  }
}
