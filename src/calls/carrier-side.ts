import type { Clock } from '../clock.ts'
import { ProviderError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { Telephony } from '../pipeline/ports.ts'
import { type CallStatus, isTerminal, laterStatus } from './call-status.ts'

/** Pauses before another attempt to end the carrier's side of a call. */
const HANG_UP_RETRIES_MS = [1000, 3000]

/** The carrier's connection of one call: how far it is, by the carrier's reports, and how it is ended. */
export class CarrierSide {
  readonly #telephony: Telephony
  readonly #clock: Clock
  /** The latest that was reported, in the order of a call's life. */
  #status: CallStatus = 'queued'

  constructor({ telephony, clock }: { telephony: Telephony; clock: Clock }) {
    this.#telephony = telephony
    this.#clock = clock
  }

  get status(): CallStatus {
    return this.#status
  }

  get isOver(): boolean {
    return isTerminal(this.#status)
  }

  /** Whether anybody picked up, as far as the carrier has said. */
  get wasAnswered(): boolean {
    return this.#status === 'in_progress' || this.#status === 'completed'
  }

  /** Reports come in any order, and more than once. */
  reported(status: CallStatus): void {
    this.#status = laterStatus(this.#status, status)
  }

  /**
   * Ends it, if it has not ended by itself: the caller must not be left on a line where nobody is any more. Never throws: what
   * cannot be done is logged.
   *
   * @param lastWords what the carrier is to say in its own voice before
   */
  async end(
    callSid: string,
    lastWords: { text: string; language: string } | undefined,
    log: Logger,
  ): Promise<void> {
    if (this.isOver) return
    if (lastWords) {
      try {
        await this.#telephony.sayAndHangUp(callSid, lastWords.text, lastWords.language)
        return
      } catch (error) {
        log.warn({ err: error }, 'last words were not said')
      }
    }
    await this.#hangUp(callSid, log)
  }

  async #hangUp(callSid: string, log: Logger): Promise<void> {
    for (const pauseMs of [...HANG_UP_RETRIES_MS, undefined]) {
      try {
        await this.#telephony.hangUp(callSid)
        return
      } catch (error) {
        const isWorthwhile = error instanceof ProviderError && error.retryable
        if (pauseMs === undefined || !isWorthwhile) {
          // The stream is closed next, which ends the call as well; its time limit at the carrier is the last resort.
          log.error({ err: error }, 'carrier did not hang up')
          return
        }
        await this.#clock.sleep(pauseMs)
      }
    }
  }
}
