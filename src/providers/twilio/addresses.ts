/** The routes that Twilio calls back; src/routes/twilio.ts serves them. */
export type Callback =
  | 'voice'
  | 'fallback'
  | 'status'
  | 'amd'
  | 'stream-status'
  | 'stream-ended'
  | 'transfer-ended'
  | 'recording-status'

/**
 * How Twilio is to ask for a document that a call cannot go on without: it gives up on a connection after 2 s and on an answer
 * after 5 s, and tries twice more, also after an error of a proxy's (15 s for all of it). Without this it tries once more, and
 * only when no connection was made. Neither sent nor signed (protocols/twilio.md §3.3).
 */
const INSISTENTLY = '#ct=2000&rt=5000&rc=2&rp=ct,rt,5xx'

/** Public address of a document. */
export function documentAddressOf(
  publicHost: string,
  callback: Extract<Callback, 'voice' | 'stream-ended' | 'transfer-ended'>,
  callId?: string,
): string {
  return addressOf(publicHost, callback, callId) + INSISTENTLY
}

/** Public address of a callback. `callId` names a call of ours before its `CallSid` is known. */
export function addressOf(publicHost: string, callback: Callback, callId?: string): string {
  const address = `https://${publicHost}/api/phone/twilio/${callback}`
  return callId === undefined ? address : `${address}?call_id=${encodeURIComponent(callId)}`
}
