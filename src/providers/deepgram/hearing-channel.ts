import type { Mulaw8k } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { HearingEvent } from '../../pipeline/ports.ts'
import type { Channel, ChannelOwner } from '../hearing/channel.ts'
import { shifted } from '../hearing/event-time.ts'
import { Connection } from './connection.ts'
import type { Ear } from './ear.ts'
import { failure } from './failure.ts'
import { FluxEar } from './flux-ear.ts'
import { hearingModel, isFlux } from './hearing-model.ts'
import { type ListenOptions, listenUrl } from './listen-url.ts'
import { NovaEar } from './nova-ear.ts'

export type HearingOptions = ListenOptions & {
  readonly apiKey: string
  readonly clock: Clock
  readonly log: Logger
  /** From dialling to listening. */
  readonly connectTimeoutMs: number
}

/** One connection to Deepgram with the ear on it: dialled when it is made, and given audio from some point of the call on. */
export class HearingChannel implements Channel {
  readonly #options: HearingOptions
  readonly #connection: Connection
  readonly #ear: Ear
  readonly #owner: ChannelOwner
  readonly #cancelDeadline: Cancel
  #language: string
  #ready = false
  #over = false
  #originMs = 0
  #skipped = 0

  constructor(options: HearingOptions, owner: ChannelOwner) {
    const { clock, connectTimeoutMs } = options
    this.#options = options
    this.#owner = owner
    this.#language = options.language
    this.#cancelDeadline = clock.after(connectTimeoutMs, () => {
      this.#fail(failure('timeout', `does not listen after ${connectTimeoutMs} ms`))
    })
    this.#connection = new Connection(
      { ...options, url: listenUrl(options) },
      {
        opened: () => {
          this.#ear.opened()
        },
        message: (text) => {
          this.#ear.receive(text)
        },
        lost: (error) => {
          this.#fail(error)
        },
      },
    )
    this.#ear = this.#makeEar()
  }

  get ready(): boolean {
    return this.#ready
  }

  beginAt(originMs: number): void {
    this.#originMs = originMs
  }

  sendAudio(audio: Mulaw8k): void {
    this.#ear.sendAudio(audio)
  }

  setPatience(pauseMs: number): void {
    this.#ear.setPatience(pauseMs)
  }

  takeLanguage(language: string): boolean {
    const same = listenUrl({ ...this.#options, language }) === this.#url
    const takes =
      same || (this.#modelFor(language) === this.#model && this.#ear.takeLanguage(language))
    if (takes) this.#language = language
    return takes
  }

  cut(): void {
    this.#end()
    this.#connection.cut()
  }

  async goodbye(): Promise<void> {
    this.#end()
    await this.#connection.goodbye()
  }

  get #url(): string {
    return listenUrl({ ...this.#options, language: this.#language })
  }

  get #model(): string {
    return this.#modelFor(this.#options.language)
  }

  #modelFor(language: string): string {
    return hearingModel(this.#options.model, language)
  }

  #makeEar(): Ear {
    const { clock, log } = this.#options
    const parts = {
      connection: this.#connection,
      clock,
      owner: {
        ready: () => {
          this.#listen()
        },
        heard: (event: HearingEvent) => {
          if (!this.#over) this.#owner.heard(shifted(event, this.#originMs))
        },
        failed: (error: ProviderError) => {
          this.#fail(error)
        },
        skipped: () => {
          log.debug({ skipped: ++this.#skipped }, 'unknown hearing message skipped')
        },
        refused: (reason: string) => {
          log.warn({ reason }, 'hearing settings refused')
        },
      },
    }
    const model = this.#model
    return isFlux(model)
      ? new FluxEar(parts, { ...this.#options, model })
      : new NovaEar(parts, this.#options)
  }

  #listen(): void {
    if (this.#over || this.#ready) return
    this.#ready = true
    this.#cancelDeadline()
    this.#owner.ready()
  }

  #fail(error: ProviderError): void {
    if (this.#over) return
    this.cut()
    this.#owner.failed(error)
  }

  #end(): void {
    this.#ear.stop()
    this.#over = true
    this.#cancelDeadline()
  }
}
