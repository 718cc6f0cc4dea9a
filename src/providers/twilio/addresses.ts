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

/** Public address of a callback. `callId` names a call of ours before its `CallSid` is known. */
export function addressOf(publicHost: string, callback: Callback, callId?: string): string {
  const address = `https://${publicHost}/api/phone/twilio/${callback}`
  return callId === undefined ? address : `${address}?call_id=${encodeURIComponent(callId)}`
}
