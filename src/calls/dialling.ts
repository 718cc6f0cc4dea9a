import type { Clock } from '../clock.ts'
import { ProviderError } from '../errors.ts'
import type { Logger } from '../log.ts'
import type { DialRequest, Telephony } from '../pipeline/ports.ts'
import { isTerminal } from './call-status.ts'
import type { CarrierBook } from './recovery/carrier-book.ts'
import { findDialled } from './recovery/find-dialled.ts'

/** Pauses before the carrier is asked whether it has made the call: it needs a moment to know of it itself. */
const SEARCHES_MS = [500, 1500, 3000]
/** One request too many at once: Twilio has not looked at it, so that it may be made again. */
const NOT_PROCESSED = '20429'
const NOT_PROCESSED_PAUSE_MS = 1000

/** What says that no connection was ever made: the carrier cannot have heard of the call. */
const NEVER_ASKED: ReadonlySet<string | undefined> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
])

export type DiallingParts = {
  readonly telephony: Pick<Telephony, 'dial'>
  /** Without it only reports tell of a call whose answer was lost. */
  readonly book: Pick<CarrierBook, 'dialled'> | undefined
  readonly clock: Clock
  readonly log: Logger
  /** The carrier's id of the call, as soon as any report has named it. */
  readonly reported: () => string | undefined
  /** Whether a call of the carrier is another one of ours. */
  readonly isOther: (callSid: string) => boolean
}

/**
 * Rings a number once. An answer that is lost, or that says nothing, leaves open whether the phone rings: a second request
 * would ring it twice, so the call is looked for, among what the carrier reports and what it knows of.
 *
 * @returns the carrier's id of the call
 * @throws {ProviderError} when the call was not made, or could not be found: `mayRing` tells them apart
 */
export async function dialOnce(request: DialRequest, parts: DiallingParts): Promise<string> {
  const { clock, log } = parts
  const askedAt = clock.date()
  try {
    return await asked(request, parts)
  } catch (error) {
    if (!mayRing(error)) throw error
    log.warn({ err: error }, 'carrier did not say whether it rings, looking for the call')
    for (const pauseMs of SEARCHES_MS) {
      await clock.sleep(pauseMs)
      const callSid = parts.reported() ?? (await findCall(request, askedAt, parts))
      if (callSid === undefined) continue
      log.info({ callSid }, 'call found at the carrier')
      return callSid
    }
    throw error
  }
}

/** Whether the phone may ring although the request to ring it has failed. */
export function mayRing(error: unknown): boolean {
  if (!(error instanceof ProviderError) || NEVER_ASKED.has(error.vendorCode)) return false
  return ['timeout', 'unavailable', 'disconnected', 'protocol'].includes(error.code)
}

async function asked(
  request: DialRequest,
  { telephony, clock, log }: DiallingParts,
): Promise<string> {
  try {
    return (await telephony.dial(request, {})).callSid
  } catch (error) {
    if (!(error instanceof ProviderError) || error.vendorCode !== NOT_PROCESSED) throw error
    log.warn('carrier has too many requests at once, asked once more')
    await clock.sleep(NOT_PROCESSED_PAUSE_MS)
    return (await telephony.dial(request, {})).callSid
  }
}

/** A call that is over already is none that the conversation could be held on. */
async function findCall(
  { to }: DialRequest,
  askedAt: Date,
  { book, log, isOther }: DiallingParts,
): Promise<string | undefined> {
  if (!book) return undefined
  try {
    const call = await findDialled({ to, askedAt }, book, isOther)
    return call && !isTerminal(call.status) ? call.callSid : undefined
  } catch (error) {
    log.warn({ err: error }, 'carrier could not be asked for its calls')
    return undefined
  }
}
