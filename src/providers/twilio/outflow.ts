import type { WebSocket } from 'ws'

/** About twenty seconds of audio: more than that is not handed to a socket that does not get rid of it. */
const MAX_BUFFERED_BYTES = 256 * 1024
/** Ten minutes of audio as messages: more is not kept at Twilio either. */
const MAX_HELD_BYTES = 7 * 1024 * 1024

/** Messages on their way to a socket, in order. What the network does not take now waits here, where it can be dropped. */
export class Outflow {
  readonly #socket: Pick<WebSocket, 'bufferedAmount' | 'send'>
  #held: string[] = []
  #heldBytes = 0

  constructor(socket: Pick<WebSocket, 'bufferedAmount' | 'send'>) {
    this.#socket = socket
  }

  get waitingBytes(): number {
    return this.#socket.bufferedAmount + this.#heldBytes
  }

  /** @returns false when there is no room for it, and will not be */
  send(text: string): boolean {
    if (this.#held.length === 0 && this.#hasRoom) {
      this.#socket.send(text)
      return true
    }
    this.#held.push(text)
    this.#heldBytes += text.length
    return this.#heldBytes <= MAX_HELD_BYTES
  }

  /** Sends what has waited, as far as there is room. */
  resume(): void {
    let sent = 0
    for (const text of this.#held) {
      if (!this.#hasRoom) break
      this.#socket.send(text)
      this.#heldBytes -= text.length
      sent++
    }
    this.#held.splice(0, sent)
  }

  /** Forgets what has waited: it is of no use any more. */
  drop(): void {
    this.#held = []
    this.#heldBytes = 0
  }

  get #hasRoom(): boolean {
    return this.#socket.bufferedAmount <= MAX_BUFFERED_BYTES
  }
}
