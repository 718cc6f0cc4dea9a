import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { type CircuitPosition, VendorCircuit, type VendorCircuitParts } from './vendor-circuit.ts'

/** What a conversation cannot do without, and the vendors that can do it, each by the name of its circuit. */
export type Needs = Readonly<Record<'hearing' | 'thinking' | 'speaking', readonly string[]>>

/** Nobody is left for something that every call needs. */
export type Outage = { readonly vendor: string; readonly retryAfterMs: number }

/** The circuits of this process, by name: that of a vendor, or of one of several things that it does. */
export class Circuits {
  readonly #circuits: ReadonlyMap<string, VendorCircuit>
  readonly #needs: Needs

  constructor(parts: {
    readonly needs: Needs
    readonly probes: Readonly<Record<string, VendorCircuitParts['probe']>>
    readonly clock: Clock
    readonly log: Logger
  }) {
    const { needs, probes, clock, log } = parts
    this.#needs = needs
    this.#circuits = new Map(
      Object.entries(probes).map(([name, probe]) => [
        name,
        new VendorCircuit(name, { probe, clock, log }),
      ]),
    )
  }

  of(name: string): VendorCircuit {
    const circuit = this.#circuits.get(name)
    if (!circuit) throw new Error(`there is no circuit ${name}`)
    return circuit
  }

  get positions(): ReadonlyMap<string, CircuitPosition> {
    return new Map([...this.#circuits].map(([name, { position }]) => [name, position]))
  }

  /** Why no call can go well at the moment. */
  get outage(): Outage | undefined {
    for (const names of Object.values(this.#needs)) {
      const circuits = names.map((name) => this.of(name))
      const [vendor] = names
      if (vendor === undefined || circuits.some(({ isOpen }) => !isOpen)) continue
      return { vendor, retryAfterMs: Math.min(...circuits.map((each) => each.retryAfterMs)) }
    }
    return undefined
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#circuits.values(), (circuit) => circuit.close()))
  }
}
