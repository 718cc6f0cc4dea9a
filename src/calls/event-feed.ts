import type { Clock } from '../clock.ts'
import { CallError } from '../errors.ts'
import type { CallEvent, CallEvents, PassingEvent } from './call-events.ts'
import { EventFollower } from './event-follower.ts'
import {
  AllCallsTail,
  CallTail,
  type EventHistory,
  type EventTail,
  type TailSources,
} from './event-tails.ts'
import { RecentEvents } from './recent-events.ts'

/** Something to tell a follower: an event, or words that are none. */
export type FeedItem =
  | { readonly event: CallEvent | PassingEvent; readonly comment?: undefined }
  | { readonly comment: string; readonly event?: undefined }

/** A call that is over already when somebody begins to follow it. */
export type OverCall = { readonly endedAt: Date; readonly hasOutcome: boolean }

export type FeedLimits = {
  /** Followers at the same time. */
  readonly maxFeeds: number
  /** Events in memory, of all calls: at a hundred calls, those of some four minutes. */
  readonly maxRecent: number
  /** Proxies close connections on which nothing comes for a minute, some after half of it. */
  readonly heartbeatMs: number
  /** A follower who takes nothing for so long is let go, and after as long again cut off. */
  readonly slowMs: number
  /** Events that are to be on record, and are not, are waited for so long. */
  readonly patienceMs: number
  /** How long after the end of a call its outcome may come; 0: none does. */
  readonly outcomeWithinMs: number
}

const LIMITS: FeedLimits = {
  maxFeeds: 200,
  maxRecent: 10_000,
  heartbeatMs: 15_000,
  slowMs: 30_000,
  patienceMs: 5000,
  outcomeWithinMs: 60_000,
}

/** For one line to those who read; nobody's shutdown waits for those who do not. */
const FAREWELL_MS = 1000

type IsShown = (event: CallEvent | PassingEvent) => boolean | Promise<boolean>

/** Ends with its signal; a follower who is still connected must have been cut off then by whoever serves it. */
type Following = {
  readonly signal: AbortSignal
  /** It has taken nothing for twice `slowMs`. */
  readonly onStuck: () => void
}

/**
 * What happens in calls, for those who follow them: from any event on, without a gap and without one told twice, first from the
 * record and then live. Followers draw at their own pace from what all share, so a slow one costs no memory and no call
 * anything.
 */
export class EventFeed {
  readonly #clock: Clock
  readonly #events: CallEvents
  readonly #history: EventHistory
  readonly #limits: FeedLimits
  readonly #recent: RecentEvents
  readonly #followers = new Set<EventFollower>()
  readonly #unsubscribe: () => void
  readonly #empty = Promise.withResolvers<undefined>()
  #isClosed = false

