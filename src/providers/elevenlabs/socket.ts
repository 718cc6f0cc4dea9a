import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { type SocketFailures, VendorSocket } from '../vendor-socket.ts'
import { failure, failureOfClose, failureOfRefusal } from './failure.ts'
import {
  type ClientMessage,
  type ErrorFrame,
  parseServerFrame,
  type SpeechFrame,
} from './messages.ts'

/** A whole sentence of 24 kHz audio with its timing comes as one message of some hundred kB. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024
/** How long the vendor may take to close after our goodbye. */
const GOODBYE_MS = 2000

export type SocketOptions = {
  readonly url: string
  readonly apiKey: string
  readonly clock: Clock
  readonly log: Logger
  readonly connectTimeoutMs: number
}

export interface SocketListener {
  opened(): void
  frame(frame: SpeechFrame | ErrorFrame): void
  /** The last that is heard of this socket, unless we ended it ourselves. */
  lost(error: ProviderError): void
}

const failures: SocketFailures = {
  refused: ({ statusCode }, body) => failureOfRefusal(statusCode ?? 0, body),
  closed: failureOfClose,
  broken: (code, cause) => failure(code, cause.message, { vendorCode: cause.code, cause }),
}

/** One connection to a text-to-speech socket, which must open in time: messages out, frames in. */
export class VoiceSocket {
  readonly #socket: VendorSocket
  readonly #log: Logger
  readonly #listener: SocketListener
  readonly #cancelDeadline: Cancel

  constructor(options: SocketOptions, listener: SocketListener) {
    const { url, apiKey, clock, log, connectTimeoutMs } = options
    this.#log = log
    this.#listener = listener
    this.#socket = new VendorSocket(
      {
        url,
        headers: { 'xi-api-key': apiKey },
        maxMessageBytes: MAX_MESSAGE_BYTES,
        goodbyeMs: GOODBYE_MS,
        clock,
        failures,
      },
      {
        accepted: (response) => {
          const traceId = response.headers['x-trace-id']
          log.debug({ traceId }, 'voice connection accepted')
        },
        opened: () => {
          this.#cancelDeadline()
          listener.opened()
        },
        message: (text) => {
          this.#receive(text)
        },
        lost: (error) => {
          this.#cancelDeadline()
          listener.lost(error)
        },
      },
    )
    this.#cancelDeadline = clock.after(connectTimeoutMs, () => {
      this.#socket.lose(failure('timeout', `no connection within ${connectTimeoutMs} ms`))
    })
  }

  send(message: ClientMessage): void {
    this.#socket.send(JSON.stringify(message))
  }

  /** Ends the connection at once; the listener hears nothing more. */
  cut(): void {
    this.#cancelDeadline()
    this.#socket.cut()
  }

  /** Ends the connection as the protocol wants it. */
  async goodbye(): Promise<void> {
    this.#cancelDeadline()
    await this.#socket.goodbye(JSON.stringify({ close_socket: true } satisfies ClientMessage))
  }

  #receive(text: string | undefined): void {
    const frame = text === undefined ? { type: 'not_json' as const } : parseServerFrame(text)
    if (frame.type === 'not_json') {
      this.#socket.lose(failure('protocol', 'a message that is not JSON'))
    } else if (frame.type === 'unknown') {
      this.#log.debug('unknown voice message ignored')
    } else {
      this.#listener.frame(frame)
    }
  }
}
