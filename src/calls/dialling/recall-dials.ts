import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import type { CallStore } from '../call-store.ts'
import { talkedS } from '../record.ts'
import type { DialLimits } from './dial-limits.ts'

const DAY_MS = 86_400_000
const PAGE = 100
/** More than a server should make in a day; reading so many takes a second or two. */
const MAX_CALLS = 5000

/**
 * Counts the calls of the last day, so that a restart gives nobody their limits anew. Never rejects: a database that cannot be
 * read now lets calls go on uncounted.
 */
export async function recallDials(parts: {
  readonly store: Pick<CallStore, 'list'>
  readonly limits: Pick<DialLimits, 'recall'>
  readonly clock: Clock
  readonly log: Logger
}): Promise<void> {
  const { store, limits, clock, log } = parts
  const from = new Date(clock.date().getTime() - DAY_MS)
  // Calls that are placed from now on are counted when they are.
  const to = clock.date()
  let calls = 0
  let before: string | undefined
  try {
    do {
      const page = await store.list({ from, to, limit: PAGE, before })
      for (const record of page.records) {
        if (record.direction === 'inbound') continue
        const ask = { phoneNumber: record.spec.phoneNumber, owner: record.owner }
        limits.recall(ask, { at: record.createdAt, seconds: talkedS(record) })
      }
      calls += page.records.length
      before = page.nextBefore
    } while (before !== undefined && calls < MAX_CALLS)
  } catch (error) {
    log.warn({ err: error, calls }, 'dials of the last day could not be counted')
  }
}
