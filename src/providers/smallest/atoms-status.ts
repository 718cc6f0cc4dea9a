import type { CloudReport, CloudStatus, CloudWords } from '../../pipeline/cloud-backend.ts'
import type { ConversationLog, TranscriptEntry, WebhookEvent } from './atoms-messages.ts'

/**
 * Atoms spells the same status in three ways (the API `no_answer` and `cancelled`, webhooks `no-answer` and `canceled`, and in
 * capitals elsewhere). What it says of the time before the end is no more than that there is one: `in_progress` is a call that is
 * being placed, `active` one in which people talk.
 */
const STATUSES: Readonly<Record<string, CloudStatus>> = {
  pending: 'queued',
  in_queue: 'queued',
  queued: 'queued',
  in_progress: 'ringing',
  ringing: 'ringing',
  active: 'in_progress',
  completed: 'completed',
  failed: 'failed',
  no_answer: 'no_answer',
  busy: 'busy',
  cancelled: 'canceled',
  canceled: 'canceled',
}

/** Undefined for a status that says nothing of the call itself, such as `processing`, or that is new. */
export function statusOf(spelled: string, reason?: string): CloudStatus | undefined {
  const status = STATUSES[spelled.toLowerCase().replaceAll('-', '_')]
  // The API has no status of its own for it.
  return status === 'failed' && /\bbusy\b/i.test(reason ?? '') ? 'busy' : status
}

/** What one look at a call tells. */
export function reportOfLog(log: ConversationLog): CloudReport {
  const status = statusOf(log.status, log.callFailureReason)
  return {
    ...(status && { status }),
    ...(log.duration !== undefined && { durationS: log.duration }),
    ...(log.callFailureReason !== undefined && { reason: log.callFailureReason }),
    words: wordsOf(log.transcript),
  }
}

/** What a webhook tells; undefined when that is nothing about the course of the call. */
export function reportOfEvent(event: WebhookEvent): CloudReport | undefined {
  const { callData, transcript, metadata } = event
  if (metadata.eventType === 'pre-conversation') return {}
  if (metadata.eventType !== 'post-conversation') return undefined
  const status = statusOf(callData?.callStatus ?? '')
  const answeredAt = dateOf(callData?.answerTime)
  const endedAt = dateOf(callData?.endTime)
  return {
    ...(status && { status }),
    ...(answeredAt && { answeredAt }),
    ...(endedAt && { endedAt }),
    ...(callData?.callDuration !== undefined && { durationS: callData.callDuration }),
    words: wordsOf(transcript),
  }
}

function wordsOf(transcript: readonly TranscriptEntry[]): readonly CloudWords[] {
  return transcript.map(({ role, content, timestamp }) => ({
    role: role === 'user' ? 'caller' : 'agent',
    text: content,
    ...momentOf(timestamp),
  }))
}

/** Numbers below this are no time of this century: they count from the answer. */
const FIRST_EPOCH_S = 1_000_000_000

/** A number may be milliseconds or seconds since 1970, or seconds since the answer. */
function momentOf(timestamp: string | number | undefined): { at?: Date; offsetMs?: number } {
  if (typeof timestamp !== 'number') {
    const at = dateOf(timestamp)
    return at ? { at } : {}
  }
  if (timestamp >= FIRST_EPOCH_S * 1000) return { at: new Date(timestamp) }
  if (timestamp >= FIRST_EPOCH_S) return { at: new Date(timestamp * 1000) }
  return { offsetMs: timestamp * 1000 }
}

function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? undefined : date
}
