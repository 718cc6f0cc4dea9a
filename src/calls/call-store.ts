import type { AuditTrail } from './audit.ts'
import type { CallEvent } from './call-events.ts'
import type { CallStatus } from './call-status.ts'
import type { DoNotCallEntry, DoNotCallList } from './do-not-call.ts'
import type { CallOutcome } from './outcome/outcome.ts'
import type { IdempotentRequests } from './idempotency.ts'
import type { OutcomeJobs } from './outcome/outcome-jobs.ts'
import type { CallRecord } from './record.ts'
import type { Delivery, DeliveryStore } from './webhooks/delivery.ts'

export { MemoryCallStore } from './memory-call-store.ts'

/** Which calls are asked for; a condition that is absent holds for every call. */
export type CallFilter = {
  /** Name of the API key that asked for them. */
  readonly owner?: string | undefined
  readonly status?: CallStatus | undefined
  readonly phoneNumber?: string | undefined
  /** Created then or later. */
  readonly from?: Date | undefined
  /** Created earlier. */
  readonly to?: Date | undefined
  /** Every entry must be among those of the call. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

/** `before`: only calls that are older than this one, whether or not it is still kept. */
export type CallQuery = CallFilter & {
  readonly limit: number
  readonly before?: string | undefined
}

export type CallPage = {
  readonly records: readonly CallRecord[]
  /** Id to ask the next page with; absent on the last one. */
  readonly nextBefore?: string
}

export type EventQuery = { readonly after?: number | undefined; readonly limit: number }

/** What is kept of one call. */
export type KeptCall = {
  readonly record: CallRecord
  readonly events: readonly CallEvent[]
  readonly outcome?: CallOutcome
  readonly deliveries: readonly Delivery[]
}

/** Everything that is kept about a phone number; oldest call first. */
export type NumberExport = {
  readonly phoneNumber: string
  /** The number is on the list of those that are not to be called. */
  readonly doNotCall?: DoNotCallEntry
  readonly calls: readonly KeptCall[]
}

/** A call that no process has brought to its end. */
export type UnfinishedCall = {
  /** With what its events tell. */
  readonly record: CallRecord
  readonly lastEvent?: { readonly seq: number; readonly at: Date }
}

/**
 * How long things are kept, in days after the end of the call; 0: for ever. `transcript`: turns, notes, messages left, the
 * outcome, and what was told of them by events and webhooks; `metadata`: everything else about the call.
 */
export type RetentionDays = { readonly transcript: number; readonly metadata: number }

/** Ids of calls. */
export type Swept = {
  /** What was said in them is gone. */
  readonly transcripts: readonly string[]
  /** Nothing is left of them. */
  readonly erased: readonly string[]
}

/**
 * Where everything about calls is kept. Never awaited while a call is being carried. Every method rejects with a `StoreError`
 * when the store fails.
 */
export interface CallStore extends OutcomeJobs, DeliveryStore {
  /** The people who do not want to be called again. Erasing a call or a number leaves the list as it is. */
  readonly doNotCall: DoNotCallList
  /** Erasing a number takes it out of the entries that name it; they are kept as long as metadata. */
  readonly audit: AuditTrail
  /** Erasing a call forgets what was answered about it. */
  readonly requests: IdempotentRequests

  /** Keeps a new record, or replaces the one with the same id. */
  save(record: CallRecord): Promise<void>
  /** The record; of a call that is not over, with the turns and timings that its events tell of. */
  get(callId: string): Promise<CallRecord | undefined>
  /** Newest first; calls that are not over as they were saved last. */
  list(query: CallQuery): Promise<CallPage>

  /** Keeps an event; one that is kept already, or whose call is not, changes nothing. */
  appendEvent(event: CallEvent): Promise<void>
  /** Of one call, in order; `after`: only those with a greater `seq`. */
  events(callId: string, query?: Partial<EventQuery>): Promise<readonly CallEvent[]>
  /** Of all calls, by `order`; `after`: only those with a greater one. */
  allEvents(query: EventQuery): Promise<readonly CallEvent[]>

  outcome(callId: string): Promise<CallOutcome | undefined>

  /** Calls that were created earlier than that and are not over; oldest first. */
  unfinished(query: { createdBefore: Date; limit: number }): Promise<readonly UnfinishedCall[]>

  /** Forgets everything about a call. Returns whether there was any. */
  erase(callId: string): Promise<boolean>
  /** Forgets every call with that number which is over, and returns their ids. */
  eraseNumber(phoneNumber: string): Promise<readonly string[]>
  /** Every call with that number, those that are not over included. */
  exportNumber(phoneNumber: string): Promise<NumberExport>
  /** Forgets what is older than it may be; of calls that are over. */
  sweep(query: { now: Date; days: RetentionDays }): Promise<Swept>

  /** Resolves when the store can be read. */
  ping(): Promise<void>
  close(): Promise<void>
}
