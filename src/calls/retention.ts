import type { CallEvent } from './call-events.ts'
import { isTerminal } from './call-status.ts'
import type { CallRecord } from './record.ts'

const DAY_MS = 86_400_000

/** The last moment that is at least so many days ago; undefined for 0 days, which mean for ever. */
export function daysBefore(now: Date, days: number): Date | undefined {
  return days === 0 ? undefined : new Date(now.getTime() - days * DAY_MS)
}

/** When a call was over; undefined as long as it is not. */
export function overAt({ status, endedAt, createdAt }: CallRecord): Date | undefined {
  return isTerminal(status) ? (endedAt ?? createdAt) : undefined
}

/** The record without anything that was said, or written down of it. */
export function withoutTranscript(record: CallRecord): CallRecord {
  const left: CallRecord & { messageLeft?: string } = { ...record, turns: [], notes: [] }
  delete left.messageLeft
  return left
}

/** Types of the events that tell of what was said, or of what came out of it. */
export const TRANSCRIPT_EVENTS: ReadonlySet<CallEvent['type']> = new Set(['turn', 'call.outcome'])
