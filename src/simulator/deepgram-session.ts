import type { WebSocket } from 'ws'
import type { Cancel, Clock } from '../clock.ts'
import type { DeepgramKnobs } from './deepgram-knobs.ts'
import { Outbox } from './outbox.ts'
import type { Violations } from './violations.ts'

/** What the bench and tests want to know the moment it is sent. */
export type DeepgramEvent = {
  readonly type: 'turn_started' | 'turn_ended'
  /** Counts connections from 1. */
  readonly connection: number
  readonly text: string
}

export type SessionOptions = {
  readonly clock: Clock
  readonly violations: Violations
  readonly knobs: DeepgramKnobs
  readonly requestId: string
  readonly connection: number
  readonly on: (event: DeepgramEvent) => void
}

const BYTES_PER_MS = 8

/** One client's connection, whichever endpoint it is on: what is sent, when, and with which of the faults asked for. */
export class DeepgramSession {
  readonly clock: Clock
  readonly knobs: DeepgramKnobs
  readonly requestId: string
  readonly #socket: WebSocket
  readonly #options: SessionOptions
  readonly #outbox: Outbox
  readonly #timers = new Set<Cancel>()
  readonly #openedAt: number
  #activeAt: number
  #audioBytes = 0
  #over = false

  constructor(socket: WebSocket, options: SessionOptions) {
    this.clock = options.clock
    this.knobs = options.knobs
    this.requestId = options.requestId
    this.#socket = socket
    this.#options = options
    this.#outbox = new Outbox(options.clock)
    this.#openedAt = this.#activeAt = options.clock.now()
  }

  get over(): boolean {
    return this.#over
  }

  get audioBytes(): number {
    return this.#audioBytes
  }

  get ageMs(): number {
    return this.clock.now() - this.#openedAt
  }

  /** Since the client last sent anything that counts. */
  get idleMs(): number {
    return this.clock.now() - this.#activeAt
  }

  active(): void {
    this.#activeAt = this.clock.now()
  }

  /** Counts audio, and ends the connection when the knobs say so. */
  received(bytes: number): void {
    this.active()
    this.#audioBytes += bytes
    const { dropAfterMs, dropWith } = this.knobs
    if (this.#audioBytes < dropAfterMs * BYTES_PER_MS) return
    if (dropWith === 'cut') this.cut()
    else this.close(dropWith, 'dropped as asked')
  }

  send(message: object, { delayMs = 0, events = [] }: SendOptions = {}): void {
    const { latencyMs, stallAfterMs } = this.knobs
    if (this.#over || this.#audioBytes >= stallAfterMs * BYTES_PER_MS) return
    this.#outbox.after(latencyMs + delayMs, () => {
      const text = JSON.stringify(message)
      // Told first: what the client does about it must not seem to come before.
      const { connection, on } = this.#options
      for (const event of events) on({ ...event, connection })
      this.#socket.send(text)
    })
  }

  /** Audio of a voice: at once, as its endpoint has its own pace. */
  sendBinary(bytes: Uint8Array): void {
    if (!this.#over) this.#socket.send(bytes)
  }

  /** After what is still to be sent; without a code, as Flux does, the client sees 1005. */
  close(code?: number, reason?: string): void {
    if (this.#over) return
    this.#over = true
    this.#outbox.after(this.knobs.latencyMs, () => {
      this.#socket.close(code, reason)
    })
  }

  /** Does something later, while the connection lasts. */
  after(ms: number, run: () => void): void {
    if (ms === 0) {
      run()
      return
    }
    const cancel = this.clock.after(ms, () => {
      this.#timers.delete(cancel)
      if (!this.#over) run()
    })
    this.#timers.add(cancel)
  }

  cut(): void {
    this.#over = true
    this.#socket.terminate()
  }

  /** The socket is gone. */
  closed(): void {
    this.#over = true
    this.#outbox.clear()
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  violation(rule: string, detail = ''): void {
    this.#options.violations.add('deepgram', rule, detail)
  }
}

export type SendOptions = {
  readonly delayMs?: number
  /** Reported when the message goes out. */
  readonly events?: readonly Omit<DeepgramEvent, 'connection'>[]
}

/** What an endpoint does with what its client sends. */
export interface Endpoint {
  opened(): void
  /** Never empty. */
  audio(bytes: Buffer): void
  message(text: string): void
  /** Also meant by an empty frame of audio. */
  closeStream(): void
  /** Every second: ends the connection of a client that has gone quiet. */
  checkActivity(): void
}
