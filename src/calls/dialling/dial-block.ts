import { CallError, type CallErrorCode } from '../../errors.ts'

/** The rules that a dial can break; also `reason` of `phone_dial_blocked_total`. */
export type DialRule =
  // Never:
  | 'invalid_number'
  | 'prefix'
  | 'satellite'
  | 'country'
  | 'number_type'
  | 'do_not_call'
  // Not now:
  | 'calling_hours'
  | 'already_calling'
  | 'number_calls_per_hour'
  | 'number_calls_per_day'
  // Not as often, for the key that asks:
  | 'dials_per_second'
  | 'concurrent_calls'
  | 'calls_per_hour'
  | 'minutes_per_day'
  | 'countries_per_day'

/** Why a number is not rung, and what to do about it. */
export type DialBlock = {
  readonly rule: DialRule
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
  /** From then on it may be, as far as this rule goes. */
  readonly retryAt?: Date
}

const CODES: Readonly<Record<DialRule, CallErrorCode>> = {
  invalid_number: 'dial_not_allowed',
  prefix: 'dial_not_allowed',
  satellite: 'dial_not_allowed',
  country: 'dial_not_allowed',
  number_type: 'dial_not_allowed',
  do_not_call: 'do_not_call',
  calling_hours: 'dial_not_now',
  already_calling: 'dial_not_now',
  number_calls_per_hour: 'dial_not_now',
  number_calls_per_day: 'dial_not_now',
  dials_per_second: 'dial_limit',
  concurrent_calls: 'dial_limit',
  calls_per_hour: 'dial_limit',
  minutes_per_day: 'dial_limit',
  countries_per_day: 'dial_limit',
}

/** @param about whom was to be rung; `field` of the spec, when it is not `phone_number` */
export function blockedError(
  { rule, message, details, retryAt }: DialBlock,
  about: { readonly phoneNumber: string; readonly field?: string | undefined },
): CallError {
  const { phoneNumber, field } = about
  return new CallError(field === undefined ? message : `${field}: ${message}`, {
    code: CODES[rule],
    details: {
      rule,
      phone_number: phoneNumber,
      ...(field !== undefined && { field }),
      ...details,
      ...(retryAt && { retry_at: retryAt.toISOString() }),
    },
  })
}
