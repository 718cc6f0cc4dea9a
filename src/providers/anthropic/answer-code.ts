import type { ProviderErrorCode } from '../../errors.ts'

const CODE_OF_TYPE: Readonly<Record<string, ProviderErrorCode>> = {
  authentication_error: 'auth',
  permission_error: 'auth',
  billing_error: 'quota',
  rate_limit_error: 'rate_limited',
  timeout_error: 'timeout',
  overloaded_error: 'unavailable',
  api_error: 'unavailable',
}

/** For gateways that stand in between and send bodies of their own. */
const CODE_OF_STATUS: Readonly<Record<number, ProviderErrorCode>> = {
  401: 'auth',
  402: 'quota',
  403: 'auth',
  408: 'timeout',
  429: 'rate_limited',
}

/** What an answer of the API with this status, `error.type` and `error.details.error_code` means. */
export function codeOfAnswer(
  status: number | undefined,
  type: string,
  errorCode: string,
): ProviderErrorCode {
  // A spending limit comes as a 429, but no waiting of ours lifts it.
  if (/spend_limit|billing/.test(errorCode)) return 'quota'
  if (status !== undefined && status >= 500) return 'unavailable'
  const code = CODE_OF_TYPE[type] ?? (status === undefined ? 'unavailable' : CODE_OF_STATUS[status])
  return code ?? 'rejected'
}
