import type { Cancel, Clock } from '../clock.ts'
import { StoreError } from '../errors.ts'
import type { Logger } from '../log.ts'
import { callOf, type Depth, OutboxQueue } from './outbox-queue.ts'
import type { BatchWriter, Write } from './write.ts'

/** What happens in one such moment is written together; it is all that a process that is killed loses. */
const GATHER_MS = 10
/**
 * An embedded database works in our thread, so a transaction must be short: one of 40 events takes 1.4 ms in the median, a
 * record of 300 turns 0.3 ms (libSQL file with synchronous = NORMAL, two shared cores).
 */
const MAX_BATCH_WRITES = 40
const MAX_BATCH_BYTES = 256_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000

/** Told how the writing goes; must be quick and must not throw. */
export type OutboxMeters = {
  wrote(written: { readonly writes: number; readonly ms: number }): void
  failed(code: StoreError['code']): void
  /** Events for which there was no room, or writes that the database refused. */
  lost(lost: { readonly writes: number; readonly why: 'full' | 'refused' }): void
}

const noMeters: OutboxMeters = {
  wrote: () => undefined,
  failed: () => undefined,
  lost: () => undefined,
}

export type OutboxWriterParts = {
  readonly target: BatchWriter
  readonly clock: Clock
  readonly log: Logger
  readonly maxBytes: number
  readonly meters?: OutboxMeters | undefined
}

/**
 * Writes in the background what is pushed, in order and in small transactions. When the database fails it waits and tries
 * again, for ever; only what is refused for what it is gets lost, and says so in the log.
 */
export class OutboxWriter {
  readonly queue: OutboxQueue
  readonly #parts: OutboxWriterParts
  readonly #meters: OutboxMeters
  #cancelStart: Cancel | undefined
  #writing: Promise<void> | undefined
  /** Ends the pause after a failure. */
  #wake: (() => void) | undefined
  /** Failures since something was written last. */
  #failures = 0
  #failedAt = 0
  /** So many writes are tried each for itself, because one among them was refused. */
  #singly = 0
  #isOver = false
  #saidFull = false
  #waiters: { readonly number: number; readonly resolve: (isKept: boolean) => void }[] = []

  constructor(parts: OutboxWriterParts) {
    this.#parts = parts
    this.#meters = parts.meters ?? noMeters
    this.queue = new OutboxQueue({ maxBytes: parts.maxBytes })
  }

  /** The database took nothing when it was asked last. */
  get isFailing(): boolean {
    return this.#failures > 0
  }

