import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import { failure, failureOfClose, failureOfRefusal } from './failure.ts'
import {
  type ClientMessage,
  type ErrorFrame,
  parseServerFrame,
  type SpeechFrame,
} from './messages.ts'

/** A whole sentence of 24 kHz audio with its timing comes as one message of some hundred kB. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024
/** A refusal says what it has to say in a few hundred bytes. */
const MAX_REFUSAL_CHARS = 4096
/** How long the vendor may take to close after our goodbye; cutting at once is seen as a lost connection there. */
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

/** One connection to a text-to-speech socket: messages out in the order of the calls, frames in, and one ending. */
export class VoiceSocket {
  readonly #ws: WebSocket
  readonly #options: SocketOptions
  readonly #listener: SocketListener
  readonly #cancelDeadline: Cancel
  #opened = false
  #over = false

  constructor(options: SocketOptions, listener: SocketListener) {
    const { url, apiKey, clock, connectTimeoutMs } = options
    this.#options = options
    this.#listener = listener
    this.#ws = new WebSocket(url, {
      headers: { 'xi-api-key': apiKey },
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    })
    this.#cancelDeadline = clock.after(connectTimeoutMs, () => {
      this.#lose(failure('timeout', `no connection within ${connectTimeoutMs} ms`))
    })
    this.#listen()
  }

  send(message: ClientMessage): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify(message))
  }

  /** Ends the connection at once; the listener hears nothing more. */
  cut(): void {
    this.#over = true
    this.#cancelDeadline()
    this.#ws.terminate()
  }

  /** Ends the connection as the protocol wants it: the server closes, or is cut off when it takes too long. */
  async goodbye(): Promise<void> {
    if (this.#ws.readyState !== WebSocket.OPEN) {
      this.cut()
      return
    }
    this.#over = true
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(GOODBYE_MS, () => {
        this.#ws.terminate()
      })
      this.#ws.once('close', () => {
        cancel()
        resolve()
      })
      this.send({ close_socket: true })
    })
  }

  #listen(): void {
    const ws = this.#ws
    ws.on('upgrade', (response) => {
      const traceId = response.headers['x-trace-id']
      this.#options.log.debug({ traceId }, 'voice connection accepted')
    })
    ws.on('open', () => {
      if (this.#over) return
      this.#opened = true
      this.#cancelDeadline()
      this.#listener.opened()
    })
    ws.on('message', (bytes: Buffer, isBinary) => {
      if (!this.#over) this.#receive(bytes, isBinary)
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

  #receive(bytes: Buffer, isBinary: boolean): void {
    const frame = isBinary ? { type: 'not_json' as const } : parseServerFrame(bytes.toString())
    if (frame.type === 'not_json') {
      this.#lose(failure('protocol', 'a message that is not JSON'))
    } else if (frame.type === 'unknown') {
      this.#options.log.debug('unknown voice message ignored')
    } else {
      this.#listener.frame(frame)
    }
  }

  #readRefusal(response: IncomingMessage): void {
    let body = ''
    const settle = () => {
      this.#lose(failureOfRefusal(response.statusCode ?? 0, body))
    }
    response.setEncoding('utf8')
    response.on('data', (part: string) => {
      if (body.length < MAX_REFUSAL_CHARS) body += part
    })
    // `close` comes after the whole body as well as after half of one.
    response.on('close', settle)
  }

  #failureOf(cause: Error & { code?: string }): ProviderError {
    const more = { vendorCode: cause.code, cause }
    if (!this.#opened) return failure('unavailable', cause.message, more)
    // `ws` gives what breaks the WebSocket protocol a code of its own.
    const code = cause.code?.startsWith('WS_ERR') ? 'protocol' : 'disconnected'
    return failure(code, cause.message, more)
  }

  #lose(error: ProviderError): void {
    if (this.#over) return
    this.cut()
    this.#listener.lost(error)
  }
}
