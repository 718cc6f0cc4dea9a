import type { Turn } from '../../pipeline/transcript.ts'
import { outcomeViewOf } from '../outcome/outcome-view.ts'
import type { CallOutcome } from '../outcome/outcome.ts'
import type { CallRecord } from '../record.ts'
import type { WebhookType } from './delivery.ts'

/** Receivers are advised to refuse more than this; a transcript that is too long for it is left to be fetched. */
const MAX_BODY_BYTES = 20 * 1024

/** What has happened, with the record as it was then. */
export type Announcement = {
  readonly type: WebhookType
  readonly record: CallRecord
  readonly at: Date
  /** Of `call.outcome`. */
  readonly outcome?: CallOutcome | undefined
}

/** The body of a message: `{ type, timestamp, data }`, as JSON. */
export function webhookBody(announcement: Announcement): string {
  const whole = written(announcement, true)
  return Buffer.byteLength(whole) <= MAX_BODY_BYTES ? whole : written(announcement, false)
}

function written(announcement: Announcement, withTranscript: boolean): string {
  const { type, at } = announcement
  return JSON.stringify({
    type,
    timestamp: at.toISOString(),
    data: dataOf(announcement, withTranscript),
  })
}

/** The fields have the names and forms that they have in `GET /api/phone/calls/{id}`. */
function dataOf({ type, record, outcome }: Announcement, withTranscript: boolean): object {
  const call = basicsOf(record)
  switch (type) {
    case 'call.started':
      return call
    case 'call.answered':
      return { ...call, answered_at: record.answeredAt?.toISOString() ?? null }
    case 'call.ended':
      return {
        ...call,
        ...endOf(record),
        notes: record.notes,
        message_left: record.messageLeft ?? null,
        transcript: withTranscript ? record.turns.map(turnView) : null,
      }
    case 'call.outcome':
      return { ...call, ...endOf(record), outcome: outcome ? outcomeViewOf(outcome) : null }
  }
}

function basicsOf(record: CallRecord) {
  return {
    call_id: record.callId,
    call_sid: record.callSid ?? null,
    direction: record.direction,
    phone_number: record.spec.phoneNumber,
    status: record.status,
    created_at: record.createdAt.toISOString(),
    metadata: record.spec.metadata ?? {},
  }
}

function endOf(record: CallRecord) {
  const { answeredAt, endedAt } = record
  return {
    answered_at: answeredAt?.toISOString() ?? null,
    ended_at: endedAt?.toISOString() ?? null,
    duration_s: answeredAt && endedAt ? (endedAt.getTime() - answeredAt.getTime()) / 1000 : null,
    end_reason: record.endReason ?? null,
    failure: record.failure ?? null,
    answered_by: record.answeredBy ?? null,
    opted_out: record.optedOut,
    transferred_to: record.transferredTo ?? null,
  }
}

function turnView(turn: Turn): object {
  const { startMs, endMs, ...said } = turn
  return { ...said, start_ms: Math.round(startMs), end_ms: Math.round(endMs) }
}
