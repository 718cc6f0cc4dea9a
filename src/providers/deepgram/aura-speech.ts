import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import type { ProviderError } from '../../errors.ts'
import type { Speech, SpeechListener } from '../../pipeline/ports.ts'
import { failure } from './failure.ts'
import type { SpeakConnection, SpeakListener } from './speak-connection.ts'

/** Text that was flushed, and as much of its audio as has come. */
type Part = { readonly text: string; bytes: number }

const NOTHING: Mulaw8k = new Uint8Array(0)

/**
 * One speech by Aura. Every phrase is flushed, as far as the vendor allows, so that it is spoken at once, and so that it is known when
 * all of its audio is there: then its characters are told to have been spoken at an even pace, as there is no better timing.
 */
export class AuraSpeech implements Speech, SpeakListener {
  readonly #listener: SpeechListener
  /** The connection to speak on, asked for when there is something to say; none when the voice was closed. */
  readonly #connect: () => SpeakConnection | undefined
  readonly #onCancel: () => void
  #connection: SpeakConnection | undefined
  /** Not answered yet, oldest first. */
  readonly #parts: Part[] = []
  /** Given, and not flushed. */
  #loose = ''
  #spoke = false
  #flushed = false
  #over = false

  constructor(
    listener: SpeechListener,
    options: { connection: () => SpeakConnection | undefined; onCancel: () => void },
  ) {
    this.#listener = listener
    this.#connect = options.connection
    this.#onCancel = options.onCancel
  }

  sendText(text: string): void {
    const phrase = text.trim()
    if (phrase === '' || this.#flushed || this.#over) return
    const connection = this.#connected()
    if (!connection) return
    this.#loose += `${phrase} `
    connection.send({ type: 'Speak', text: `${phrase} ` })
    if (connection.mayFlush) this.#flushLoose()
  }

  flush(): void {
    if (this.#flushed || this.#over) return
    this.#flushed = true
    if (this.#loose !== '') this.#flushLoose()
    // Whoever calls it is not called back before it returns.
    queueMicrotask(() => {
      this.#completeIfDone()
    })
  }

  cancel(because?: ProviderError): void {
    if (this.#over) return
    this.#over = true
    const connection = this.#connection
    if (!connection) return
    // What is still on its way could not be told from the next speech.
    if (because) connection.cut()
    else void connection.close()
    this.#onCancel()
  }

  audio(audio: Mulaw8k): void {
    if (this.#over || audio.length === 0) return
    this.#spoke = true
    const [part] = this.#parts
    if (part) part.bytes += audio.length
    this.#listener.audio(audio)
  }

  flushed(): void {
    const part = this.#parts.shift()
    if (this.#over || !part) return
    if (part.bytes > 0) {
      const chars = Array.from(part.text)
      const lengthMs = part.bytes / MULAW_BYTES_PER_MS
      const charMs = lengthMs / chars.length
      this.#listener.audio(NOTHING, {
        chars,
        startMs: chars.map((_, i) => i * charMs - lengthMs),
        durationMs: chars.map(() => charMs),
      })
    }
    this.#completeIfDone()
  }

  failed(error: ProviderError): void {
    if (this.#over) return
    this.#over = true
    this.#listener.failed(error)
  }

  #connected(): SpeakConnection | undefined {
    if (this.#connection) return this.#connection
    this.#connection = this.#connect()
    this.#connection?.take(this)
    if (!this.#connection) {
      queueMicrotask(() => {
        this.failed(failure('disconnected', 'closed'))
      })
    }
    return this.#connection
  }

  #flushLoose(): void {
    this.#parts.push({ text: this.#loose, bytes: 0 })
    this.#loose = ''
    this.#connection?.send({ type: 'Flush' })
  }

  #completeIfDone(): void {
    if (this.#over || !this.#flushed || this.#parts.length > 0) return
    this.#over = true
    this.#connection?.free()
    if (this.#connection && !this.#spoke) {
      this.#listener.failed(failure('empty', 'the speech ended without a sound'))
    } else this.#listener.done()
  }
}
