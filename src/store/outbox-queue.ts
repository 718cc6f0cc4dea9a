import { sizeOf } from './size-of.ts'
import type { Write } from './write.ts'

type Entry = { readonly number: number; write: Write; bytes: number }

export type Depth = { readonly writes: number; readonly bytes: number }

/**
 * What waits to be kept, in order. When it holds more than `maxBytes` the oldest events are dropped: the record that is saved
 * at the end of a call holds its turns and timings again. Nothing else is dropped, ever.
 */
export class OutboxQueue {
  readonly #maxBytes: number
  #entries: Entry[] = []
  #bytes = 0
  #lastNumber = 0
  /** Number of the last one that is taken. */
  #takenTo = 0
  /** The latest entry of each call that has one. */
  readonly #latest = new Map<string, Entry>()

  constructor({ maxBytes }: { maxBytes: number }) {
    this.#maxBytes = maxBytes
  }

  get depth(): Depth {
    return { writes: this.#entries.length, bytes: this.#bytes }
  }

  /** More waits than may; what may be dropped has been. */
  get isFull(): boolean {
    return this.#bytes > this.#maxBytes
  }

  /** Number of the write that was pushed last; they are counted from 1. */
  get lastNumber(): number {
    return this.#lastNumber
  }

  /** Whether that write, and every one before it, has left the queue. */
  isPast(number: number): boolean {
    const [oldest] = this.#entries
    return oldest === undefined || oldest.number > number
  }

  /** Oldest first. */
  get writes(): readonly Write[] {
    return this.#entries.map(({ write }) => write)
  }

  /** @returns how many events were dropped to make room */
  push(write: Write): number {
    const callId = callOf(write)
    const latest = callId === undefined ? undefined : this.#latest.get(callId)
    const bytes = sizeOf(write)
    const isFree = latest && latest.number > this.#takenTo
    if (isFree && latest.write.kind === 'record' && write.kind === 'record') {
      // Nothing has happened in the call since then: the newer record says it all.
      this.#bytes += bytes - latest.bytes
      latest.write = write
      latest.bytes = bytes
    } else {
      const entry = { number: ++this.#lastNumber, write, bytes }
      this.#entries.push(entry)
      this.#bytes += bytes
      if (callId !== undefined) this.#latest.set(callId, entry)
    }
    return this.isFull ? this.#dropEvents() : 0
  }

  /** The oldest ones, at least one if there is any; they stay in the queue until `done`, or until they are put back. */
  take({ maxWrites, maxBytes }: { maxWrites: number; maxBytes: number }): readonly Write[] {
    const taken: Entry[] = []
    let bytes = 0
    for (const entry of this.#entries) {
      bytes += entry.bytes
      if (taken.length > 0 && (taken.length >= maxWrites || bytes > maxBytes)) break
      taken.push(entry)
    }
    this.#takenTo = taken.at(-1)?.number ?? 0
    return taken.map(({ write }) => write)
  }

  /** What was taken is kept, or given up. */
  done(): void {
    const end = this.#entries.findIndex(({ number }) => number > this.#takenTo)
    const taken = this.#entries.splice(0, end === -1 ? this.#entries.length : end)
    for (const entry of taken) this.#forget(entry)
  }

  /** What was taken is not kept. */
  putBack(): void {
    this.#takenTo = 0
  }

  /** Down to nine tenths, so that not every further write has to search again. */
  #dropEvents(): number {
    let dropped = 0
    const enough = this.#maxBytes * 0.9
    const left = this.#entries.filter((entry) => {
      const isFree = entry.number > this.#takenTo
      const mayGo = isFree && this.#bytes > enough && entry.write.kind === 'event'
      if (!mayGo) return true
      this.#forget(entry)
      dropped++
      return false
    })
    this.#entries = left
    return dropped
  }

  #forget(entry: Entry): void {
    this.#bytes -= entry.bytes
    const callId = callOf(entry.write)
    if (callId !== undefined && this.#latest.get(callId) === entry) this.#latest.delete(callId)
  }
}

/** The call that a write is of; undefined for what is of no call in particular. */
export function callOf(write: Write): string | undefined {
  switch (write.kind) {
    case 'record':
      return write.record.callId
    case 'event':
      return write.event.callId
    case 'outcome':
      return write.callId
    case 'delivery':
      return write.delivery.callId
    case 'audit':
    case 'do_not_call':
      return undefined
    default:
      return write satisfies never
  }
}
