import { ElevenLabsToTwilio } from '../../audio/elevenlabs-to-twilio.ts'
import type { Mulaw8k } from '../../audio/samples.ts'
import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { baseLanguage } from '../../pipeline/language.ts'
import type { Speech, SpeechListener, TextToSpeech } from '../../pipeline/ports.ts'
import { Connection } from './connection.ts'
import type { VoiceSettings } from './messages.ts'
import { type AudioDecoder, ContextSpeech } from './speech.ts'

/** The longest that the server can be asked to remember a silent context, in seconds. */
const INACTIVITY_TIMEOUT_S = 180

export type StreamingTtsOptions = {
  readonly apiKey: string
  /** Scheme and host, such as `wss://api.elevenlabs.io`; `https` means the same. */
  readonly baseUrl: string
  readonly voiceId: string
  readonly model: string
  /** `ulaw_8000` is the line's own format; `pcm_24000` is resampled here. */
  readonly outputFormat: 'pcm_24000' | 'ulaw_8000'
  /** BCP 47; sent to models that take a language, if they know it. */
  readonly language?: string
  readonly voiceSettings?: VoiceSettings
  readonly clock: Clock
  readonly log: Logger
  readonly connectTimeoutMs: number
  /** A connection takes the place of one that was lost. */
  readonly onReconnect?: () => void
}

/**
 * A call's voice by ElevenLabs' multi-context socket: one connection for the call, a context for each reply, so that an
 * interruption costs no new connection. A lost connection is replaced when somebody speaks; one on which five contexts
 * are still ending, too.
 */
export class StreamingTts implements TextToSpeech {
  readonly #options: StreamingTtsOptions
  readonly #connections = new Set<Connection>()
  /** The one that speeches go to. */
  #current: Connection | undefined
  #isLost = false
  #language: string | undefined
  #spoken = 0
  #closed = false

  constructor(options: StreamingTtsOptions) {
    this.#options = options
    this.#language = options.language
  }

  /** Aborting ends the waiting, not the connection, which a speech may be waiting for as well: `close` does. */
  async connect({ signal }: { signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    const { opened } = this.#connection()
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
    // The text is still being thought of: meanwhile a lost connection is opened again.
    if (!this.#closed) this.#connection()
    this.#spoken++
    const { voiceSettings, outputFormat } = this.#options
    return new ContextSpeech({
      id: `speech-${this.#spoken}`,
      listener,
      decoder: outputFormat === 'pcm_24000' ? new ElevenLabsToTwilio() : asItComes,
      voiceSettings,
      connection: () => (this.#closed ? undefined : this.#connection()),
    })
  }

  /** The language is a property of the connection: there is a new one for what comes, opened ahead of need. */
  switchLanguage(language: string): void {
    const { model } = this.#options
    const changes = languageCode(model, language) !== languageCode(model, this.#language)
    this.#language = language
    if (!changes || this.#closed) return
    this.#current = undefined
    for (const connection of this.#connections) connection.retire()
    this.#connection()
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#connections].map((connection) => connection.close()))
  }

  #connection(): Connection {
    for (const connection of this.#connections) if (connection.hasRoom) return connection
    for (const connection of this.#connections) connection.retire()
    const { apiKey, clock, log, connectTimeoutMs, onReconnect } = this.#options
    if (this.#isLost) onReconnect?.()
    this.#isLost = false
    const connection = new Connection(
      { url: urlOf(this.#options, this.#language), apiKey, clock, log, connectTimeoutMs },
      () => {
        this.#connections.delete(connection)
        this.#isLost ||= this.#current === connection
      },
    )
    this.#connections.add(connection)
    this.#current = connection
    return connection
  }
}

const NOTHING: Mulaw8k = new Uint8Array(0)
const asItComes: AudioDecoder = { push: (audio) => audio, flush: () => NOTHING }

function urlOf(options: StreamingTtsOptions, language: string | undefined): string {
  const { baseUrl, voiceId, model, outputFormat } = options
  const url = new URL(baseUrl.replace(/^http/, 'ws'))
  url.pathname += `${url.pathname.endsWith('/') ? '' : '/'}v1/text-to-speech/${encodeURIComponent(voiceId)}/multi-stream-input`
  url.searchParams.set('model_id', model)
  url.searchParams.set('output_format', outputFormat)
  url.searchParams.set('inactivity_timeout', String(INACTIVITY_TIMEOUT_S))
  // Every text is a whole phrase: it is spoken as it comes, instead of being collected to some length.
  url.searchParams.set('auto_mode', 'true')
  url.searchParams.set('sync_alignment', 'true')
  const code = languageCode(model, language)
  if (code !== undefined) url.searchParams.set('language_code', code)
  return url.href
}

/** The languages of the models that take one (ElevenLabs' page on models); for any other they refuse to speak. */
const LANGUAGES: ReadonlySet<string> = new Set(
  'ar bg cs da de el en es fi fil fr hi hr hu id it ja ko ms nl no pl pt ro ru sk sv ta tr uk vi zh'.split(
    ' ',
  ),
)

/** Models that are not of this family refuse a language or know only one. Without one, it is taken from the text. */
function languageCode(model: string, language: string | undefined): string | undefined {
  const base = baseLanguage(language ?? '')
  return /_v2_5$/.test(model) && LANGUAGES.has(base) ? base : undefined
}
