import type { CallStatus } from '../call-status.ts'

/** A call as the carrier has it on its books. */
export type BookedCall = {
  readonly callSid: string
  readonly status: CallStatus
  readonly createdAt?: Date | undefined
  readonly endedAt?: Date | undefined
}

/** What the carrier knows of calls of which it does not tell by itself. Errors are `ProviderError`s. */
export interface CarrierBook {
  /** Undefined: there is no such call. */
  look(callSid: string): Promise<BookedCall | undefined>
  /** The latest calls to a number that we have dialled, newest first. */
  dialled(to: string): Promise<readonly BookedCall[]>
  /** Connects a call that goes on with a new line, whatever it is doing. Code `call_over` when it does not go on. */
  reconnect(callSid: string, token: string): Promise<void>
}
