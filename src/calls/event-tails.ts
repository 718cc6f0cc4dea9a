import type { Clock } from '../clock.ts'
import type { CallEvent } from './call-events.ts'
import type { RecentEvents } from './recent-events.ts'

/** Events on record. They may get there a while after they happened, those of one call in their order. */
export interface EventHistory {
  /** Of one call, up to `limit` of those with a number (`seq`) above `after`, by number. */
  events(
    callId: string,
    query: { readonly after: number; readonly limit: number },
  ): Promise<readonly CallEvent[]>
  /** Of all calls, up to `limit` of those whose `order` is above `after`, by `order`. */
  allEvents(query: {
    readonly after: number
    readonly limit: number
  }): Promise<readonly CallEvent[]>
}

/** Reads events from a point on: each once and in order, first from the record, then as they happen. */
export interface EventTail {
  /** The next ones; none when no more has happened. Must be asked again then, once something has. */
  next(): Promise<readonly CallEvent[]>
}

export type TailSources = {
  readonly recent: RecentEvents
  /** Number of the last event of a call; undefined when nothing has happened in it for long. */
  readonly lastSeq: (callId: string) => number | undefined
  readonly history: EventHistory
  readonly clock: Clock
  /** How long to wait for events that are neither recent nor on record yet. */
  readonly patienceMs: number
  readonly signal: AbortSignal
}

/** So many events are in memory for each of those who follow, whatever they follow. */
const PAGE = 100
const POLL_MS = 100

/**
 * The events of one call. Its numbers have no gaps, so that a missing event is known to be missing: it is waited for, and only
 * left out if it was never written down.
 */
export class CallTail implements EventTail {
  readonly #sources: TailSources
  readonly #callId: string
  #at: number
  /** All that an earlier process has left of the call is read. */
  #isRead = false

  /** @param after number of the last event that is known already */
  constructor(callId: string, after: number, sources: TailSources) {
    this.#callId = callId
    this.#at = after
    this.#sources = sources
  }

  async next(): Promise<readonly CallEvent[]> {
    const { recent, lastSeq, history, clock, patienceMs } = this.#sources
    const giveUpAt = clock.now() + patienceMs
    for (;;) {
      const [first, ...others] = recent.ofCall(this.#callId, this.#at)
      if (first?.seq === this.#at + 1) return this.#took([first, ...others.slice(0, PAGE - 1)])
      const last = lastSeq(this.#callId)
      if (last === undefined ? this.#isRead : this.#at >= last) return []
      const page = await history.events(this.#callId, { after: this.#at, limit: PAGE })
      if (page.length > 0) return this.#took(page)
      if (last === undefined) this.#isRead = true
      else if (clock.now() >= giveUpAt) this.#at = first ? first.seq - 1 : last
      else if (!(await waited(this.#sources))) return []
    }
  }

  #took(events: readonly CallEvent[]): readonly CallEvent[] {
    this.#at = events.at(-1)?.seq ?? this.#at
    return events
  }
}

/** The events of all calls, by their `order`. */
export class AllCallsTail implements EventTail {
  readonly #sources: TailSources
  #at: number

  /** @param after `order` of the last event that is known already; undefined: from now on */
  constructor(after: number | undefined, sources: TailSources) {
    this.#sources = sources
    this.#at = after ?? sources.recent.newestOrder
  }

  async next(): Promise<readonly CallEvent[]> {
    const { recent, history, clock, patienceMs } = this.#sources
    const giveUpAt = clock.now() + patienceMs
    for (;;) {
      const here = recent.after(this.#at, PAGE)
      if (here) return this.#took(here)
      const { since } = recent
      const page = await history.allEvents({ after: this.#at, limit: PAGE })
      // What is recent is taken from there: the record may have a later one of one call before an earlier one of another.
      const older = page.filter(({ order }) => order <= since)
      if (older.length > 0) return this.#took(older)
      const { droppedUpTo } = recent
      const isAllRead = droppedUpTo === undefined || this.#at >= droppedUpTo
      if (isAllRead || clock.now() >= giveUpAt) this.#at = Math.max(this.#at, since)
      else if (!(await waited(this.#sources))) return []
    }
  }

  #took(events: readonly CallEvent[]): readonly CallEvent[] {
    this.#at = events.at(-1)?.order ?? this.#at
    return events
  }
}

/** False: nobody wants to know any more. */
async function waited({ clock, signal }: TailSources): Promise<boolean> {
  try {
    await clock.sleep(POLL_MS, { signal })
    return true
  } catch {
    // Aborted; nothing else makes it reject.
    return false
  }
}
