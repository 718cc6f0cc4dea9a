import type { Provider } from '../errors.ts'
import type { CallRecord } from './record.ts'

export type VendorState = {
  /** End of the last call in which the vendor did its part. */
  readonly lastOkAt?: Date
  readonly lastError?: { readonly code: string; readonly at: Date }
}

const VENDORS: readonly Provider[] = ['twilio', 'deepgram', 'anthropic', 'elevenlabs']

/** Codes of the carrier for a number that was refused or could not be reached: the carrier itself is well. */
const CALLEE_FAULT = /^(rejected:21|sip_|call_failed)/

/** How the vendors have done, as calls show it: nobody is asked anything, so it costs nothing to look. */
export class VendorHealth {
  readonly #states = new Map<Provider, VendorState>(VENDORS.map((vendor) => [vendor, {}]))

  get states(): ReadonlyMap<Provider, VendorState> {
    return this.#states
  }

  /** A call is over. */
  note({ failure, endedAt: at, turns, callSid }: CallRecord): void {
    if (!at) return
    for (const [vendor, state] of this.#states) {
      // Twilio has done its part when it took the call; the others when there was a conversation.
      const hasServed = vendor === 'twilio' ? callSid !== undefined : turns.length > 0
      if (failure?.by === vendor && !CALLEE_FAULT.test(failure.code)) {
        this.#states.set(vendor, { ...state, lastError: { code: failure.code, at } })
      } else if (hasServed && !failure) this.#states.set(vendor, { ...state, lastOkAt: at })
    }
  }
}
