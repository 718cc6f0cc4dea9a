import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { TwilioAccount } from './twilio-account.ts'
import { TwilioFault } from './twilio-faults.ts'

type Options = {
  readonly account: TwilioAccount
  readonly url: URL
  readonly onMessage: (data: Buffer, isBinary: boolean) => void
}

/** The WebSocket of a media stream, opened with the headers that Twilio sends and no others. */
export class StreamSocket {
  readonly #account: TwilioAccount
  readonly #socket: WebSocket
  #frozen = false
  #endedBy: TwilioFault | undefined
  #onEnd: ((fault: TwilioFault) => void) | undefined

  constructor({ account, url, onMessage }: Options) {
    this.#account = account
    this.#socket = new WebSocket(account.webhooks.dialled(url), {
      perMessageDeflate: false,
      autoPong: false,
      headers: {
        host: url.host,
        'user-agent': 'Twilio.TmeWs/1.0',
        'x-twilio-signature': account.webhooks.sign(url.href),
      },
    })
    account.sockets.add(this.#socket)
    this.#socket.on('ping', (data) => {
      if (!this.#frozen) this.#socket.pong(data)
    })
    this.#socket.on('message', (data, isBinary) => {
      if (!this.#frozen && Buffer.isBuffer(data)) onMessage(data, isBinary)
    })
    this.#socket.on('error', (error) => {
      const protocol = 'code' in error && String(error.code).startsWith('WS_ERR_')
      this.#end(new TwilioFault(protocol ? 31924 : 31902, error.message))
    })
    this.#socket.once('close', (code) => {
      account.sockets.delete(this.#socket)
      // 1006: the connection was lost without a closing frame.
      this.#end(new TwilioFault(code === 1006 ? 31903 : 31921, `close code ${code}`))
    })
  }

  /** Messages that wait because the server does not read. */
  get unsentBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** @throws {TwilioFault} when the server does not upgrade the connection in time */
  async open(signal: AbortSignal): Promise<void> {
    const onAnswer = (_request: unknown, response: IncomingMessage) => {
      this.#end(new TwilioFault(31920, `HTTP ${response.statusCode ?? 0}`))
    }
    const cancelTimeout = this.#account.clock.after(this.#account.knobs.streamTimeoutMs, () => {
      this.#end(new TwilioFault(31901, 'no answer'))
    })
    this.#socket.once('unexpected-response', onAnswer)
    try {
      await this.#until(signal, (resolve) => this.#socket.once('open', resolve))
    } catch (error) {
      this.#socket.terminate()
      throw error
    } finally {
      cancelTimeout()
    }
  }

  /**
   * Waits until `signal` stops the stream, then says `farewell` and closes.
   *
   * @throws {TwilioFault} when the stream ends before that
   */
  async stay(signal: AbortSignal, farewell: () => void): Promise<void> {
    const leave = () => {
      if (this.#frozen) return
      farewell()
      // Nobody has observed the close code that Twilio uses after `stop`.
      this.#socket.close(1000)
    }
    signal.addEventListener('abort', leave, { once: true })
    try {
      await this.#until(signal, () => undefined)
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  send(text: string): void {
    if (!this.#frozen && this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text)
  }

  cut(): void {
    this.#socket.terminate()
  }

  /** Nothing passes any more, either way, and Twilio does not know. */
  hang(): void {
    this.#frozen = true
  }

  /** The stream is over for Twilio; the server sees a socket on which nothing comes any more. */
  freeze(): void {
    this.#frozen = true
    this.#end(new TwilioFault(31924, 'given up'))
    const cancel = this.#account.clock.after(this.#account.knobs.frozenStreamMs, () => {
      this.#socket.terminate()
    })
    this.#socket.once('close', cancel)
  }

  /** Resolves by itself, or rejects when the socket ends or the signal is aborted: whichever comes first. */
  #until(signal: AbortSignal, listen: (resolve: () => void) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#endedBy) {
        reject(this.#endedBy)
        return
      }
      const stop = () => {
        reject(signal.reason as Error)
      }
      this.#onEnd = (fault) => {
        signal.removeEventListener('abort', stop)
        reject(fault)
      }
      signal.addEventListener('abort', stop, { once: true })
      listen(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
      if (signal.aborted) stop()
    })
  }

  /** The first cause of the end is the one that counts. */
  #end(fault: TwilioFault): void {
    if (this.#endedBy) return
    this.#endedBy = fault
    this.#onEnd?.(fault)
  }
}
