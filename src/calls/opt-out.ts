import type { Logger } from '../log.ts'
import { type DoNotCallList, isPhoneNumber } from './do-not-call.ts'
import type { CallRecord } from './record.ts'

/** Whoever said so in a call is not called again. Never rejects: what cannot be done is logged. */
export async function heedOptOut(
  { callId, optedOut, spec: { phoneNumber } }: CallRecord,
  { doNotCall, log }: { readonly doNotCall: DoNotCallList; readonly log: Logger },
): Promise<void> {
  if (!optedOut || !isPhoneNumber(phoneNumber)) return
  try {
    await doNotCall.add(phoneNumber, { callId })
  } catch (error) {
    log.error({ err: error, callId }, 'number was not put on the do-not-call list')
  }
}
