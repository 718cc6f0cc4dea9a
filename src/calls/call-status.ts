/** How far a call is. */
export const CALL_STATUSES = [
  'registered', // something else will dial it
  'queued', // the carrier has been asked to dial
  'ringing',
  'in_progress',
  'completed',
  'no_answer',
  'busy',
  'canceled', // ended before anybody answered
  'failed',
] as const
export type CallStatus = (typeof CALL_STATUSES)[number]

const TERMINAL: ReadonlySet<CallStatus> = new Set([
  'completed',
  'no_answer',
  'busy',
  'canceled',
  'failed',
])

export function isTerminal(status: CallStatus): boolean {
  return TERMINAL.has(status)
}

/**
 * The status of a call of which both were reported, in whichever order: reports are unordered and may come twice. The later
 * one in the life of a call wins, and of two ends the one that says more.
 */
export function laterStatus(a: CallStatus, b: CallStatus): CallStatus {
  return CALL_STATUSES.indexOf(a) >= CALL_STATUSES.indexOf(b) ? a : b
}
