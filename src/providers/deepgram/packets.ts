import type { Mulaw8k } from '../../audio/samples.ts'

/** Joins audio of any length into packets of one size; what is already of that size is passed on without a copy. */
export class Packets {
  readonly #bytes: number
  readonly #send: (packet: Mulaw8k) => void
  #packet: Uint8Array = new Uint8Array(0)
  #filled = 0

  constructor(bytes: number, send: (packet: Mulaw8k) => void) {
    this.#bytes = bytes
    this.#send = send
  }

  push(audio: Mulaw8k): void {
    let rest = audio
    while (rest.length > 0) {
      if (this.#filled === 0 && rest.length >= this.#bytes) {
        this.#send(rest.subarray(0, this.#bytes))
        rest = rest.subarray(this.#bytes)
      } else {
        rest = this.#fill(rest)
      }
    }
  }

  /** Sends what waits for a full packet. */
  flush(): void {
    if (this.#filled > 0) this.#send(this.#packet.subarray(0, this.#filled))
    this.#filled = 0
  }

  #fill(audio: Mulaw8k): Mulaw8k {
    // A socket may still hold the last packet: each gets memory of its own, from Node's pool.
    if (this.#filled === 0) this.#packet = Buffer.allocUnsafe(this.#bytes)
    const taken = Math.min(audio.length, this.#bytes - this.#filled)
    this.#packet.set(audio.subarray(0, taken), this.#filled)
    this.#filled += taken
    if (this.#filled === this.#bytes) this.flush()
    return audio.subarray(taken)
  }
}
