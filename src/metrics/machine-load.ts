import { getHeapStatistics } from 'node:v8'
import type { MachineReason } from '../calls/admission.ts'
import type { Cancel, Clock } from '../clock.ts'

/** Memory is looked at this often; the loop is measured in windows of its own. */
const LOOK_MS = 1000
/** A bound that was passed counts as such until there is this much less again, so that admission does not flap. */
const RELIEF = 0.9

/** Bytes. */
export type Memory = { readonly rss: number; readonly heapUsed: number; readonly heapLimit: number }

export type MachineLoadParts = {
  readonly loop: { readonly isOverloaded: boolean }
  readonly store: { readonly isFailing: boolean; readonly isFull: boolean }
  /** Share of the heap's limit that may be in use. */
  readonly maxHeapShare: number
  /** Resident memory, in bytes; undefined: as much as there is. */
  readonly maxRssBytes: number | undefined
  readonly clock: Clock
  readonly memory?: () => Memory
}

/** What the machine says against one more call: a call that is taken in spite of it would be a bad one, and spoil others. */
export class MachineLoad {
  readonly #parts: MachineLoadParts
  readonly #cancel: Cancel
  #isLow = false

  constructor(parts: MachineLoadParts) {
    this.#parts = parts
    this.#cancel = parts.clock.every(LOOK_MS, () => {
      this.#look()
    })
  }

  get reasons(): readonly MachineReason[] {
    const { loop, store } = this.#parts
    return [
      ...(store.isFailing || store.isFull ? (['store_unavailable'] as const) : []),
      ...(loop.isOverloaded ? (['overloaded'] as const) : []),
      ...(this.#isLow ? (['low_memory'] as const) : []),
    ]
  }

  close(): void {
    this.#cancel()
  }

  #look(): void {
    const { maxHeapShare, maxRssBytes = Infinity, memory = memoryNow } = this.#parts
    const { rss, heapUsed, heapLimit } = memory()
    const used = Math.max(heapUsed / heapLimit / maxHeapShare, rss / maxRssBytes)
    this.#isLow = used >= (this.#isLow ? RELIEF : 1)
  }
}

function memoryNow(): Memory {
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed, heapLimit: getHeapStatistics().heap_size_limit }
}
