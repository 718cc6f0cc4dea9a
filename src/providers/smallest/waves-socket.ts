import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { VendorSocket } from '../vendor-socket.ts'
import { failure, socketFailures } from './failure.ts'
import { parseJson } from './json.ts'
import { SocketFrame, type SocketRequest } from './waves-messages.ts'

/** A chunk of audio is some ten kB. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024
const GOODBYE_MS = 1000

export type WavesSocketOptions = {
  readonly url: string
  readonly apiKey: string
  readonly connectTimeoutMs: number
  readonly clock: Clock
  readonly log: Logger
}

export interface WavesSocketListener {
  frame(frame: SocketFrame): void
  /** The last that is heard of it, unless we ended it, or `complete` came. */
  lost(error: ProviderError): void
}

/**
 * One socket of Waves, for the speech of one reply: the server closes it when that is spoken, and closing it from here is the
 * only way to interrupt. What is sent before it is open waits.
 */
export class WavesSocket {
  /** Rejects with the `ProviderError` that its listener is told as well. */
  readonly opened: Promise<void>
  readonly #socket: VendorSocket
  readonly #log: Logger
  readonly #onOver: (error: ProviderError | undefined) => void
  readonly #cancelDeadline: Cancel
  readonly #opening = Promise.withResolvers<undefined>()
  #outbox: SocketRequest[] = []
  #listener: WavesSocketListener | undefined
  #isOpen = false
  #isOver = false

  /** @param onOver told once, when nothing can be said on it any more; with an error if that is the vendor's fault */
  constructor(options: WavesSocketOptions, onOver: (error: ProviderError | undefined) => void) {
    const { url, apiKey, clock, connectTimeoutMs } = options
    this.#log = options.log
    this.#onOver = onOver
    this.opened = this.#opening.promise
    // Not everybody waits for it; who speaks is told by `lost`.
    this.opened.catch(() => undefined)
    this.#socket = new VendorSocket(
      {
        url,
        headers: { authorization: `Bearer ${apiKey}` },
        maxMessageBytes: MAX_MESSAGE_BYTES,
        goodbyeMs: GOODBYE_MS,
        clock,
        failures: socketFailures,
      },
      {
        accepted: () => undefined,
        opened: () => {
          this.#open()
        },
        message: (text) => {
          this.#receive(text)
        },
        lost: (error) => {
          this.#lose(error)
        },
      },
    )
    this.#cancelDeadline = clock.after(connectTimeoutMs, () => {
      this.abandon(failure('timeout', `no connection within ${connectTimeoutMs} ms`))
    })
  }

  get isOver(): boolean {
    return this.#isOver
  }

  listen(listener: WavesSocketListener): void {
    this.#listener = listener
  }

  send(request: SocketRequest): void {
    if (this.#isOpen) this.#socket.send(JSON.stringify(request))
    else this.#outbox.push(request)
  }

  /** Gives up a socket that is not what it seems. */
  abandon(error: ProviderError): void {
    if (this.#isOver) return
    this.#socket.cut()
    this.#lose(error)
  }

  /** Nothing more is heard of it. Never rejects. */
  async leave(): Promise<void> {
    if (this.#isOver) return
    this.#end(undefined)
    await this.#socket.goodbye()
  }

  #open(): void {
    this.#isOpen = true
    this.#cancelDeadline()
    for (const request of this.#outbox) this.send(request)
    this.#outbox = []
    this.#opening.resolve(undefined)
  }

  #receive(text: string | undefined): void {
    if (this.#isOver) return
    const parsed = SocketFrame.safeParse(text === undefined ? undefined : parseJson(text))
    if (!parsed.success) {
      this.#log.debug('unknown voice message ignored')
      return
    }
    if (parsed.data.status === 'complete') {
      this.#end(undefined)
      void this.#socket.goodbye()
    }
    this.#listener?.frame(parsed.data)
  }

  #lose(error: ProviderError): void {
    if (this.#isOver) return
    this.#end(error)
    const { code, vendorCode } = error
    this.#log.debug({ code, vendorCode }, 'voice connection lost')
    this.#listener?.lost(error)
  }

  #end(error: ProviderError | undefined): void {
    this.#isOver = true
    this.#cancelDeadline()
    this.#opening.reject(error ?? failure('disconnected', 'closed'))
    this.#onOver(error)
  }
}
