import type { SessionFailure } from '../../pipeline/session-end.ts'
import type { CallEvents } from '../call-events.ts'
import { type CallStatus, isTerminal } from '../call-status.ts'
import type { CallStore, UnfinishedCall } from '../call-store.ts'
import type { CallRecord } from '../record.ts'
import { pastOf } from './past-of.ts'

/** How the carrier has ended a call; undefined where it is not known. */
export type CarrierEnd = { readonly status?: CallStatus; readonly endedAt?: Date | undefined }

type Closed = CallRecord & Required<Pick<CallRecord, 'endReason' | 'endedAt'>>

/** Closes the record of a call that nobody goes on with, and reports its end like that of any other call. */
export async function closeInterrupted(
  call: UnfinishedCall,
  end: CarrierEnd,
  { store, events }: { store: Pick<CallStore, 'save'>; events: Pick<CallEvents, 'publish'> },
): Promise<Closed> {
  const record = closedRecord(call, end)
  await store.save(record)
  const { callId, status, endReason, failure } = record
  const lastSeq = call.lastEvent?.seq ?? 0
  events.publish(
    callId,
    { type: 'call.ended', status, endReason, ...(failure && { failure }) },
    lastSeq,
  )
  return record
}

function closedRecord({ record, lastEvent }: UnfinishedCall, end: CarrierEnd): Closed {
  const endedAt = end.endedAt ?? lastEvent?.at ?? record.createdAt
  const { facts } = pastOf(record, endedAt)
  const known = { ...record, ...facts, endedAt }
  // Nobody had begun with it.
  if (record.status === 'registered') return { ...known, status: 'canceled', endReason: 'expired' }
  const { status = 'failed' } = end
  if (isTerminal(status) && status !== 'completed' && status !== 'failed') {
    return { ...known, status, endReason: 'not_answered' }
  }
  const failure =
    record.callSid === undefined && end.status === undefined ? NOT_DIALLED : INTERRUPTED
  return { ...known, status: 'failed', endReason: 'failed', failure }
}

const INTERRUPTED: SessionFailure = {
  by: 'parley',
  code: 'interrupted',
  message: 'the server stopped in the middle of the call',
}

const NOT_DIALLED: SessionFailure = {
  by: 'parley',
  code: 'interrupted',
  message: 'the server stopped before the number was dialled, and it was not dialled again',
}
