import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { CallPast } from '../pipeline/call-past.ts'
import type { CallControl, Line, Telephony } from '../pipeline/ports.ts'
import type { CallEvents } from './call-events.ts'
import type { CallStore } from './call-store.ts'
import type { Conversation } from './conversation.ts'
import type { CallRecord } from './record.ts'
import type { CarrierBook } from './recovery/carrier-book.ts'
import type { StreamTokens } from './stream-tokens.ts'

export type LiveCallParts = {
  readonly record: CallRecord
  /** Makes the call's conversation. */
  readonly converse: (control: CallControl) => Conversation
  readonly telephony: Telephony
  /** What the carrier knows of its calls. */
  readonly book: Pick<CarrierBook, 'dialled'> | undefined
  readonly tokens: StreamTokens
  readonly store: CallStore
  readonly events: CallEvents
  readonly clock: Clock
  readonly log: Logger
  /** Whether the call is still this process's to end: false when another one has taken it over. Never rejects. */
  readonly isOurs?: ((callId: string) => Promise<boolean>) | undefined
  readonly language: string
  readonly maxDurationS: number
  readonly transferRingTimeoutS: number
  /** The same line, for a call to talk through; what it plays is measured. */
  readonly tapLine?: ((callId: string, line: Line) => Line) | undefined
  /** Set when another process has carried the call so far; `lastSeq`: number of its last event on record. */
  readonly resumed?:
    { readonly past: CallPast; readonly lastSeq: number; readonly ringTimeoutS: number } | undefined
}
