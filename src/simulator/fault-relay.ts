import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'

/**
 * What a network does to the connections through it. All hold for connections that are open as well as for those to come,
 * and can be changed at any time.
 *
 * - `latencyMs`: every piece of data is late by this, each way; their order stays.
 * - `sliceBytes`: data arrives in pieces of at most so many bytes.
 * - `isFrozen`: connections are accepted and stay open, and nothing passes: half open, or a black hole for new ones. What is
 *   sent meanwhile is kept, and passes when the network thaws.
 * - `refuses`: new connections are closed at once, before a byte was read.
 * - `bytesPerS`: no more than so much passes in a second, each way.
 */
export type NetworkFaults = {
  readonly latencyMs: number
  readonly sliceBytes: number
  readonly isFrozen: boolean
  readonly refuses: boolean
  readonly bytesPerS: number
}

export const HEALTHY: NetworkFaults = {
  latencyMs: 0,
  sliceBytes: Infinity,
  isFrozen: false,
  refuses: false,
  bytesPerS: Infinity,
}

type RelayParts = {
  readonly client: Socket
  readonly upstream: Socket
  readonly clock: Clock
  readonly faults: () => NetworkFaults
  /** Reset when so many bytes have come from upstream. */
  readonly cutAfterBytes: number
  readonly passed: (bytes: number) => void
  readonly closed: () => void
}

/** Data on its way in one direction; `data` undefined is the end of the stream. */
type Piece = { readonly dueAt: number; readonly data: Buffer | undefined }

/** One connection through the proxy, both ways. */
export class Relay {
  readonly #parts: RelayParts
  readonly #ways: readonly Way[]
  #isStuck = false
  #isOver = false

  constructor(parts: RelayParts) {
    this.#parts = parts
    const { client, upstream } = parts
    this.#ways = [
      this.#way(client, upstream, Infinity),
      this.#way(upstream, client, parts.cutAfterBytes),
    ]
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true)
      // A broken side breaks the other; why it broke is nobody's business here.
      socket.on('error', () => {
        this.cut('reset')
      })
      socket.on('close', () => {
        if (client.destroyed && upstream.destroyed) this.#over()
      })
    }
  }

  pump(): void {
    for (const way of this.#ways) way.pump()
  }

  /** Nothing passes on this connection until `free`: it is half open, whatever becomes of others. */
  stick(): void {
    this.#isStuck = true
  }

  free(): void {
    this.#isStuck = false
    this.pump()
  }

  /** What comes from upstream next arrives as bytes that mean nothing. */
  garble(): void {
    this.#ways[1]?.garble()
  }

  cut(how: 'reset' | 'end'): void {
    const { client, upstream } = this.#parts
    for (const socket of [client, upstream]) {
      if (how === 'reset') socket.resetAndDestroy()
      else socket.end()
    }
    if (how === 'reset') this.#over()
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    for (const way of this.#ways) way.stop()
    this.#parts.closed()
  }

  #way(from: Socket, to: Socket, limitBytes: number): Way {
    const { clock, faults, passed } = this.#parts
    return new Way({
      from,
      to,
      clock,
      faults: () => (this.#isStuck ? { ...faults(), isFrozen: true } : faults()),
      passed,
      limitBytes,
      cut: () => {
        this.cut('reset')
      },
    })
  }
}

type WayParts = Pick<RelayParts, 'clock' | 'faults' | 'passed'> & {
  readonly from: Socket
  readonly to: Socket
  readonly limitBytes: number
  readonly cut: () => void
}

class Way {
  readonly #parts: WayParts
  #pieces: Piece[] = []
  #wait: (() => void) | undefined
  #passedBytes = 0
  /** When the last byte so far is through, at the bandwidth there is. */
  #busyUntil = 0
  #garblesNext = false

  constructor(parts: WayParts) {
    this.#parts = parts
    parts.from.on('data', (data: Buffer) => {
      this.#take(data)
    })
    parts.from.on('end', () => {
      this.#take(undefined)
    })
  }

  stop(): void {
    this.#pieces = []
    this.#wait?.()
  }

  garble(): void {
    this.#garblesNext = true
  }

  /** Everything that is due passes, unless the network is frozen. */
  pump(): void {
    this.#wait?.()
    this.#wait = undefined
    const { clock, faults } = this.#parts
    if (faults().isFrozen) return
    for (let piece = this.#pieces[0]; piece; piece = this.#pieces[0]) {
      const dueInMs = piece.dueAt - clock.now()
      if (dueInMs > 0) {
        this.#wait = clock.after(dueInMs, () => {
          this.pump()
        })
        return
      }
      this.#pieces.shift()
      this.#pass(piece)
    }
  }

  #take(data: Buffer | undefined): void {
    const { clock, faults } = this.#parts
    const { latencyMs, sliceBytes, bytesPerS } = faults()
    for (const slice of slicesOf(data, sliceBytes)) {
      const sendMs = (1000 * (slice?.length ?? 0)) / bytesPerS
      this.#busyUntil = Math.max(clock.now(), this.#busyUntil) + sendMs
      this.#pieces.push({ dueAt: this.#busyUntil + latencyMs, data: slice })
    }
    this.pump()
  }

  #pass({ data }: Piece): void {
    const { to, limitBytes, passed, cut } = this.#parts
    if (data === undefined) {
      to.end()
      return
    }
    const room = limitBytes - this.#passedBytes
    const passing = data.subarray(0, Math.max(0, room))
    this.#passedBytes += passing.length
    passed(passing.length)
    // No frame, no header and no text begins like this.
    if (this.#garblesNext) passing.fill(0xff)
    this.#garblesNext = false
    if (!to.destroyed && to.writable) to.write(passing)
    if (passing.length < data.length) cut()
  }
}

function slicesOf(data: Buffer | undefined, bytes: number): readonly (Buffer | undefined)[] {
  if (data === undefined || data.length <= bytes) return [data]
  const slices: Buffer[] = []
  for (let at = 0; at < data.length; at += bytes) slices.push(data.subarray(at, at + bytes))
  return slices
}
