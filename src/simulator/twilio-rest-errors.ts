/** Twilio's REST errors: HTTP status and message by code. */
const ERRORS = {
  20003: { status: 401, message: 'Authenticate' },
  20404: { status: 404, message: 'The requested resource was not found' },
  21201: { status: 400, message: 'No "To" number is specified' },
  21205: { status: 400, message: 'Url is not a valid URL' },
  21206: { status: 400, message: 'SendDigits is invalid' },
  21208: { status: 400, message: 'Invalid timeout' },
  21209: { status: 400, message: 'Invalid method' },
  21210: { status: 400, message: 'The "From" number is not owned by this account' },
  21211: { status: 400, message: 'The "To" number is not a valid phone number' },
  21212: { status: 400, message: 'The "From" number is not a valid phone number' },
  21213: { status: 400, message: 'No "From" number is specified' },
  21220: { status: 400, message: 'Call is not in-progress. Cannot redirect.' },
  32018: { status: 400, message: 'Twiml is longer than 4000 characters' },
} as const

type Refusal = { readonly status: number; readonly code: number; readonly message: string }

/** A request that Twilio refuses. */
export class RestError extends Error {
  override readonly name = 'RestError'
  readonly refusal: Refusal

  constructor(refusal: keyof typeof ERRORS | Refusal) {
    const known = typeof refusal === 'number' ? { code: refusal, ...ERRORS[refusal] } : refusal
    super(known.message)
    this.refusal = known
  }

  get body(): Record<string, unknown> {
    const { code, message, status } = this.refusal
    return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }
  }
}
