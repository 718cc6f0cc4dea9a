import type { ProviderError } from '../errors.ts'

/**
 * Whether a vendor is worth asking. One for each vendor and process, shared by all calls: what one call has learnt the hard
 * way, the next need not find out.
 */
export interface Circuit {
  /** True while the vendor is known to be broken: whoever has another one asks that at once. */
  readonly isOpen: boolean
  /** It did what it was asked for. */
  succeeded(): void
  /** It did not. Expected aborts are not told here. */
  failed(error: ProviderError): void
}

/** For a vendor that nothing is known of, and nothing is remembered. */
export const closedCircuit: Circuit = {
  isOpen: false,
  succeeded() {
    // Nothing is counted.
  },
  failed() {
    // Nothing is counted.
  },
}
