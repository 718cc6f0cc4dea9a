import type { Mulaw8k } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { type SocketFailures, VendorSocket } from '../vendor-socket.ts'
import { failure, failureOfClose, failureOfRefusal } from './failure.ts'
import { parseJson } from './messages.ts'
import {
  FLUSHES_WITHIN_MS,
  MAX_FLUSHES,
  type SpeakClientMessage,
  SpeakServerMessage,
} from './speak-messages.ts'

const MAX_MESSAGE_BYTES = 4 * 1024 * 1024
const GOODBYE_MS = 1000
/** Flushes that are left for the ends of speeches, which cannot do without. */
const SPARED_FLUSHES = 4

export type SpeakConnectionOptions = {
  readonly url: string
  readonly apiKey: string
  readonly clock: Clock
  readonly log: Logger
  readonly connectTimeoutMs: number
}

/** The speech that a connection is busy with. */
export interface SpeakListener {
  audio(audio: Mulaw8k): void
  /** All audio of what was given before the oldest flush that was not answered yet. */
  flushed(): void
  failed(error: ProviderError): void
}

const failures: SocketFailures = {
  refused: ({ statusCode, headers }, body) =>
    failureOfRefusal(statusCode ?? 0, [headers['dg-error']].flat()[0], body),
  closed: failureOfClose,
  broken: (code, cause) => failure(code, cause.message, { vendorCode: cause.code, cause }),
}

/** One WebSocket that speaks, for one speech at a time: nothing in what comes back says which one it is of. */
export class SpeakConnection {
  /** Rejects with the `ProviderError` that the speech on it is told as well. */
  readonly opened: Promise<void>
  readonly #socket: VendorSocket
  readonly #clock: Clock
  readonly #log: Logger
  readonly #cancelDeadline: Cancel
  readonly #onOver: () => void
  readonly #failOpening: (error: ProviderError) => void
  #outbox: SpeakClientMessage[] | undefined = []
  #flushes: number[] = []
  #isOver = false
  #listener: SpeakListener | undefined

  constructor(options: SpeakConnectionOptions, onOver: () => void) {
    const { url, apiKey, clock, log, connectTimeoutMs } = options
    this.#clock = clock
    this.#log = log
    this.#onOver = onOver
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    this.opened = promise
    // Not everybody waits for it; whoever speaks is told by `failed`.
    promise.catch(() => undefined)
    this.#failOpening = reject
    this.#socket = new VendorSocket(
      {
        url,
        headers: { authorization: `Token ${apiKey}` },
        maxMessageBytes: MAX_MESSAGE_BYTES,
        goodbyeMs: GOODBYE_MS,
        clock,
        failures,
      },
      {
        accepted: (response) => {
          log.debug(
            { requestId: response.headers['dg-request-id'] },
            'speaking connection accepted',
          )
        },
        opened: () => {
          this.#open()
          resolve(undefined)
        },
        message: (text) => {
          this.#receive(text ?? '')
        },
        binary: (audio) => {
          this.#listener?.audio(audio)
        },
        lost: (error) => {
          this.#lose(error)
        },
      },
    )
    this.#cancelDeadline = clock.after(connectTimeoutMs, () => {
      this.#socket.lose(failure('timeout', `no connection within ${connectTimeoutMs} ms`))
    })
  }

  /** Nobody speaks on it, and somebody may. */
  get isFree(): boolean {
    return !this.#isOver && this.#listener === undefined
  }

  /** Whether a flush in the middle of a speech leaves enough of them for its end. */
  get mayFlush(): boolean {
    const since = this.#clock.now() - FLUSHES_WITHIN_MS
    this.#flushes = this.#flushes.filter((at) => at > since)
    return this.#flushes.length < MAX_FLUSHES - SPARED_FLUSHES
  }

  take(listener: SpeakListener): void {
    this.#listener = listener
  }

  /** The speech on it is over, and nothing more of it comes. */
  free(): void {
    this.#listener = undefined
  }

  send(message: SpeakClientMessage): void {
    if (message.type === 'Flush') this.#flushes.push(this.#clock.now())
    if (this.#outbox) this.#outbox.push(message)
    else this.#socket.send(JSON.stringify(message))
  }

  /** Ends it at once, as one that is broken. */
  cut(): void {
    this.#end(failure('disconnected', 'closed'))
    this.#socket.cut()
  }

  /** Ends it as the protocol wants it; nothing more of it is heard. */
  async close(): Promise<void> {
    if (this.#isOver) return
    this.#end(failure('disconnected', 'closed'))
    if (!this.#outbox)
      this.#socket.send(JSON.stringify({ type: 'Clear' } satisfies SpeakClientMessage))
    await this.#socket.goodbye(JSON.stringify({ type: 'Close' } satisfies SpeakClientMessage))
  }

  #open(): void {
    this.#cancelDeadline()
    const waiting = this.#outbox ?? []
    this.#outbox = undefined
    for (const message of waiting) this.#socket.send(JSON.stringify(message))
  }

  #receive(text: string): void {
    const json = parseJson(text)
    if (json === undefined) {
      this.#socket.lose(failure('protocol', 'a message that is not JSON'))
      return
    }
    const message = SpeakServerMessage.safeParse(json)
    if (!message.success) this.#log.debug('unknown speaking message ignored')
    else if (message.data.type === 'Flushed') this.#listener?.flushed()
    else if (message.data.type === 'Warning') {
      const { code, description } = message.data
      this.#log.debug({ code, description }, 'voice warns')
    }
  }

  #lose(error: ProviderError): void {
    const listener = this.#listener
    this.#end(error)
    listener?.failed(error)
  }

  #end(error: ProviderError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#cancelDeadline()
    this.#failOpening(error)
    this.#listener = undefined
    this.#onOver()
  }
}
