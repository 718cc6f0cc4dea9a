import { CallError, ProviderError } from '../errors.ts'

/** What whoever asked for a call is told when it could not be placed: the carrier's own code and words. */
export function dialErrorOf(error: unknown, callId: string): CallError {
  if (!(error instanceof ProviderError)) {
    return new CallError('the call could not be placed', {
      code: 'dial_failed',
      details: { call_id: callId },
      cause: error,
    })
  }
  const { provider, code, vendorCode, message } = error
  return new CallError(`${provider} did not place the call: ${message}`, {
    code: code === 'rejected' ? 'dial_refused' : 'dial_failed',
    details: { call_id: callId, provider, code: vendorCode ?? code, message },
    cause: error,
  })
}
