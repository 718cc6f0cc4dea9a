import type { Mulaw8k } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { type SocketFailures, VendorSocket } from '../vendor-socket.ts'
import { failure, failureOfClose, failureOfRefusal } from './failure.ts'

/** A transcript with every word of a long turn stays far below this. */
const MAX_MESSAGE_BYTES = 1024 * 1024
/**
 * Pings keep Flux' connection open (it is said to end after 60 s without), and find one whose other end is gone: nothing
 * else would notice, as audio is only ever sent.
 */
const PING_MS = 5000
/** Pings in a row after which nothing at all was received: a dead connection is found within 10 s, sooner by `DeafWatch`. */
const MAX_MISSED_PINGS = 1
/** How long Deepgram may take to close after our goodbye. */
const GOODBYE_MS = 1000

export type ConnectionOptions = {
  readonly url: string
  readonly apiKey: string
  readonly clock: Clock
  readonly log: Logger
}

export interface ConnectionListener {
  opened(): void
  message(text: string): void
  /** The last that is heard of a connection, unless we ended it ourselves. */
  lost(error: ProviderError): void
}

const failures: SocketFailures = {
  refused: ({ statusCode, headers }, body) =>
    failureOfRefusal(statusCode ?? 0, {
      dgError: [headers['dg-error']].flat()[0],
      retryAfter: headers['retry-after'],
      body,
    }),
  closed: failureOfClose,
  broken: (code, cause) =>
    failure(code, code === 'unavailable' ? 'cannot be reached' : cause.message, {
      vendorCode: cause.code,
      cause,
    }),
}

/** One WebSocket to Deepgram: audio and control messages out, messages in, kept alive by pings. */
export class Connection {
  readonly #socket: VendorSocket
  #cancelPings: Cancel | undefined
  #missedPings = 0

  constructor({ url, apiKey, clock, log }: ConnectionOptions, listener: ConnectionListener) {
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
          const requestId = response.headers['dg-request-id']
          log.debug({ requestId }, 'hearing connection accepted')
        },
        opened: () => {
          this.#cancelPings = clock.every(PING_MS, () => {
            this.#ping()
          })
          listener.opened()
        },
        message: (text) => {
          this.#missedPings = 0
          // Deepgram never sends binary here; a server that does has nothing to tell.
          if (text !== undefined) listener.message(text)
        },
        pong: () => {
          this.#missedPings = 0
        },
        lost: (error) => {
          this.#cancelPings?.()
          listener.lost(error)
        },
      },
    )
  }

  /** An empty frame is never sent: it means the end of the stream. */
  sendAudio(audio: Mulaw8k): void {
    if (audio.length > 0) this.#socket.send(audio)
  }

  /** Control messages are text frames: as binary they would be heard as audio. */
  sendMessage(message: { readonly type: string }): void {
    this.#socket.send(JSON.stringify(message))
  }

  /** Ends the connection at once; the listener hears nothing more. */
  cut(): void {
    this.#cancelPings?.()
    this.#socket.cut()
  }

  /** Ends the connection as the protocol wants it. */
  async goodbye(): Promise<void> {
    this.#cancelPings?.()
    await this.#socket.goodbye(JSON.stringify({ type: 'CloseStream' }))
  }

  #ping(): void {
    if (this.#missedPings >= MAX_MISSED_PINGS) {
      this.#socket.lose(failure('timeout', 'nothing received, not even an answer to a ping'))
      return
    }
    this.#missedPings++
    this.#socket.ping()
  }
}
