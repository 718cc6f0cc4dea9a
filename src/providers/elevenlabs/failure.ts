import { ProviderError, type ProviderErrorCode } from '../../errors.ts'
import { type ErrorFrame, parseRefusal } from './messages.ts'

/** ElevenLabs' own error ids, the same in a socket's error frame and in the body of a refusal. */
const CODES: Readonly<Record<string, ProviderErrorCode>> = {
  authentication_required: 'auth',
  invalid_api_key: 'auth',
  'only_for_creator+': 'auth',
  quota_exceeded: 'quota',
  too_many_concurrent_requests: 'rate_limited',
  system_busy: 'rate_limited',
  max_active_conversations: 'rate_limited',
  // A context that was forgotten, not one that was refused: a new connection speaks again.
  input_timeout_exceeded: 'disconnected',
}

export function failure(
  code: ProviderErrorCode,
  message: string,
  more: { vendorCode?: string | undefined; cause?: unknown } = {},
): ProviderError {
  const { vendorCode, cause } = more
  return new ProviderError(message, {
    provider: 'elevenlabs',
    code,
    cause,
    ...(vendorCode === undefined ? {} : { vendorCode }),
  })
}

export function failureOfFrame(frame: ErrorFrame): ProviderError {
  const code = codeOf(frame.error, frame.message) ?? closeCodes.get(frame.code ?? 0) ?? 'rejected'
  return failure(code, frame.message, {
    vendorCode: frame.error ?? (frame.code === undefined ? undefined : String(frame.code)),
  })
}

/** The upgrade was answered by an ordinary HTTP response. */
export function failureOfRefusal(httpStatus: number, body: string): ProviderError {
  const { status, message } = parseRefusal(body)
  const code = codeOf(status, message ?? '') ?? codeOfStatus(httpStatus)
  return failure(code, message ?? `connection refused with HTTP ${httpStatus}`, {
    vendorCode: status ?? String(httpStatus),
  })
}

/**
 * Codes with which a socket is closed or an error frame is labelled. 1009 has been seen for a voice that does not fit
 * the model; whatever is not listed is a lost connection.
 */
const closeCodes: ReadonlyMap<number, ProviderErrorCode> = new Map([
  [1002, 'rejected'],
  [1003, 'rejected'],
  [1007, 'rejected'],
  [1008, 'rejected'],
  [1009, 'rejected'],
  [1011, 'unavailable'],
  [1012, 'unavailable'],
  [1013, 'unavailable'],
])

export function failureOfClose(closeCode: number, reason: string): ProviderError {
  const code = codeOf(undefined, reason) ?? closeCodes.get(closeCode) ?? 'disconnected'
  return failure(code, reason === '' ? `connection closed with ${closeCode}` : reason, {
    vendorCode: String(closeCode),
  })
}

function codeOf(id: string | undefined, message: string): ProviderErrorCode | undefined {
  const known = id === undefined ? undefined : CODES[id]
  if (known) return known
  // Where only the reason of a close is left, it is the message; the id of a used-up quota is not documented at all.
  if (/quota/i.test(message)) return 'quota'
  return /simultaneous contexts/i.test(message) ? 'rate_limited' : undefined
}

function codeOfStatus(httpStatus: number): ProviderErrorCode {
  if (httpStatus === 401 || httpStatus === 403) return 'auth'
  if (httpStatus === 402) return 'quota'
  if (httpStatus === 429) return 'rate_limited'
  return httpStatus >= 500 ? 'unavailable' : 'rejected'
}
