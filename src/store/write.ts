import type { AuditEntry } from '../calls/audit.ts'
import type { CallEvent } from '../calls/call-events.ts'
import type { DoNotCallEntry } from '../calls/do-not-call.ts'
import type { CallOutcome } from '../calls/outcome/outcome.ts'
import type { CallRecord } from '../calls/record.ts'
import type { Delivery } from '../calls/webhooks/delivery.ts'

/** Something to be kept. */
export type Write =
  | { readonly kind: 'record'; readonly record: CallRecord }
  | { readonly kind: 'event'; readonly event: CallEvent }
  | { readonly kind: 'outcome'; readonly callId: string; readonly outcome: CallOutcome }
  | { readonly kind: 'delivery'; readonly delivery: Delivery }
  | { readonly kind: 'audit'; readonly entry: AuditEntry }
  | { readonly kind: 'do_not_call'; readonly entry: DoNotCallEntry }

/** Keeps all of them in one transaction, or none. */
export interface BatchWriter {
  write(writes: readonly Write[]): Promise<void>
}
