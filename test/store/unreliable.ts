import { pino } from 'pino'
import { MemoryCallStore } from '../../src/calls/memory-call-store.ts'
import { StoreError } from '../../src/errors.ts'
import type { BatchWriter, Write } from '../../src/store/write.ts'

/** A store in memory whose writing fails as long as the test wants it to. */
export class UnreliableStore extends MemoryCallStore implements BatchWriter {
  /** Thrown instead of writing, while it is set. */
  failure: Error | undefined
  /** Refused, wherever it stands in a batch. */
  isRefused: (write: Write) => boolean = () => false
  /** When set, writes are taken only after it. */
  gate: Promise<void> = Promise.resolve()
  readonly batches: (readonly Write[])[] = []
  attempts = 0
  isClosed = false

  async write(writes: readonly Write[]): Promise<void> {
    this.attempts++
    await this.gate
    if (this.failure) throw this.failure
    if (writes.some(this.isRefused)) throw new StoreError('no such text', { code: 'refused' })
    this.batches.push(writes)
    for (const write of writes) await this.#keep(write)
  }

  override close(): Promise<void> {
    this.isClosed = true
    return Promise.resolve()
  }

  async #keep(write: Write): Promise<void> {
    if (write.kind === 'record') await this.save(write.record)
    else if (write.kind === 'event') await this.appendEvent(write.event)
    else if (write.kind === 'outcome') await this.saveOutcome(write.callId, write.outcome)
    else if (write.kind === 'delivery') await this.addDelivery(write.delivery)
    else if (write.kind === 'audit') await this.audit.add(write.entry)
    else this.doNotCall.add(write.entry.phoneNumber, write.entry)
  }
}

export const locked = new StoreError('database is locked', { code: 'unavailable' })

/** A log whose lines can be looked at. */
export function readableLog() {
  const lines: { level: number; msg: string }[] = []
  const log = pino(
    {},
    { write: (line: string) => lines.push(JSON.parse(line) as { level: number; msg: string }) },
  )
  return { log, lines, messages: () => lines.map(({ msg }) => msg) }
}
