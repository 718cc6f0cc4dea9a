import type { Cancel, Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import type { UnfinishedCall } from '../call-store.ts'

/**
 * A process is gone when it could not be seen twice. One that has lost its connection to the database for a moment is back before
 * that; and nobody waits longer than twice as long on a line on which nobody speaks.
 */
const EVERY_MS = 4000

export type OwnCall = {
  readonly callId: string
  letGo(): void
}

export type OrphanWatchParts = {
  /** This process is about to stop, and leaves them to another one. */
  readonly isLeaving: () => boolean
  /** The processes that have left calls open, and cannot be seen at the moment. Never rejects. */
  readonly gone: () => Promise<readonly number[]>
  /** Makes their open calls ours. */
  readonly takeOver: (from: readonly number[]) => Promise<readonly UnfinishedCall[]>
  readonly takeUp: (calls: readonly UnfinishedCall[]) => Promise<void>
  /** The calls that go on in this process. */
  readonly calls: () => Iterable<OwnCall>
  /** Those of them that another process has taken over. */
  readonly lost: (callIds: readonly string[]) => Promise<readonly string[]>
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Among several processes on one database: takes over the calls of those that have died, and lets go of those of its own that others
 * have taken over, because they could not see this one for a while.
 */
export class OrphanWatch {
  readonly #parts: OrphanWatchParts
  #missing: ReadonlySet<number> = new Set()
  #cancel: Cancel | undefined
  #look: Promise<void> = Promise.resolve()
  #isLooking = false

  constructor(parts: OrphanWatchParts) {
    this.#parts = parts
  }

  start(): void {
    this.#cancel = this.#parts.clock.every(EVERY_MS, () => {
      if (this.#isLooking) return
      this.#isLooking = true
      this.#look = this.#lookAround().finally(() => {
        this.#isLooking = false
      })
    })
  }

  async close(): Promise<void> {
    this.#cancel?.()
    await this.#look
  }

  async #lookAround(): Promise<void> {
    await this.#letGo()
    await this.#takeOver()
  }

  async #letGo(): Promise<void> {
    const { calls, lost, log } = this.#parts
    const own = new Map(Array.from(calls(), (call) => [call.callId, call]))
    try {
      for (const callId of await lost([...own.keys()])) own.get(callId)?.letGo()
    } catch (error) {
      log.warn({ err: error }, 'whose calls these are is not known at the moment')
    }
  }

  async #takeOver(): Promise<void> {
    const { isLeaving, gone, takeOver, takeUp, log } = this.#parts
    const missing = await gone()
    const still = missing.filter((process) => this.#missing.has(process))
    this.#missing = new Set(missing)
    if (still.length === 0 || isLeaving()) return
    try {
      const calls = await takeOver(still)
      // Somebody else may have been quicker.
      if (calls.length > 0) await takeUp(calls)
    } catch (error) {
      log.error({ err: error }, 'calls of a process that is gone could not be taken over')
    }
  }
}
