import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../clock.ts'
import { HEALTHY, type NetworkFaults, Relay } from './fault-relay.ts'

/** A TCP relay on loopback between us and a vendor's stand-in, that can do what networks do. */
export class FaultProxy {
  readonly port: number
  readonly #server: Server
  readonly #relays = new Set<Relay>()
  readonly #clock: Clock
  readonly #targetPort: number
  #faults = HEALTHY
  #cutAfterBytes = Infinity
  #passedBytes = 0

  /** @param options.target where connections lead to: any URL of 127.0.0.1 */
  static async start(options: {
    readonly clock: Clock
    readonly target: string
  }): Promise<FaultProxy> {
    const server = createServer()
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    return new FaultProxy(server, options)
  }

  private constructor(server: Server, options: { readonly clock: Clock; readonly target: string }) {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no TCP address')
    this.port = address.port
    this.#clock = options.clock
    this.#targetPort = Number(new URL(options.target).port)
    this.#server = server.on('connection', (client) => {
      this.#accept(client)
    })
  }

  /** The given base URL, with this proxy's address in place of its own. */
  urlFor(baseUrl: string): string {
    const url = new URL(baseUrl)
    url.port = String(this.port)
    return url.toString().replace(/\/$/u, '')
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#relays.size
  }

  /** Bytes that have passed, both ways, since the start. */
  get passedBytes(): number {
    return this.#passedBytes
  }

  set(faults: Partial<NetworkFaults>): void {
    this.#faults = { ...this.#faults, ...faults }
    for (const relay of this.#relays) relay.pump()
  }

  /** Every open connection is reset, as when a machine has gone away (RST), or ended in order (FIN). */
  cut(how: 'reset' | 'end' = 'reset'): void {
    for (const relay of [...this.#relays]) relay.cut(how)
  }

  /** Connections that are open now stay open, and nothing passes on them any more: half open. New ones are not touched. */
  stick(): void {
    for (const relay of this.#relays) relay.stick()
  }

  /** What comes back next on every open connection is garbage. */
  garble(): void {
    for (const relay of this.#relays) relay.garble()
  }

  /** Connections from now on are reset once so many bytes have come back from the other side. */
  cutAfter(bytes: number): void {
    this.#cutAfterBytes = bytes
  }

  heal(): void {
    this.#cutAfterBytes = Infinity
    this.set(HEALTHY)
    for (const relay of this.#relays) relay.free()
  }

  close(): Promise<void> {
    this.cut()
    return new Promise((resolve) => {
      this.#server.close(() => {
        resolve()
      })
    })
  }

  #accept(client: Socket): void {
    if (this.#faults.refuses) {
      client.resetAndDestroy()
      return
    }
    const relay = new Relay({
      client,
      upstream: connect({ host: '127.0.0.1', port: this.#targetPort }),
      clock: this.#clock,
      faults: () => this.#faults,
      cutAfterBytes: this.#cutAfterBytes,
      passed: (bytes) => {
        this.#passedBytes += bytes
      },
      closed: () => {
        this.#relays.delete(relay)
      },
    })
    this.#relays.add(relay)
  }
}
