import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { ProviderError } from '../errors.ts'

/** A refusal says what it has to say in a few hundred bytes. */
const MAX_REFUSAL_CHARS = 4096

export type VendorSocketOptions = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly maxMessageBytes: number
  /** How long the vendor may take to close after our goodbye; cutting at once is seen as a lost connection there. */
  readonly goodbyeMs: number
  readonly clock: Clock
  readonly failures: SocketFailures
}

/** What an ending means, in the vendor's own terms. */
export type SocketFailures = {
  /** The upgrade was answered by an ordinary HTTP response. */
  refused(response: IncomingMessage, body: string): ProviderError
  /** The vendor closed the connection. */
  closed(closeCode: number, reason: string): ProviderError
  /** `unavailable`: it was never open. `protocol`: what came breaks the rules of WebSockets. */
  broken(code: 'unavailable' | 'protocol' | 'disconnected', cause: SocketError): ProviderError
}

export type SocketError = Error & { readonly code?: string }

export interface VendorSocketListener {
  accepted(response: IncomingMessage): void
  opened(): void
  /** Undefined for a binary message that nobody listens to. */
  message(text: string | undefined): void
  binary?(bytes: Uint8Array): void
  pong?(): void
  /** The last that is heard of this socket, unless we ended it ourselves. */
  lost(error: ProviderError): void
}

/** A WebSocket to a vendor: messages out in the order of the calls, messages in, and exactly one ending. */
export class VendorSocket {
  readonly #ws: WebSocket
  readonly #options: VendorSocketOptions
  readonly #listener: VendorSocketListener
  #opened = false
  #over = false

  constructor(options: VendorSocketOptions, listener: VendorSocketListener) {
    this.#options = options
    this.#listener = listener
    this.#ws = new WebSocket(options.url, {
      headers: options.headers,
      // Compressing small frames of audio costs several times the rest of sending them, and saves nothing.
      perMessageDeflate: false,
      maxPayload: options.maxMessageBytes,
    })
    this.#listen()
  }

  /** Bytes go as a binary message. What is sent while the socket is not open is dropped. */
  send(message: string | Uint8Array): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.send(message)
  }

  ping(): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.ping()
  }

  /** Ends the connection at once; the listener hears nothing more. */
  cut(): void {
    this.#over = true
    this.#ws.terminate()
  }

  /** Ends the connection, and tells the listener why. */
  lose(error: ProviderError): void {
    if (this.#over) return
    this.cut()
    this.#listener.lost(error)
  }

  /**
   * Ends the connection as the protocol wants it: the vendor closes, or is cut off when it takes too long. Without a message
   * the WebSocket is closed from here.
   */
  async goodbye(message?: string): Promise<void> {
    if (this.#ws.readyState !== WebSocket.OPEN) {
      this.cut()
      return
    }
    this.#over = true
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(this.#options.goodbyeMs, () => {
        this.#ws.terminate()
      })
      this.#ws.once('close', () => {
        cancel()
        resolve()
      })
      if (message === undefined) this.#ws.close(1000)
      else this.#ws.send(message)
    })
  }

  #listen(): void {
    const ws = this.#ws
    const { failures } = this.#options
    ws.on('upgrade', (response) => {
      this.#listener.accepted(response)
    })
    ws.on('open', () => {
      if (this.#over) return
      this.#opened = true
      this.#listener.opened()
    })
    ws.on('message', (bytes: Buffer, isBinary) => {
      if (this.#over) return
      if (isBinary && this.#listener.binary) this.#listener.binary(bytes)
      else this.#listener.message(isBinary ? undefined : bytes.toString())
    })
    ws.on('pong', () => {
      this.#listener.pong?.()
    })
    // Only with a listener of its own can the status and the body of a refusal be read.
    ws.on('unexpected-response', (_request, response) => {
      this.#readRefusal(response)
    })
    ws.on('error', (cause: SocketError) => {
      this.lose(failures.broken(this.#codeOf(cause), cause))
    })
    ws.on('close', (code, reason) => {
      this.lose(failures.closed(code, reason.toString()))
    })
  }

  #readRefusal(response: IncomingMessage): void {
    let body = ''
    response.setEncoding('utf8')
    response.on('data', (part: string) => {
      if (body.length < MAX_REFUSAL_CHARS) body += part
    })
    // `close` comes after the whole body as well as after half of one.
    response.on('close', () => {
      this.lose(this.#options.failures.refused(response, body))
    })
  }

  #codeOf(cause: SocketError): 'unavailable' | 'protocol' | 'disconnected' {
    if (!this.#opened) return 'unavailable'
    // `ws` gives what breaks the WebSocket protocol a code of its own.
    return cause.code?.startsWith('WS_ERR') ? 'protocol' : 'disconnected'
  }
}
