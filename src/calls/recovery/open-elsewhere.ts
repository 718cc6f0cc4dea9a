import { isTerminal } from '../call-status.ts'
import type { CallStore } from '../call-store.ts'

/** No process has carried more calls than this at once. */
const MOST = 10_000

/**
 * Whether a call that is not known here is open on record: another process carries it, or has been killed a moment ago, so that
 * somebody will take it over.
 */
export async function isOpenElsewhere(
  { callSid, callId }: { readonly callSid: string; readonly callId?: string },
  store: Pick<CallStore, 'get' | 'list'>,
): Promise<boolean> {
  if (callId !== undefined) {
    const record = await store.get(callId)
    return record !== undefined && !isTerminal(record.status)
  }
  const { records } = await store.list({ status: 'in_progress', limit: MOST })
  return records.some((record) => record.callSid === callSid)
}
