import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import type { Speech, SpeechListener, TextToSpeech } from '../../pipeline/ports.ts'
import { AuraSpeech } from './aura-speech.ts'
import { SpeakConnection } from './speak-connection.ts'

export type AuraTtsOptions = {
  readonly apiKey: string
  /** Scheme and host, such as `wss://api.deepgram.com`; `https` means the same. */
  readonly baseUrl: string
  /** Voice and language in one name, such as `aura-2-thalia-en`. */
  readonly model: string
  readonly clock: Clock
  readonly log: Logger
  readonly connectTimeoutMs: number
}

/**
 * A call's voice by Deepgram's Aura, in the line's own format. A connection speaks one speech at a time and is used again for the next;
 * one whose speech was cut off is closed, and another is opened ahead of need.
 */
export class AuraTts implements TextToSpeech {
  readonly #options: AuraTtsOptions
  readonly #connections = new Set<SpeakConnection>()
  #closed = false

  constructor(options: AuraTtsOptions) {
    this.#options = options
  }

  /** Aborting ends the waiting, not the connection: `close` does. */
  async connect({ signal }: { signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    const aborted = Promise.withResolvers<never>()
    const onAbort = () => {
      aborted.reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await Promise.race([this.#free().opened, aborted.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  speak(listener: SpeechListener): Speech {
    return new AuraSpeech(listener, {
      connection: () => (this.#closed ? undefined : this.#free()),
      onCancel: () => {
        if (!this.#closed) this.#free()
      },
    })
  }

  /** A voice of Aura knows the language of its name, and no other. */
  switchLanguage(): void {
    this.#options.log.debug({ model: this.#options.model }, 'this voice knows one language')
  }

  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#connections].map((connection) => connection.close()))
  }

  #free(): SpeakConnection {
    for (const connection of this.#connections) if (connection.isFree) return connection
    const { apiKey, clock, log, connectTimeoutMs } = this.#options
    const connection = new SpeakConnection(
      { url: urlOf(this.#options), apiKey, clock, log, connectTimeoutMs },
      () => {
        this.#connections.delete(connection)
      },
    )
    this.#connections.add(connection)
    return connection
  }
}

function urlOf({ baseUrl, model }: AuraTtsOptions): string {
  const url = new URL(baseUrl.replace(/^http/, 'ws'))
  url.pathname += `${url.pathname.endsWith('/') ? '' : '/'}v1/speak`
  url.searchParams.set('model', model)
  url.searchParams.set('encoding', 'mulaw')
  url.searchParams.set('sample_rate', '8000')
  return url.href
}
