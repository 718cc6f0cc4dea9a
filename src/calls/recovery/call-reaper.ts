import type { Cancel, Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { CallStatus } from '../call-status.ts'
import type { CarrierBook } from './carrier-book.ts'

const EVERY_MS = 30_000
/** A call that has a line, or whose carrier has said something, is believed to be as it seems for so long. */
const QUIET_MS = 60_000

/** A call that nobody has heard of lately. */
export type QuietCall = {
  readonly callSid?: string | undefined
  /** Since the carrier's last word; undefined while there is a line. */
  readonly quietMs: number | undefined
  reported(status: CallStatus): void
}

/** Asks the carrier about calls that have no line and of which it has said nothing for a minute: a callback may be lost. */
export class CallReaper {
  readonly #parts: {
    readonly calls: () => Iterable<QuietCall>
    readonly carrier: Pick<CarrierBook, 'look'>
    readonly clock: Clock
    readonly log: Logger
  }
  readonly #cancel: Cancel
  #round: Promise<unknown> = Promise.resolve()
  #isBusy = false

  constructor(parts: {
    calls: () => Iterable<QuietCall>
    carrier: Pick<CarrierBook, 'look'>
    clock: Clock
    log: Logger
  }) {
    this.#parts = parts
    this.#cancel = parts.clock.every(EVERY_MS, () => {
      if (this.#isBusy) return
      this.#isBusy = true
      this.#round = this.#reap().finally(() => {
        this.#isBusy = false
      })
    })
  }

  async close(): Promise<void> {
    this.#cancel()
    await this.#round
  }

  async #reap(): Promise<void> {
    const quiet = Array.from(this.#parts.calls()).filter(({ quietMs = 0 }) => quietMs >= QUIET_MS)
    await Promise.all(quiet.map((call) => this.#ask(call)))
  }

  async #ask(call: QuietCall): Promise<void> {
    const { callSid } = call
    if (callSid === undefined) return
    const { carrier, log } = this.#parts
    try {
      // A call that the carrier does not know any more has ended long ago.
      const status = (await carrier.look(callSid))?.status ?? 'completed'
      log.warn({ callSid, status }, 'carrier was asked about a quiet call')
      call.reported(status)
    } catch (error) {
      const code = error instanceof ProviderError ? error.code : undefined
      log.warn({ callSid, code }, 'carrier could not be asked about a quiet call')
    }
  }
}