  /** Must be made before the first call, and together with `events`. */
  constructor(options: {
    readonly events: CallEvents
    readonly history: EventHistory
    readonly clock: Clock
    readonly limits?: Partial<FeedLimits>
  }) {
    this.#clock = options.clock
    this.#events = options.events
    this.#history = options.history
    this.#limits = { ...LIMITS, ...options.limits }
    this.#recent = new RecentEvents({
      max: this.#limits.maxRecent,
      since: options.clock.date().getTime() * 1000 - 1,
    })
    this.#unsubscribe = options.events.subscribe((event) => {
      if (event.seq !== undefined) this.#recent.add(event)
      for (const follower of this.#followers) follower.tell(event)
    })
  }

  /** How many follow at present. */
  get size(): number {
    return this.#followers.size
  }

  /**
   * One call, until its outcome is there, or was waited for long enough.
   *
   * @param after number (`seq`) of the last event that is known already; 0: from the beginning
   * @throws {CallError} `too_many_feeds`
   */
  follow(
    callId: string,
    { after, over, ...following }: Following & { after: number; over?: OverCall | undefined },
  ): AsyncGenerator<FeedItem> {
    const follower = this.#admit(callId, following.signal)
    const tail = new CallTail(callId, after, this.#sources(following.signal))
    return this.#paced(this.#untilOutcome(tail, follower, { over, ...following }), following)
  }

  /**
   * All calls, for as long as the follower likes.
   *
   * @param after `order` of the last event that is known already; undefined: from now on
   * @param isShown which events the follower is told of; undefined: all
   * @throws {CallError} `too_many_feeds`
   */
  followAll({
    after,
    isShown,
    ...following
  }: Following & { after?: number | undefined; isShown?: IsShown }): AsyncGenerator<FeedItem> {
    const follower = this.#admit(undefined, following.signal)
    const tail = new AllCallsTail(after, this.#sources(following.signal))
    return this.#paced(this.#tailed(tail, follower, { isShown, ...following }), following)
  }

  /** Whether nothing more is expected of a call. */
  isFinal(over: OverCall): boolean {
    return this.#outcomeDue(over) <= this.#clock.now()
  }

  /** The events of a call as far as they are, a page at a time. */
  async *pages(callId: string): AsyncGenerator<readonly CallEvent[]> {
    const never = new AbortController()
    const tail = new CallTail(callId, 0, { ...this.#sources(never.signal), patienceMs: 0 })
    for (;;) {
      const events = await tail.next()
      if (events.length === 0) return
      yield events
    }
  }

  /** The call is erased: nobody is told of it any more. */
  forget(callId: string): void {
    this.#recent.forget(callId)
  }

  /** Lets all followers go, and waits until they are told, or too long. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    for (const follower of this.#followers) follower.wake()
    const isLate = Promise.withResolvers<undefined>()
    const cancel = this.#clock.after(FAREWELL_MS, () => {
      isLate.resolve(undefined)
    })
    if (this.#followers.size > 0) await Promise.race([this.#empty.promise, isLate.promise])
    cancel()
  }

  #admit(callId: string | undefined, signal: AbortSignal): EventFollower {
    if (this.#followers.size >= this.#limits.maxFeeds) {
      const message = `${this.#limits.maxFeeds} follow calls already`
      throw new CallError(message, { code: 'too_many_feeds' })
    }
    const follower = new EventFollower(callId, this.#clock)
    // Whoever has left while their call was looked up is told nothing.
    if (signal.aborted) return follower
    this.#followers.add(follower)
    const leave = () => {
      this.#followers.delete(follower)
      follower.wake()
      if (this.#isClosed && this.#followers.size === 0) this.#empty.resolve(undefined)
    }
    signal.addEventListener('abort', leave, { once: true })
    return follower
  }

  #sources(signal: AbortSignal): TailSources {
    return {
      recent: this.#recent,
      lastSeq: (callId) => this.#events.lastSeq(callId),
      history: this.#history,
      clock: this.#clock,
      patienceMs: this.#limits.patienceMs,
      signal,
    }
  }

  /** @param waitMs how long to wait for the next event; undefined: there is none to wait for */
  async *#tailed(
    tail: EventTail,
    follower: EventFollower,
    { signal, isShown = () => true }: Following & { readonly isShown?: IsShown | undefined },
    waitMs: () => number | undefined = () => this.#limits.heartbeatMs,
  ): AsyncGenerator<FeedItem> {
    const { heartbeatMs } = this.#limits
    let toldMs = this.#clock.now()
    while (!signal.aborted) {
      const isLast = this.#isClosed
      const events = await tail.next()
      for (const event of events.length > 0 ? events : follower.takePassing()) {
        if (!(await isShown(event))) continue
        yield { event }
        toldMs = this.#clock.now()
      }
      const ms = waitMs()
      if (events.length === 0 && isLast) {
        yield { comment: 'the server is shutting down' }
        return
      }
      if (events.length === 0 && ms === undefined) return
      // Events that are not shown keep nobody's connection open.
      if (this.#clock.now() - toldMs >= heartbeatMs) {
        yield { comment: 'still here' }
        toldMs = this.#clock.now()
      }
      if (events.length > 0 || ms === undefined) continue
      await follower.something(Math.min(ms, toldMs + heartbeatMs - this.#clock.now()))
    }
  }

  async *#untilOutcome(
    tail: EventTail,
    follower: EventFollower,
    { over, ...following }: Following & { over: OverCall | undefined },
  ): AsyncGenerator<FeedItem> {
    const { heartbeatMs, outcomeWithinMs } = this.#limits
    let endsAt = over && this.#outcomeDue(over)
    const waitMs = () => {
      if (endsAt === undefined) return heartbeatMs
      const leftMs = endsAt - this.#clock.now()
      return leftMs > 0 ? Math.min(heartbeatMs, leftMs) : undefined
    }
    for await (const item of this.#tailed(tail, follower, following, waitMs)) {
      yield item
      if (item.event?.type === 'call.outcome') return
      if (item.event?.type === 'call.ended') endsAt ??= this.#clock.now() + outcomeWithinMs
    }
  }

  /** Time of the clock from which on no outcome is expected any more. */
  #outcomeDue({ endedAt, hasOutcome }: OverCall): number {
    if (hasOutcome) return this.#clock.now()
    const agoMs = this.#clock.date().getTime() - endedAt.getTime()
    return this.#clock.now() + this.#limits.outcomeWithinMs - agoMs
  }

  async *#paced(items: AsyncGenerator<FeedItem>, { onStuck }: Following): AsyncGenerator<FeedItem> {
    const { slowMs } = this.#limits
    for await (const item of items) {
      const cancelStuck = this.#clock.after(2 * slowMs, onStuck)
      const since = this.#clock.now()
      try {
        yield item
      } finally {
        cancelStuck()
      }
      if (this.#clock.now() - since < slowMs) continue
      yield { comment: 'too slow: connect again with Last-Event-ID' }
      return
    }
  }
}
