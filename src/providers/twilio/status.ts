import type { CallStatus } from './messages.ts'

/** Twilio's words for how far a call is, in ours. */
export const STATUS = {
  queued: 'queued',
  initiated: 'queued',
  ringing: 'ringing',
  'in-progress': 'in_progress',
  completed: 'completed',
  busy: 'busy',
  'no-answer': 'no_answer',
  failed: 'failed',
  canceled: 'canceled',
} as const satisfies Record<CallStatus, string>
