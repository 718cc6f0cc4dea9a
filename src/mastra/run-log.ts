import type { Clock } from '../clock.ts'
import type { RunEvent, RunFeedItem } from '../routes/workflows-port.ts'

/** Events of a run in memory; of a longer one the oldest are left out. */
const MAX_EVENTS = 1000
/** Runs in memory; of older ones only what is on record can be told. */
const MAX_RUNS = 200
/** Proxies close connections on which nothing comes for a minute, some after half of it. */
const HEARTBEAT_MS = 15_000

type Log = {
  readonly events: RunEvent[]
  readonly wake: Set<() => void>
  /** Whether its first event is still there, and nothing before it was lost with an earlier process. */
  isWhole: boolean
  isOver: boolean
}

/** What has happened in the runs of this process, for those who follow them, from any event on. */
export class RunLogs {
  readonly #clock: Clock
  readonly #logs = new Map<string, Log>()
  #lastId = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Must be the first that is told of a run when nothing of it is missing. */
  begin(runId: string): void {
    this.#logs.set(runId, { events: [], wake: new Set(), isWhole: true, isOver: false })
    for (const [oldest, log] of this.#logs) {
      if (this.#logs.size <= MAX_RUNS) break
      if (log.isOver && log.wake.size === 0) this.#logs.delete(oldest)
    }
  }

  add(runId: string, type: string, data: unknown): void {
    const log = this.#logOf(runId)
    log.events.push({ id: this.#nextId(), type, data })
    if (log.events.length > MAX_EVENTS) {
      log.events.shift()
      log.isWhole = false
    }
    wakeAll(log)
  }

  /** Nothing more happens in a run. */
  end(runId: string): void {
    const log = this.#logOf(runId)
    log.isOver = true
    wakeAll(log)
  }

  /** Whether this process has nothing to tell after that event, and never will. */
  isTold(runId: string, after: number): boolean {
    const log = this.#logs.get(runId)
    return log?.isOver === true && (log.events.at(-1)?.id ?? 0) <= after
  }

  forget(runId: string): void {
    const log = this.#logs.get(runId)
    this.#logs.delete(runId)
    if (!log) return
    log.isOver = true
    log.events.length = 0
    wakeAll(log)
  }

  /**
   * @param options.after id of the last event that is known already
   * @param options.state the run as it is, for what cannot be told event by event
   */
  async *follow(
    runId: string,
    options: { after: number; signal: AbortSignal; state: () => Promise<unknown> },
  ): AsyncGenerator<RunFeedItem> {
    const { signal } = options
    const log = this.#logOf(runId)
    let { after } = options
    if (!log.isWhole && !log.events.some(({ id }) => id === after)) {
      // With the id of what it includes: whoever goes on from there misses nothing.
      const id = Math.max(after, log.events.at(-1)?.id ?? this.#nextId())
      yield { event: { id, type: 'run', data: await options.state() } }
      after = id
    }
    while (!signal.aborted) {
      const events = log.events.filter(({ id }) => id > after)
      for (const event of events) {
        yield { event }
        after = event.id
      }
      if (events.length > 0) continue
      if (log.isOver) return
      if (!(await this.#something(log, signal))) yield { comment: 'still here' }
    }
  }

  /** Resolves to false when nothing has come for so long that a follower is to be told that all is well. */
  #something(log: Log, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const wake = () => {
      resolve(true)
    }
    const cancel = this.#clock.after(HEARTBEAT_MS, () => {
      resolve(false)
    })
    log.wake.add(wake)
    signal.addEventListener('abort', wake, { once: true })
    return promise.finally(() => {
      cancel()
      log.wake.delete(wake)
      signal.removeEventListener('abort', wake)
    })
  }

  #logOf(runId: string): Log {
    const known = this.#logs.get(runId)
    if (known) return known
    // The run was begun by an earlier process, or so long ago that it was left out.
    this.begin(runId)
    const log = this.#logs.get(runId)
    if (!log) throw new Error('a log that was begun is not there')
    log.isWhole = false
    return log
  }

  /** Microseconds since 1970, or one more than the last: it rises over restarts too. */
  #nextId(): number {
    this.#lastId = Math.max(this.#lastId + 1, this.#clock.date().getTime() * 1000)
    return this.#lastId
  }
}

function wakeAll(log: Log): void {
  for (const wake of log.wake) wake()
}
