import type { Meters } from '../metrics/meters.ts'
import type { CloudBackend } from '../pipeline/cloud-backend.ts'
import type { MachineReason } from './admission.ts'
import type { AuditLog } from './audit.ts'
import type { AnsweredCall } from './answered-call.ts'
import type { CallOpenerParts } from './call-opener.ts'
import type { Circuits } from './circuits/circuits.ts'
import type { DialGuard } from './dialling/dial-guard.ts'
import type { DoNotCallList } from './do-not-call.ts'
import type { InterruptedCalls } from './recovery/interrupted-calls.ts'

export type PhoneCallsParts = CallOpenerParts & {
  /** Carries calls whose spec asks for it; without one, such specs are refused. */
  readonly cloud?: CloudBackend | undefined
  /** Whom the carrier may be asked to ring. */
  readonly guard: DialGuard
  readonly doNotCall: DoNotCallList
  readonly audit: Pick<AuditLog, 'note'>
  /** Why a URL of a spec may not be asked, as a phrase; without it every URL may. */
  readonly urlProblem?: ((url: URL) => string | undefined) | undefined
  readonly meters?: Pick<Meters, 'dialBlocked'>
  /** What is known of the vendors. */
  readonly circuits?: Pick<Circuits, 'outage'>
  /** What the machine says against one more call. */
  readonly machine?: () => readonly MachineReason[]
  /** Resolves when what has been stored so far cannot be lost any more; rejects with a `StoreError` when that takes too long. */
  readonly written?: () => Promise<void>
  /** What an earlier process was killed in the middle of. */
  readonly interrupted?: InterruptedCalls
  /** Whether another process on the same store has a call, or had until a moment ago. */
  readonly elsewhere?: (call: Pick<AnsweredCall, 'callSid' | 'callId'>) => Promise<boolean>
}
