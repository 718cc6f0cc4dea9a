import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { baseLanguage } from '../../pipeline/language.ts'
import type { Speech, SpeechListener, TextToSpeech } from '../../pipeline/ports.ts'
import { decoderFor, formatFields, type WavesFormat } from './waves-audio.ts'
import { WavesSocket } from './waves-socket.ts'
import { WavesSpeech } from './waves-speech.ts'

/** How long a socket may wait for its speech: longer than any pause in which nobody speaks. */
const IDLE_TIMEOUT_S = 600

export type WavesTtsOptions = {
  readonly apiKey: string
  /** Scheme and host, such as `https://api.smallest.ai`; `wss` means the same. */
  readonly baseUrl: string
  readonly voiceId: string
  readonly model: string
  readonly outputFormat: WavesFormat
  /** BCP 47; a voice that does not know it speaks as in English. */
  readonly language?: string
  /** Ask for the times of words, which some voices tell. */
  readonly wordTimes: boolean
  /** How long after its last audio the server may take to say that it is done. */
  readonly completeBackoffMs: number
  readonly connectTimeoutMs: number
  /** How long a speech may wait for its first audio, and after its flush for the next, before it is given up. */
  readonly firstAudioTimeoutMs: number
  /** A connection takes the place of one that was lost. */
  readonly onReconnect?: () => void
  readonly clock: Clock
  readonly log: Logger
}

/**
 * A call's voice by Waves' socket. There is no way to interrupt but to close it, so each speech has a socket of its own, which is
 * opened while its text is still being thought of.
 */
export class WavesTts implements TextToSpeech {
  readonly #options: WavesTtsOptions
  /** Those that are not over. */
  readonly #sockets = new Set<WavesSocket>()
  /** The one for the next speech. */
  #spare: WavesSocket | undefined
  #language: string | undefined
  #spoken = 0
  #isLost = false
  #isClosed = false

  constructor(options: WavesTtsOptions) {
    this.#options = options
    this.#language = options.language
  }

  /** Aborting ends the waiting, not the connection, which a speech may be waiting for as well: `close` does. */
  async connect({ signal }: { signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    const { opened } = this.#prepare()
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      opened.then(resolve, reject).finally(() => {
        signal.removeEventListener('abort', onAbort)
      })
    })
  }

  speak(listener: SpeechListener): Speech {
    if (!this.#isClosed) this.#prepare()
    const { outputFormat, voiceId, model, wordTimes, completeBackoffMs } = this.#options
    const language = this.#language && baseLanguage(this.#language)
    return new WavesSpeech({
      id: `speech-${++this.#spoken}`,
      listener,
      decoder: decoderFor(outputFormat),
      voice: {
        voice_id: voiceId,
        model,
        ...formatFields(outputFormat),
        ...(language !== undefined && { language }),
        ...(wordTimes && { word_timestamps: true }),
        complete_backoff_ms: completeBackoffMs,
      },
      silenceMs: this.#options.firstAudioTimeoutMs,
      clock: this.#options.clock,
      socket: () => this.#take(),
    })
  }

  /** The language is a property of each request. */
  switchLanguage(language: string): void {
    this.#language = language
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#sockets].map((socket) => socket.leave()))
  }

  #take(): WavesSocket | undefined {
    if (this.#isClosed) return undefined
    const socket = this.#prepare()
    this.#spare = undefined
    return socket
  }

  #prepare(): WavesSocket {
    if (this.#spare) return this.#spare
    const { apiKey, clock, log, connectTimeoutMs, onReconnect } = this.#options
    if (this.#isLost) onReconnect?.()
    this.#isLost = false
    const socket = new WavesSocket(
      { url: urlOf(this.#options), apiKey, clock, log, connectTimeoutMs },
      (error) => {
        this.#sockets.delete(socket)
        if (this.#spare === socket) this.#spare = undefined
        this.#isLost ||= error !== undefined
      },
    )
    this.#sockets.add(socket)
    this.#spare = socket
    return socket
  }
}

function urlOf({ baseUrl }: WavesTtsOptions): string {
  const url = new URL(baseUrl.replace(/^http/, 'ws'))
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/waves/v1/tts/live`
  url.searchParams.set('timeout', String(IDLE_TIMEOUT_S))
  return url.href
}
