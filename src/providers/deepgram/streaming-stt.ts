import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { HearingEvent, HearingListener, SpeechToText } from '../../pipeline/ports.ts'
import { Connection } from './connection.ts'
import type { Ear, EarOwner, EarParts } from './ear.ts'
import { failure } from './failure.ts'
import { FluxEar } from './flux-ear.ts'
import { HeldAudio } from './held-audio.ts'
import { isFlux, type ListenOptions, listenUrl } from './listen-url.ts'
import { NovaEar } from './nova-ear.ts'

/** Five seconds: what a person says before a connection that takes its time is there. */
const MAX_HELD_BYTES = 5000 * MULAW_BYTES_PER_MS

export type StreamingSttOptions = ListenOptions & {
  readonly apiKey: string
  readonly clock: Clock
  readonly log: Logger
  /** From dialling to listening. */
  readonly connectTimeoutMs: number
}

/**
 * Hears one call with Deepgram, over one connection. A failure is told once: before it listens, by the rejection of
 * `start`; afterwards, by a `failed` event.
 */
export class StreamingStt implements SpeechToText {
  readonly #options: StreamingSttOptions
  readonly #held = new HeldAudio(MAX_HELD_BYTES)
  #state: 'new' | 'connecting' | 'listening' | 'over' = 'new'
  #listener: HearingListener | undefined
  #connection: Connection | undefined
  #ear: Ear | undefined
  #skipped = 0
  #cancelDeadline: Cancel | undefined
  #ignoreSignal: (() => void) | undefined
  readonly #started = Promise.withResolvers<undefined>()

  constructor(options: StreamingSttOptions) {
    this.#options = options
  }

  async start(listener: HearingListener, { signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state !== 'new') throw new Error('hearing is started once')
    signal.throwIfAborted()
    this.#state = 'connecting'
    this.#listener = listener
    this.#obey(signal)
    this.#connect()
    await this.#started.promise
  }

  sendAudio(audio: Mulaw8k): void {
    if (audio.length === 0) return
    if (this.#state === 'listening') this.#ear?.sendAudio(audio)
    else if (this.#state !== 'over') this.#held.push(audio)
  }

  async close(): Promise<void> {
    if (this.#state === 'over') return
    this.#stop(new DOMException('hearing was closed before it listened', 'AbortError'))
    await this.#connection?.goodbye()
  }

  #obey(signal: AbortSignal): void {
    const onAbort = () => {
      this.#stop(signal.reason)
      this.#connection?.cut()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#ignoreSignal = () => {
      signal.removeEventListener('abort', onAbort)
    }
  }

  #connect(): void {
    const { clock, connectTimeoutMs } = this.#options
    this.#cancelDeadline = clock.after(connectTimeoutMs, () => {
      this.#fail(failure('timeout', `does not listen after ${connectTimeoutMs} ms`))
    })
    const connection = new Connection(
      { ...this.#options, url: listenUrl(this.#options) },
      {
        opened: () => {
          ear.opened()
        },
        message: (text) => {
          ear.receive(text)
        },
        lost: (error) => {
          this.#fail(error)
        },
      },
    )
    const ear = this.#earOn(connection)
    this.#connection = connection
    this.#ear = ear
  }

  #earOn(connection: Connection): Ear {
    const owner: EarOwner = {
      ready: () => {
        this.#listen()
      },
      heard: (event) => {
        this.#tell(event)
      },
      failed: (error) => {
        this.#fail(error)
      },
      skipped: () => {
        this.#options.log.debug({ skipped: ++this.#skipped }, 'unknown hearing message skipped')
      },
    }
    const parts: EarParts = { connection, clock: this.#options.clock, owner }
    const { model } = this.#options
    return isFlux(model) ? new FluxEar(parts, this.#options) : new NovaEar(parts, this.#options)
  }

  #listen(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'listening'
    this.#cancelDeadline?.()
    for (const audio of this.#held.take()) this.#ear?.sendAudio(audio)
    this.#started.resolve(undefined)
  }

  #tell(event: HearingEvent): void {
    if (this.#state !== 'listening') return
    const droppedMs = this.#held.droppedBytes / MULAW_BYTES_PER_MS
    this.#listener?.(
      event.type === 'turn_end' && event.speechEndMs !== undefined
        ? { ...event, speechEndMs: event.speechEndMs + droppedMs }
        : event,
    )
  }

  #fail(error: ProviderError): void {
    if (this.#state === 'over') return
    const wasListening = this.#state === 'listening'
    this.#stop(error)
    this.#connection?.cut()
    if (wasListening) this.#listener?.({ type: 'failed', error })
  }

  /** Nothing is heard from here on; `reason` is what a `start` that has not resolved rejects with. */
  #stop(reason: unknown): void {
    this.#ear?.stop()
    this.#state = 'over'
    this.#held.take()
    this.#cancelDeadline?.()
    this.#ignoreSignal?.()
    this.#started.reject(reason)
    // Nobody may be waiting for it.
    this.#started.promise.catch(() => undefined)
  }
}
