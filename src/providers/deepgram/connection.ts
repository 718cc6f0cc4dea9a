import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { Mulaw8k } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { failure, failureOfClose, failureOfRefusal } from './failure.ts'

/** A transcript with every word of a long turn stays far below this. */
const MAX_MESSAGE_BYTES = 1024 * 1024
/** A refusal says what it has to say in a few hundred bytes. */
const MAX_REFUSAL_CHARS = 4096
/**
 * Pings keep Flux' connection open (it is said to end after 60 s without), and find one whose other end is gone: nothing
 * else would notice, as audio is only ever sent.
 */
const PING_MS = 5000
/** Pings in a row after which nothing at all was received. */
const MAX_MISSED_PINGS = 2
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

/** One WebSocket to Deepgram: audio and control messages out, messages in, and one ending. */
export class Connection {
  readonly #ws: WebSocket
  readonly #clock: Clock
  readonly #log: Logger
  readonly #listener: ConnectionListener
  #cancelPings: Cancel | undefined
  #missedPings = 0
  #opened = false
  #over = false

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#clock = options.clock
    this.#log = options.log
    this.#listener = listener
    this.#ws = new WebSocket(options.url, {
      headers: { authorization: `Token ${options.apiKey}` },
      // Compressing small frames of audio costs several times the rest of sending them, and saves nothing.
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    })
    this.#listen()
  }

  /** An empty frame is never sent: it means the end of the stream. */
  sendAudio(audio: Mulaw8k): void {
    if (audio.length > 0 && this.#ws.readyState === WebSocket.OPEN) this.#ws.send(audio)
  }

  /** Control messages are text frames: as binary they would be heard as audio. */
  sendMessage(message: { readonly type: string }): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify(message))
  }

  /** Ends the connection at once; the listener hears nothing more. */
  cut(): void {
    this.#end()
    this.#ws.terminate()
  }

  /** Ends the connection as the protocol wants it: the server closes, or is cut off when it takes too long. */
  async goodbye(): Promise<void> {
    if (this.#ws.readyState !== WebSocket.OPEN) {
      this.cut()
      return
    }
    this.#end()
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(GOODBYE_MS, () => {
        this.#ws.terminate()
      })
      this.#ws.once('close', () => {
        cancel()
        resolve()
      })
      this.sendMessage({ type: 'CloseStream' })
    })
  }

  #listen(): void {
    const ws = this.#ws
    ws.on('upgrade', (response) => {
      const requestId = response.headers['dg-request-id']
      this.#log.debug({ requestId }, 'hearing connection accepted')
    })
    ws.on('open', () => {
      if (this.#over) return
      this.#opened = true
      this.#cancelPings = this.#clock.every(PING_MS, () => {
        this.#ping()
      })
      this.#listener.opened()
    })
    ws.on('message', (bytes: Buffer, isBinary) => {
      this.#missedPings = 0
      // Deepgram never sends binary here; a server that does has nothing to tell.
      if (!this.#over && !isBinary) this.#listener.message(bytes.toString())
    })
    ws.on('pong', () => {
      this.#missedPings = 0
    })
    ws.on('unexpected-response', (_request, response) => {
      this.#readRefusal(response)
    })
    ws.on('error', (cause: Error & { code?: string }) => {
      this.#lose(this.#failureOf(cause))
    })
    ws.on('close', (code, reason) => {
      this.#lose(failureOfClose(code, reason.toString()))
    })
  }

  #ping(): void {
    if (this.#missedPings >= MAX_MISSED_PINGS) {
      this.#lose(failure('timeout', 'nothing received, not even an answer to a ping'))
      return
    }
    this.#missedPings++
    this.#ws.ping()
  }

  #readRefusal(response: IncomingMessage): void {
    const dgError = response.headers['dg-error']
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (part: string) => {
      if (body.length < MAX_REFUSAL_CHARS) body += part
    })
    // `close` comes after the whole body as well as after half of one.
    response.on('close', () => {
      this.#lose(failureOfRefusal(response.statusCode ?? 0, [dgError].flat()[0], body))
    })
  }

  #failureOf(cause: Error & { code?: string }): ProviderError {
    const more = { vendorCode: cause.code, cause }
    if (!this.#opened) return failure('unavailable', 'cannot be reached', more)
    // `ws` gives what breaks the WebSocket protocol a code of its own.
    const code = cause.code?.startsWith('WS_ERR') ? 'protocol' : 'disconnected'
    return failure(code, cause.message, more)
  }

  #lose(error: ProviderError): void {
    if (this.#over) return
    this.cut()
    this.#listener.lost(error)
  }

  #end(): void {
    this.#over = true
    this.#cancelPings?.()
  }
}
