import { ProviderError, type ProviderErrorCode } from '../../errors.ts'

/** Codes of Twilio that mean something else than their HTTP status says. */
const BY_CODE: Readonly<Record<string, ProviderErrorCode>> = {
  10001: 'auth', // the account is not active
  10004: 'rate_limited', // too many calls at once
  20003: 'auth',
  20005: 'auth',
  20006: 'auth',
  20008: 'auth', // test credentials
  20429: 'rate_limited',
  22005: 'rate_limited', // more than a day's worth of calls is queued
}

/**
 * What the SDK throws, as ours. Twilio's code is kept, and its message: it is the best explanation there is. The
 * original is not: a network error of the SDK carries the request with its credentials.
 */
export function toProviderError(error: unknown): ProviderError {
  const { status, code, message } = describe(error)
  const vendorCode = typeof code === 'number' ? code : (status ?? code)
  return new ProviderError(message, {
    provider: 'twilio',
    code: codeOf(status, code),
    ...(vendorCode === undefined ? {} : { vendorCode: String(vendorCode) }),
  })
}

/** "Call is not in-progress", "not found": what an update of a call that has ended is answered with. */
const CALL_OVER: ReadonlySet<string | undefined> = new Set(['21220', '20404'])

/** The error of an update as `call_over`, if it says that the call has ended. To be used where a call is named, and only there. */
export function callOver(error: unknown): ProviderError | undefined {
  if (!(error instanceof ProviderError) || !CALL_OVER.has(error.vendorCode)) return undefined
  const { provider, vendorCode, message } = error
  return new ProviderError(message, {
    provider,
    code: 'call_over',
    ...(vendorCode !== undefined && { vendorCode }),
  })
}

function codeOf(status: number | undefined, code: number | string | undefined): ProviderErrorCode {
  const known = code === undefined ? undefined : BY_CODE[code]
  if (known) return known
  // axios gives up with one of these; the request may have reached Twilio or not.
  if (code === 'ECONNABORTED' || code === 'ETIMEDOUT') return 'timeout'
  if (status === undefined || status >= 500) return 'unavailable'
  if (status === 401 || status === 403) return 'auth'
  if (status === 429) return 'rate_limited'
  return 'rejected'
}

type Description = {
  status: number | undefined
  code: number | string | undefined
  message: string
}

/** `RestException` has a numeric code and a status, a network error a code such as `ECONNREFUSED`. */
function describe(error: unknown): Description {
  if (!(error instanceof Error)) {
    return { status: undefined, code: undefined, message: String(error) }
  }
  const status = 'status' in error && typeof error.status === 'number' ? error.status : undefined
  const code =
    'code' in error && (typeof error.code === 'number' || typeof error.code === 'string')
      ? error.code
      : undefined
  return { status, code, message: error.message }
}
