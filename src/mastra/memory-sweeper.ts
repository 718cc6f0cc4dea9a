import type { LibSQLStore } from '@mastra/libsql'
import type { Clock } from '../clock.ts'
import { DailyTask } from '../daily-task.ts'
import type { Logger } from '../log.ts'
import type { PersonMemory } from './person-memory.ts'

const DAY_MS = 86_400_000
/** After the start, when nothing else is in a hurry any more. */
const FIRST_SWEEP_MS = 90_000

type MemorySweeperParts = {
  readonly memory: Pick<PersonMemory, 'cleanUp'>
  /** With a retention for runs of workflows. */
  readonly storage: Pick<LibSQLStore, 'prune'>
  /** 0: for ever. */
  readonly days: number
  readonly clock: Clock
  readonly log: Logger
}

/** Forgets what is old enough, once a day: calls and people in memory, and runs of workflows. */
export class MemorySweeper {
  readonly #parts: MemorySweeperParts
  readonly #daily: DailyTask

  constructor(parts: MemorySweeperParts) {
    this.#parts = parts
    const { clock } = parts
    this.#daily = new DailyTask({ firstMs: FIRST_SWEEP_MS, run: () => this.#sweep(), clock })
  }

  start(): void {
    if (this.#parts.days > 0) this.#daily.start()
  }

  /** No further sweep begins; resolves when there is none going on. */
  stop(): Promise<void> {
    return this.#daily.stop()
  }

  /** Never rejects: what fails is tried again the next day. One at a time. */
  sweep(): Promise<void> {
    return this.#daily.run()
  }

  async #sweep(): Promise<void> {
    const { memory, storage, days, clock, log } = this.#parts
    try {
      const olderThan = new Date(clock.date().getTime() - days * DAY_MS)
      const calls = await memory.cleanUp({ olderThan })
      await storage.prune()
      if (calls > 0) log.info({ calls }, 'old calls were forgotten by memory')
    } catch (error) {
      log.error({ err: error }, 'what is old could not be forgotten by memory')
    }
  }
}
