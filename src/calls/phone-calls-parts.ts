import type { Logger } from '../log.ts'
import type { Meters } from '../metrics/meters.ts'
import type { CloudBackend } from '../pipeline/cloud-backend.ts'
import type { CallControl, Line } from '../pipeline/ports.ts'
import type { Clock } from '../clock.ts'
import type { AuditLog } from './audit.ts'
import type { CallEvents } from './call-events.ts'
import type { CallSettings, ConversationPlan } from './call-settings.ts'
import type { CallStore } from './call-store.ts'
import type { Circuits } from './circuits/circuits.ts'
import type { Conversation } from './conversation.ts'
import type { DialGuard } from './dialling/dial-guard.ts'
import type { DoNotCallList } from './do-not-call.ts'
import type { LiveCallParts } from './live-call.ts'

export type PhoneCallsParts = {
  readonly settings: CallSettings
  /** Makes the conversation of one call. `log` carries the call's id; by `control` it reaches the call's carrier. */
  readonly createSession: (
    plan: ConversationPlan,
    log: Logger,
    control: CallControl,
  ) => Conversation
  readonly telephony: LiveCallParts['telephony']
  /** Carries calls whose spec asks for it; without one, such specs are refused. */
  readonly cloud?: CloudBackend | undefined
  /** Whom the carrier may be asked to ring. */
  readonly guard: DialGuard
  readonly store: CallStore
  readonly events: CallEvents
  readonly doNotCall: DoNotCallList
  readonly audit: Pick<AuditLog, 'note'>
  /** Why a URL of a spec may not be asked, as a phrase; without it every URL may. */
  readonly urlProblem?: (url: URL) => string | undefined
  readonly meters?: Pick<Meters, 'dialBlocked'>
  /** What is known of the vendors. */
  readonly circuits?: Pick<Circuits, 'outage'>
  /** The same line, for a call to talk through; what it plays is measured. */
  readonly tapLine?: (callId: string, line: Line) => Line
  readonly clock: Clock
  readonly log: Logger
}

/** Who asks for a call. */
export type Orderer = {
  /** Name of the key; undefined on a server without keys. */
  readonly owner?: string | undefined
  /** The id that the call is to have, when it was promised to somebody before. */
  readonly callId?: string
}
