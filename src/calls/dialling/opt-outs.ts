import type { Logger } from '../../log.ts'
import type { AuditLog } from '../audit.ts'
import { type DoNotCallList, isPhoneNumber } from '../do-not-call.ts'
import type { CallRecord } from '../record.ts'

/** Puts whoever says so in a call on the list of those who are not called again. */
export class OptOuts {
  readonly #doNotCall: DoNotCallList
  readonly #audit: Pick<AuditLog, 'note'>
  readonly #log: Logger

  constructor(parts: {
    readonly doNotCall: DoNotCallList
    readonly audit: Pick<AuditLog, 'note'>
    readonly log: Logger
  }) {
    this.#doNotCall = parts.doNotCall
    this.#audit = parts.audit
    this.#log = parts.log
  }

  /** At once: a process that dies before the end of the call must not forget it. */
  said({ callId, owner, spec: { phoneNumber } }: CallRecord): void {
    this.#audit.note({ type: 'opt_out', key: owner, phoneNumber, callId })
    void this.#write(callId, phoneNumber)
  }

  /** Once more, in case the list could not be written when they said so. Never rejects. */
  async callOver({ callId, optedOut, spec: { phoneNumber } }: CallRecord): Promise<void> {
    if (optedOut) await this.#write(callId, phoneNumber)
  }

  async #write(callId: string, phoneNumber: string): Promise<void> {
    // A caller may also be `anonymous`, or an address.
    if (!isPhoneNumber(phoneNumber)) return
    try {
      await this.#doNotCall.add(phoneNumber, { callId })
    } catch (error) {
      this.#log.error({ err: error, callId }, 'number was not put on the do-not-call list')
    }
  }
}
