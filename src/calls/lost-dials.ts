import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Telephony } from '../pipeline/ports.ts'
import { type CallStatus, isTerminal } from './call-status.ts'

/** A call that the carrier makes late is made by then: it does not ring a number for longer. */
const REMEMBERED_MS = 15 * 60_000

/**
 * Calls that were given up because nobody could say whether the phone rings. When the carrier reports one after all, it is
 * taken back: whoever asked for it has been told that it was not made.
 */
export class LostDials {
  readonly #clock: Clock
  readonly #telephony: Pick<Telephony, 'hangUp'>
  readonly #log: Logger
  /** When they are forgotten, by our id. */
  readonly #lost = new Map<string, number>()

  constructor(parts: { clock: Clock; telephony: Pick<Telephony, 'hangUp'>; log: Logger }) {
    this.#clock = parts.clock
    this.#telephony = parts.telephony
    this.#log = parts.log
  }

  add(callId: string): void {
    const now = this.#clock.now()
    for (const [other, until] of this.#lost) if (until <= now) this.#lost.delete(other)
    this.#lost.set(callId, now + REMEMBERED_MS)
  }

  /** The carrier has a call of this id. */
  reported(callId: string | undefined, callSid: string, status: CallStatus): void {
    if (callId === undefined || isTerminal(status) || !this.#lost.delete(callId)) return
    this.#log.warn({ callId, callSid }, 'call that was given up rings after all, taken back')
    this.#telephony.hangUp(callSid).catch((error: unknown) => {
      // Another report brings another attempt.
      this.#lost.set(callId, this.#clock.now() + REMEMBERED_MS)
      this.#log.error({ err: error, callId }, 'call that was given up could not be taken back')
    })
  }
}
