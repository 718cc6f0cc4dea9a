import { CircuitState, ConsecutiveBreaker, CountBreaker, type IBreaker } from 'cockatiel'
import type { Cancel, Clock } from '../../clock.ts'
import type { ProviderError, ProviderErrorCode } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { Circuit } from '../../pipeline/circuit.ts'

export type CircuitPosition = 'closed' | 'half_open' | 'open'

/** So many failures in a row are no accident … */
const IN_A_ROW = 3
/** … nor is half of the last twenty, once there are ten: a vendor that works now and then. */
const SAMPLE = { threshold: 0.5, size: 20, minimumNumberOfCalls: 10 }
/** A vendor that is only restarted is back in a few seconds; one that is down for long is asked once a minute. */
const FIRST_PROBE_MS = 5000
const LAST_PROBE_MS = 60_000
/** A probe that takes longer has failed: nobody on the phone waits so long either. */
const PROBE_TIMEOUT_MS = 5000

/** The key or the account is refused: whoever asks next is refused as well. */
const FATAL: ReadonlySet<ProviderErrorCode> = new Set(['auth', 'quota'])
/** Told of by a vendor that is well: it has understood us. */
const NO_FAULT: ReadonlySet<ProviderErrorCode> = new Set(['rejected', 'empty', 'call_over'])

/**
 * What all calls of this process know of one vendor. Open means that it is known to be broken; from time to time it is then
 * asked something that no caller waits for, and the first good answer closes it again.
 */
export class VendorCircuit implements Circuit {
  readonly name: string
  readonly #parts: VendorCircuitParts
  #breakers: readonly IBreaker[] = newBreakers()
  #position: CircuitPosition = 'closed'
  #probes = 0
  #probeAtMs = 0
  #cancelProbe: Cancel = () => undefined
  readonly #closing = new AbortController()
  #probing: Promise<void> = Promise.resolve()

  constructor(name: string, parts: VendorCircuitParts) {
    this.name = name
    this.#parts = parts
  }

  get isOpen(): boolean {
    return this.#position !== 'closed'
  }

  get position(): CircuitPosition {
    return this.#position
  }

  /** When it may be well again, at the earliest; 0 while it is. */
  get retryAfterMs(): number {
    return this.isOpen ? Math.max(0, this.#probeAtMs - this.#parts.clock.now()) : 0
  }

  succeeded(): void {
    // Somebody who had no choice has asked it all the same, and it is well.
    if (this.isOpen) this.#close()
    else for (const breaker of this.#breakers) breaker.success(CircuitState.Closed)
  }

  failed(error: ProviderError): void {
    if (NO_FAULT.has(error.code) || this.isOpen) return
    // Each of them counts; `some` would stop at the first that has had enough.
    const verdicts = this.#breakers.map((breaker) => breaker.failure(CircuitState.Closed))
    if (FATAL.has(error.code) || verdicts.includes(true)) this.#open(error)
  }

  /** Asks nobody any more. */
  async close(): Promise<void> {
    this.#cancelProbe()
    this.#closing.abort(new Error('nobody asks any more'))
    await this.#probing
  }

  #open({ code, vendorCode }: ProviderError): void {
    const { log, onOpen } = this.#parts
    log.warn({ circuit: this.name, code, vendorCode }, 'vendor is broken')
    this.#position = 'open'
    this.#probes = 0
    this.#probeLater()
    onOpen?.(code)
  }

  #close(): void {
    this.#cancelProbe()
    this.#parts.log.info({ circuit: this.name }, 'vendor is well again')
    this.#position = 'closed'
    this.#breakers = newBreakers()
  }

  #probeLater(): void {
    const { clock } = this.#parts
    const ms = Math.min(LAST_PROBE_MS, FIRST_PROBE_MS * 2 ** this.#probes++)
    this.#probeAtMs = clock.now() + ms
    this.#cancelProbe = clock.after(ms, () => {
      this.#probing = this.#probe()
    })
  }

  async #probe(): Promise<void> {
    const { clock, probe, log } = this.#parts
    this.#position = 'half_open'
    const late = new AbortController()
    const cancel = clock.after(PROBE_TIMEOUT_MS, () => {
      late.abort(new Error('the probe was not answered in time'))
    })
    try {
      await probe({ signal: AbortSignal.any([late.signal, this.#closing.signal]) })
      if (this.isOpen) this.#close()
    } catch (error) {
      if (this.#closing.signal.aborted || !this.isOpen) return
      log.warn({ err: error, circuit: this.name }, 'vendor is still broken')
      this.#position = 'open'
      this.#probeLater()
    } finally {
      cancel()
    }
  }
}

export type VendorCircuitParts = {
  /** Asks the vendor for the least that shows that it works. Rejects when it does not, or when aborted. */
  readonly probe: (options: { signal: AbortSignal }) => Promise<void>
  readonly onOpen?: (code: ProviderErrorCode) => void
  readonly clock: Clock
  readonly log: Logger
}

function newBreakers(): readonly IBreaker[] {
  return [new ConsecutiveBreaker(IN_A_ROW), new CountBreaker(SAMPLE)]
}
