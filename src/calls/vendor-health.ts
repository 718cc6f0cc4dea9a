import type { Provider } from '../errors.ts'
import type { CallEvent, PassingEvent } from './call-events.ts'
import type { CallRecord } from './record.ts'
import type { VendorChoice } from './vendor-choice.ts'

export type VendorState = {
  /** When the vendor last did its part in a call: words heard, a reply written, audio that was heard. */
  readonly lastOkAt?: Date
  readonly lastError?: { readonly code: string; readonly at: Date }
}

const USUAL: VendorChoice = { hearing: 'deepgram', voice: 'elevenlabs' }

/** Codes of the carrier for a number that was refused or could not be reached: the carrier itself is well. */
const CALLEE_FAULT = /^(rejected:21|sip_|call_failed)/

/** How the vendors have done, as calls show it: nobody is asked anything, so it costs nothing to look. */
export class VendorHealth {
  readonly #chosen: VendorChoice
  readonly #states: Map<Provider, VendorState>

  constructor(chosen: VendorChoice = USUAL) {
    this.#chosen = chosen
    const vendors = ['twilio', chosen.hearing, 'anthropic', chosen.voice] as const
    this.#states = new Map(vendors.map((vendor) => [vendor, {}]))
  }

  get states(): ReadonlyMap<Provider, VendorState> {
    return this.#states
  }

  /** Something happened in a call. */
  heed(event: CallEvent | PassingEvent): void {
    const { at } = event
    switch (event.type) {
      case 'caller.partial':
        this.#served(['twilio', this.#chosen.hearing], at)
        return
      case 'timings': {
        const { kind, heardMs, firstTextMs } = event.timings
        // The first mark is back, so audio was made, sent and played.
        if (heardMs !== undefined) this.#served(['twilio', this.#chosen.voice], at)
        // Every other kind of reply may be words that are given.
        if (kind === 'answer' && firstTextMs !== undefined) this.#served(['anthropic'], at)
        return
      }
      case 'call.answered':
        this.#served(['twilio'], at)
        return
      default:
    }
  }

  /** A call is over: who failed it, or that the carrier took it, even if nobody answered. */
  note({ failure, endedAt: at, callSid, spec }: CallRecord): void {
    if (!at) return
    if (failure && failure.by !== 'parley') this.failed(failure.by, failure.code, at)
    else if (!failure && callSid !== undefined) {
      this.#served([spec.backend === 'atoms' ? 'smallest' : 'twilio'], at)
    }
  }

  /** A vendor failed, whether or not the call went on. */
  failed(vendor: Provider, code: string, at: Date): void {
    if (CALLEE_FAULT.test(code)) return
    this.#states.set(vendor, { ...this.#states.get(vendor), lastError: { code, at } })
  }

  #served(vendors: readonly Provider[], at: Date): void {
    for (const vendor of vendors) {
      this.#states.set(vendor, { ...this.#states.get(vendor), lastOkAt: at })
    }
  }
}
