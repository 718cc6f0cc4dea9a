import type { CallEvents } from '../calls/call-events.ts'
import type { CallStore, UnfinishedCall } from '../calls/call-store.ts'
import type { CallRecord } from '../calls/record.ts'

const PAGE = 100

export type InterruptedCallsParts = {
  readonly store: Pick<CallStore, 'unfinished' | 'save'>
  readonly events: Pick<CallEvents, 'publish'>
  /** Takes up a call that goes on without us, if it is one. */
  readonly resume?: (call: UnfinishedCall) => boolean
}

/**
 * Closes the records of calls that an earlier process has left open and that nobody carries on, with what their events tell, and reports their end like
 * that of any other call. `createdBefore`: calls that were created later are somebody else's. An embedded database has one
 * process, so that is its start; on a shared server it must be longer ago than the longest call.
 *
 * @returns how many there were
 */
export async function closeInterruptedCalls(
  { store, events, resume = () => false }: InterruptedCallsParts,
  { createdBefore }: { createdBefore: Date },
): Promise<number> {
  const closed = new Set<string>()
  const resumed = new Set<string>()
  for (;;) {
    const calls = await store.unfinished({ createdBefore, limit: PAGE + resumed.size })
    // Those that are closed are asked for again when the database does not take them at the moment.
    const open = calls.filter(
      ({ record: { callId } }) => !closed.has(callId) && !resumed.has(callId),
    )
    if (open.length === 0) return closed.size
    for (const call of open) {
      if (resume(call)) {
        resumed.add(call.record.callId)
        continue
      }
      const record = closedRecord(call)
      await store.save(record)
      const { callId, status, endReason, failure } = record
      closed.add(callId)
      events.publish(
        callId,
        { type: 'call.ended', status, endReason, ...(failure && { failure }) },
        call.lastEvent?.seq ?? 0,
      )
    }
  }
}

function closedRecord({
  record,
  lastEvent,
}: UnfinishedCall): CallRecord & Required<Pick<CallRecord, 'endReason'>> {
  const endedAt = lastEvent?.at ?? record.createdAt
  // Nobody had begun with it.
  if (record.status === 'registered') {
    return { ...record, status: 'canceled', endReason: 'expired', endedAt }
  }
  return {
    ...record,
    status: 'failed',
    endReason: 'failed',
    endedAt,
    failure: {
      by: 'parley',
      code: 'interrupted',
      message: 'the server stopped in the middle of the call',
    },
  }
}
