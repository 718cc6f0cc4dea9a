/** An upgrade that is answered by an ordinary HTTP response. */
export type Refusal = {
  readonly status: number
  readonly code: string
  readonly message: string
}

export function badQuery(why: string): Refusal {
  return {
    status: 400,
    code: 'INVALID_QUERY_PARAMETER',
    message: `Failed to deserialize query parameters: ${why}`,
  }
}

export const invalidAuth: Refusal = {
  status: 401,
  code: 'INVALID_AUTH',
  message: 'Invalid credentials.',
}

export const notFound: Refusal = { status: 404, code: 'NOT_FOUND', message: 'No such endpoint.' }

/** Deepgram's own words for the statuses that do not depend on what was asked. */
const byStatus: Readonly<Record<number, Refusal>> = {
  400: {
    status: 400,
    code: 'Bad Request',
    message: 'Bad Request: No such model/version combination found.',
  },
  401: invalidAuth,
  402: {
    status: 402,
    code: 'ASR_PAYMENT_REQUIRED',
    message:
      'Project does not have enough credits for an ASR request and does not have an overage agreement.',
  },
  403: {
    status: 403,
    code: 'INSUFFICIENT_PERMISSIONS',
    message: 'Project does not have access to the requested model.',
  },
  429: {
    status: 429,
    code: 'TOO_MANY_REQUESTS',
    message: 'Too many requests. Please try again later',
  },
  503: { status: 503, code: 'Service Unavailable', message: 'Please try again later' },
}

export function refusalWith(status: number): Refusal {
  return byStatus[status] ?? { status, code: String(status), message: 'Something went wrong.' }
}
