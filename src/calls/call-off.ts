import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { CallEvents } from './call-events.ts'
import type { CallStore } from './call-store.ts'
import type { CallRecord, EndReason } from './record.ts'

/** Ends a call that nobody has begun with. */
export function callOff(
  record: CallRecord,
  endReason: EndReason,
  parts: {
    readonly store: CallStore
    readonly events: CallEvents
    readonly clock: Clock
    readonly log: Logger
  },
): CallRecord {
  const { store, events, clock, log } = parts
  const canceled: CallRecord = { ...record, status: 'canceled', endReason, endedAt: clock.date() }
  const { callId, status } = canceled
  events.publish(callId, { type: 'call.ended', status, endReason })
  store.save(canceled).catch((error: unknown) => {
    log.error({ err: error, callId }, 'record was not stored')
  })
  return canceled
}
