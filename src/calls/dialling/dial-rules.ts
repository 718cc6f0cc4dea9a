import { parsePhoneNumberFromString, type PhoneNumberType } from 'libphonenumber-js/max'
import type { DialBlock } from './dial-block.ts'

/** Kinds of numbers, as libphonenumber tells them apart; `UNKNOWN` is a number of none of them. */
export const NUMBER_TYPES = [
  'FIXED_LINE',
  'MOBILE',
  'FIXED_LINE_OR_MOBILE',
  'TOLL_FREE',
  'PREMIUM_RATE',
  'SHARED_COST',
  'VOIP',
  'PERSONAL_NUMBER',
  'PAGER',
  'UAN',
  'VOICEMAIL',
  'UNKNOWN',
] as const satisfies readonly (PhoneNumberType | 'UNKNOWN')[]

/** Which numbers may be rung at all, whoever asks and whenever. */
export type DialRules = {
  /** ISO 3166 codes; `*` is every country. */
  readonly countries: readonly string[]
  readonly deniedTypes: readonly (typeof NUMBER_TYPES)[number][]
  /** Numbers that begin so are rung whatever their country and kind: test phones, a simulated network. */
  readonly allowedPrefixes: readonly string[]
  /** Numbers that begin so are never rung, allowed or not. */
  readonly deniedPrefixes: readonly string[]
}

const E164 = /^\+[1-9]\d{6,14}$/

/**
 * The country that a number belongs to; of one that is not assigned, the first that shares its calling code.
 * libphonenumber's data is that of Google's library: https://github.com/google/libphonenumber
 */
export function countryOf(phoneNumber: string): string | undefined {
  const parsed = parsePhoneNumberFromString(phoneNumber)
  return parsed?.country ?? parsed?.getPossibleCountries()[0]
}

export function isAllowedByPrefix(
  phoneNumber: string,
  { allowedPrefixes }: Pick<DialRules, 'allowedPrefixes'>,
): boolean {
  return allowedPrefixes.some((prefix) => phoneNumber.startsWith(prefix))
}

/**
 * Why a number is never rung; undefined when it may be. Calling codes are no countries: +1 876 is Jamaica, where a minute
 * costs twenty times as much as next door.
 */
export function checkNumber(phoneNumber: string, rules: DialRules): DialBlock | undefined {
  if (!E164.test(phoneNumber)) {
    return {
      rule: 'invalid_number',
      message: 'this is no phone number in E.164 form: give it as +, country code and number',
    }
  }
  const denied = rules.deniedPrefixes.find((prefix) => phoneNumber.startsWith(prefix))
  if (denied !== undefined) {
    return {
      rule: 'prefix',
      message: `numbers that begin with ${denied} are not rung: the server denies them (DIAL_DENIED_PREFIXES)`,
    }
  }
  if (isAllowedByPrefix(phoneNumber, rules)) return undefined
  return checkKind(phoneNumber, rules)
}

function checkKind(phoneNumber: string, rules: DialRules): DialBlock | undefined {
  const parsed = parsePhoneNumberFromString(phoneNumber)
  if (!parsed?.isValid()) {
    return {
      rule: 'invalid_number',
      message:
        'this number is not assigned to anybody: check it, or let the server ring it all the same (DIAL_ALLOWED_PREFIXES)',
    }
  }
  // Two ways to write one number would be two numbers to the do-not-call list.
  if (parsed.number !== phoneNumber) {
    return { rule: 'invalid_number', message: `this number is written ${parsed.number}` }
  }
  const { country } = parsed
  if (country === undefined) {
    return {
      rule: 'satellite',
      message:
        'satellite and international networks are not rung: let the server ring this number all the same (DIAL_ALLOWED_PREFIXES)',
    }
  }
  if (!rules.countries.includes('*') && !rules.countries.includes(country)) {
    const among = rules.countries.join(', ')
    return {
      rule: 'country',
      message: `numbers of ${country} are not rung, only those of ${among}: add it to DIAL_COUNTRIES of the server`,
      details: { country },
    }
  }
  const type = parsed.getType() ?? 'UNKNOWN'
  if (!rules.deniedTypes.includes(type)) return undefined
  return {
    rule: 'number_type',
    message: `numbers of the kind ${type} are not rung: DIAL_DENIED_TYPES of the server lists it`,
    details: { country, type },
  }
}
