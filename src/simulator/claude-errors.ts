/** A refusal of the simulated Claude, in the vendor's own shape. */
export class ClaudeApiError extends Error {
  readonly status: number
  readonly errorCode: string | undefined

  constructor(status: number, message: string, errorCode?: string) {
    super(message)
    this.status = status
    this.errorCode = errorCode
  }

  get body(): object {
    return {
      type: 'error',
      error: {
        type: TYPES[this.status] ?? (this.status >= 500 ? 'api_error' : 'invalid_request_error'),
        message: this.message,
        ...(this.errorCode === undefined ? {} : { details: { error_code: this.errorCode } }),
      },
    }
  }
}

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  408: 'timeout_error',
  409: 'conflict_error',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

export function invalid(message: string): ClaudeApiError {
  return new ClaudeApiError(400, message)
}
