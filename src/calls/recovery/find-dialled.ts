import { isTerminal } from '../call-status.ts'
import type { BookedCall, CarrierBook } from './carrier-book.ts'

/** The carrier's clock and ours may differ by so much. */
export const CLOCK_SKEW_MS = 30_000

/**
 * Looks for the call that the carrier may have made of a request whose answer nobody has got.
 *
 * @param askedAt when the request was made
 * @param isOther whether a call of the carrier is another one of ours
 * @returns undefined when there is none, or when it could be one of several: only a report of the carrier's can tell then
 * @throws {ProviderError} when the carrier cannot be asked
 */
export async function findDialled(
  { to, askedAt }: { readonly to: string; readonly askedAt: Date },
  carrier: Pick<CarrierBook, 'dialled'>,
  isOther: (callSid: string) => boolean,
): Promise<BookedCall | undefined> {
  const since = askedAt.getTime() - CLOCK_SKEW_MS
  const booked = await carrier.dialled(to)
  const possible = booked.filter(
    ({ callSid, createdAt }) => !isOther(callSid) && (createdAt?.getTime() ?? since) >= since,
  )
  const going = possible.filter(({ status }) => !isTerminal(status))
  const [call, ...more] = going.length > 0 ? going : possible
  return more.length === 0 ? call : undefined
}
