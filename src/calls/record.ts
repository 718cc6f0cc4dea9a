import type { SessionEnd, SessionFailure } from '../pipeline/session-end.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { Turn } from '../pipeline/transcript.ts'
import type { CallStatus } from './call-status.ts'
import type { CallSpec } from './spec.ts'

/** Why a call is over: how its conversation ended, or why there was none. */
export type EndReason = SessionEnd['reason'] | 'not_answered' | 'expired'

/** What is kept of a call. */
export type CallRecord = {
  readonly callId: string
  /** The carrier's id; unknown until it has been asked to dial, or has called us. */
  readonly callSid?: string
  readonly direction: 'outbound' | 'inbound'
  readonly status: CallStatus
  readonly spec: CallSpec
  readonly createdAt: Date
  readonly answeredAt?: Date
  readonly endedAt?: Date
  /** What was said, as it was heard. */
  readonly turns: readonly Turn[]
  readonly timings: readonly TurnTimings[]
  readonly endReason?: EndReason
  /** Who is to blame when `status` is `failed`. */
  readonly failure?: SessionFailure
}
