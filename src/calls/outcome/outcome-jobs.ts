import type { CallRecord } from '../record.ts'
import type { CallOutcome } from './outcome.ts'

/** A call that is over, and of which nobody has found out yet what came out of it. */
export type PendingOutcome = {
  readonly record: CallRecord
  /** Number of the call's last event that is kept; 0 when none is. */
  readonly lastSeq: number
}

/** Where outcomes are kept, and what is still to be found out: a process that ends leaves its work to the next one. */
export interface OutcomeJobs {
  /** Calls that ended after `endedAfter` and have no outcome yet; the first to end come first. */
  pendingOutcomes(query: { endedAfter: Date; limit: number }): Promise<readonly PendingOutcome[]>
  /** Keeps the outcome of a call, or replaces it; the outcome of a call that has been erased is not kept. */
  saveOutcome(callId: string, outcome: CallOutcome): Promise<void>
}
