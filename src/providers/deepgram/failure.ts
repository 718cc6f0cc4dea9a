import { ProviderError, type ProviderErrorCode } from '../../errors.ts'
import { parseRefusal, type WireError } from './messages.ts'

export function failure(
  code: ProviderErrorCode,
  message: string,
  more: {
    vendorCode?: string | undefined
    retryAfterMs?: number | undefined
    cause?: unknown
  } = {},
): ProviderError {
  const { vendorCode, retryAfterMs, cause } = more
  return new ProviderError(message, {
    provider: 'deepgram',
    code,
    cause,
    ...(vendorCode !== undefined && { vendorCode }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}

/** `dgError` is the header in which Deepgram says why; `retryAfter` the one that says when, in seconds. */
export type RefusalParts = {
  readonly dgError?: string | undefined
  readonly retryAfter?: string | undefined
  readonly body: string
}

/** The upgrade was answered by an ordinary HTTP response. */
export function failureOfRefusal(
  httpStatus: number,
  { dgError, retryAfter, body }: RefusalParts,
): ProviderError {
  const retryAfterS = Number.parseFloat(retryAfter ?? '')
  const { code, message } = parseRefusal(body)
  const why = message ?? dgError ?? 'no reason given'
  return failure(codeOfStatus(httpStatus), `connection refused with HTTP ${httpStatus}: ${why}`, {
    vendorCode: code ?? String(httpStatus),
    retryAfterMs: Number.isNaN(retryAfterS) ? undefined : retryAfterS * 1000,
  })
}

/** The connection was closed without our asking. 1008 means audio that Deepgram cannot decode: asking again is no use. */
export function failureOfClose(closeCode: number, reason: string): ProviderError {
  // `NET-0001` and the like, sometimes only as the end of a link to its page.
  const [, family, number] = /(NET|DATA)-?(\d{4})/i.exec(reason) ?? []
  const label = family && number && `${family.toUpperCase()}-${number}`
  return failure(
    closeCode === 1008 ? 'rejected' : 'disconnected',
    `connection closed with ${closeCode}${reason === '' ? '' : `: ${reason}`}`,
    { vendorCode: label ?? String(closeCode) },
  )
}

/** Ids of error messages that say more than that something is wrong at Deepgram. */
const CODES: Readonly<Record<string, ProviderErrorCode>> = {
  INACTIVE_CLIENT: 'disconnected',
  UNPARSABLE_CLIENT_MESSAGE: 'rejected',
  KeytermsNotSupported: 'rejected',
}

/** Always the last message of a connection. */
export function failureOfMessage(error: WireError): ProviderError {
  const code = error.code ?? error.err_code ?? error.variant
  const message = error.description ?? error.err_msg ?? error.message ?? 'no reason given'
  return failure(CODES[code ?? ''] ?? 'unavailable', message, { vendorCode: code })
}

function codeOfStatus(httpStatus: number): ProviderErrorCode {
  if (httpStatus === 401 || httpStatus === 403) return 'auth'
  if (httpStatus === 402) return 'quota'
  if (httpStatus === 429) return 'rate_limited'
  return httpStatus >= 500 ? 'unavailable' : 'rejected'
}
