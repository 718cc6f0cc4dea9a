import type { CallFacts } from '../pipeline/call-facts.ts'
import type { SessionEnd, SessionFailure } from '../pipeline/session-end.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { Turn } from '../pipeline/transcript.ts'
import type { CallStatus } from './call-status.ts'
import type { CallSpec } from './spec.ts'
import type { VendorChoice } from './vendor-choice.ts'

/** Why a call is over: how its conversation ended, or why there was none. */
export type EndReason = SessionEnd['reason'] | 'not_answered' | 'expired'

/** Every reason, for what must name them all; a reason that is missing here does not compile. */
export const END_REASONS = {
  agent_hung_up: 'agent_hung_up',
  caller_hung_up: 'caller_hung_up',
  requested: 'requested',
  time_limit: 'time_limit',
  silence: 'silence',
  transferred: 'transferred',
  voicemail: 'voicemail',
  message_left: 'message_left',
  screened: 'screened',
  unreachable: 'unreachable',
  failed: 'failed',
  not_answered: 'not_answered',
  expired: 'expired',
} as const satisfies { readonly [Reason in EndReason]: Reason }

/** What is kept of a call. */
export type CallRecord = CallFacts & {
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
  /** Who hears and who speaks; absent: Deepgram and ElevenLabs. */
  readonly vendors?: VendorChoice
  /** Who is to blame when `status` is `failed`. */
  readonly failure?: SessionFailure
}

/** The record of a call that has only just been asked for. */
export function newRecord(
  about: Pick<CallRecord, 'callId' | 'direction' | 'status' | 'spec' | 'createdAt' | 'vendors'>,
): CallRecord {
  return { ...about, turns: [], timings: [], notes: [], optedOut: false }
}