  /** Neither waits nor throws. */
  push(write: Write): void {
    const dropped = this.queue.push(write)
    if (dropped > 0) this.#drop(dropped)
    if (this.#isOver || this.#writing) return
    this.#cancelStart ??= this.#parts.clock.after(GATHER_MS, () => {
      this.#start()
    })
  }

  /** Resolves when all that was pushed so far is kept: true; or after `timeoutMs`, or when the database fails: false. */
  async settled(timeoutMs: number): Promise<boolean> {
    const number = this.queue.lastNumber
    if (this.queue.isPast(number)) return true
    if (this.isFailing || this.#isOver) return false
    return this.#past(number, timeoutMs)
  }

  /** Writes all that waits, without regard to pauses, for so long at most. Returns what is left. */
  async flush(deadlineMs: number): Promise<Depth> {
    const number = this.queue.lastNumber
    const { clock } = this.#parts
    const endMs = clock.now() + deadlineMs
    while (!this.queue.isPast(number) && clock.now() < endMs) {
      this.#wake?.()
      await this.#past(number, Math.min(FIRST_PAUSE_MS, endMs - clock.now()))
    }
    return this.queue.depth
  }

  /** Nothing more is written. */
  async stop(): Promise<void> {
    this.#isOver = true
    this.#cancelStart?.()
    this.#wake?.()
    await this.#writing
    this.#release(() => true)
  }

  /** Whether that write has left the queue, at the latest after `timeoutMs`. */
  #past(number: number, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#parts.clock.after(timeoutMs, () => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter)
        resolve(false)
      })
      const waiter = {
        number,
        resolve: (isKept: boolean) => {
          cancel()
          resolve(isKept)
        },
      }
      this.#waiters.push(waiter)
      this.#start()
    })
  }

  #start(): void {
    this.#cancelStart?.()
    this.#cancelStart = undefined
    if (this.#isOver) return
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
    })
  }

  async #writeAll(): Promise<void> {
    const { clock } = this.#parts
    while (this.queue.depth.writes > 0 && !this.#isOver) {
      const isKept = await this.#writeBatch()
      this.#release(({ number }) => this.queue.isPast(number))
      // Between two transactions the calls come first.
      if (isKept) await clock.sleep(0)
      else await this.#pause()
    }
  }

  /** Returns false when the database has failed, and it is to be tried again later. */
  async #writeBatch(): Promise<boolean> {
    const { target, clock } = this.#parts
    const maxWrites = this.#singly > 0 ? 1 : MAX_BATCH_WRITES
    const batch = this.queue.take({ maxWrites, maxBytes: MAX_BATCH_BYTES })
    const startedAt = clock.now()
    try {
      await target.write(batch)
      this.#kept(batch, clock.now() - startedAt)
      return true
    } catch (error) {
      const isRefused = error instanceof StoreError && error.code === 'refused'
      this.#meters.failed(isRefused ? 'refused' : 'unavailable')
      if (!isRefused) {
        this.#failed(error)
        return false
      }
      if (batch.length === 1) this.#giveUp(batch, error)
      else {
        this.queue.putBack()
        this.#singly = batch.length
      }
      return true
    }
  }

  #kept(batch: readonly Write[], ms: number): void {
    this.queue.done()
    this.#singly = Math.max(0, this.#singly - 1)
    this.#meters.wrote({ writes: batch.length, ms })
    if (this.#failures > 0) {
      const { clock, log } = this.#parts
      const { writes } = this.queue.depth
      const afterMs = Math.round(clock.now() - this.#failedAt)
      log.info({ failures: this.#failures, afterMs, writes }, 'database can be written again')
    }
    this.#failures = 0
    this.#saidFull = false
  }

  #failed(error: unknown): void {
    this.queue.putBack()
    const { clock, log } = this.#parts
    if (this.#failures++ === 0) {
      this.#failedAt = clock.now()
      log.error({ err: error }, 'database cannot be written; calls go on, and their records wait')
    }
    // Whoever wants to read goes on with what there is.
    this.#release(() => true)
  }

  #giveUp(batch: readonly Write[], error: unknown): void {
    this.queue.done()
    this.#singly = Math.max(0, this.#singly - 1)
    this.#meters.lost({ writes: batch.length, why: 'refused' })
    for (const write of batch) {
      const about = { err: error, kind: write.kind, callId: callOf(write) }
      this.#parts.log.error(about, 'database refused a write, which is lost')
    }
  }

  #drop(events: number): void {
    this.#meters.lost({ writes: events, why: 'full' })
    if (!this.#saidFull) {
      this.#parts.log.error(this.queue.depth, 'too much waits for the database; events are dropped')
    }
    this.#saidFull = true
  }

  async #pause(): Promise<void> {
    if (this.#isOver) return
    const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1))
    await new Promise<void>((resolve) => {
      const cancel = this.#parts.clock.after(ms, resolve)
      this.#wake = () => {
        cancel()
        resolve()
      }
    })
    this.#wake = undefined
  }

  #release(isDone: (waiter: { readonly number: number }) => boolean): void {
    const done = this.#waiters.filter(isDone)
    this.#waiters = this.#waiters.filter((waiter) => !done.includes(waiter))
    for (const { number, resolve } of done) resolve(this.queue.isPast(number))
  }
}
