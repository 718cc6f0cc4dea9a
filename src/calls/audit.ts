import type { Logger } from '../log.ts'
import { newSortableId } from './call-id.ts'

export const AUDIT_TYPES = ['dial.blocked', 'opt_out', 'admin.action'] as const

/** Something that somebody may have to answer for: a dial that was refused, an opt-out, what an admin has done. */
export type AuditEvent = {
  readonly type: (typeof AUDIT_TYPES)[number]
  /** Name of the key that did it; undefined: nobody with a key. */
  readonly key?: string | undefined
  readonly phoneNumber?: string | undefined
  readonly callId?: string | undefined
  /** Never words of a conversation. */
  readonly details?: Readonly<Record<string, string | number | boolean>> | undefined
}

export type AuditEntry = AuditEvent & {
  /** Sorts by time. */
  readonly id: string
  readonly at: Date
}

export type AuditQuery = {
  readonly limit: number
  readonly type?: AuditEvent['type'] | undefined
  /** Only entries that are older than this one. */
  readonly before?: string | undefined
}

export type AuditPage = {
  readonly entries: readonly AuditEntry[]
  /** Id to ask the next page with; absent on the last one. */
  readonly nextBefore?: string
}

/** Where the log is kept; erasing a number takes it out of the entries that name it. */
export interface AuditTrail {
  add(entry: AuditEntry): Promise<void>
  /** Newest first. */
  list(query: AuditQuery): Promise<AuditPage>
}

/** Writes the log. Whoever notes something is in the middle of other things: it neither waits nor throws. */
export class AuditLog {
  readonly #trail: AuditTrail
  readonly #clock: { date(): Date }
  readonly #log: Pick<Logger, 'error'>

  constructor(parts: {
    readonly trail: AuditTrail
    readonly clock: { date(): Date }
    readonly log: Pick<Logger, 'error'>
  }) {
    this.#trail = parts.trail
    this.#clock = parts.clock
    this.#log = parts.log
  }

  note(event: AuditEvent): void {
    const at = this.#clock.date()
    this.#trail.add({ ...event, id: newSortableId('audit', at), at }).catch((error: unknown) => {
      this.#log.error({ err: error, type: event.type }, 'audit entry was not stored')
    })
  }

  list(query: AuditQuery): Promise<AuditPage> {
    return this.#trail.list(query)
  }
}

/** A log that is as long-lived as the process; beyond `max` entries the oldest are forgotten. */
export class MemoryAuditTrail implements AuditTrail {
  readonly #max: number
  /** Oldest first. */
  #entries: AuditEntry[] = []

  constructor({ max = 10_000 }: { max?: number } = {}) {
    this.#max = max
  }

  add(entry: AuditEntry): Promise<void> {
    this.#entries.push(entry)
    if (this.#entries.length > this.#max) this.#entries.shift()
    return Promise.resolve()
  }

  list({ limit, type, before }: AuditQuery): Promise<AuditPage> {
    const fitting = this.#entries
      .filter(
        (entry) =>
          (type === undefined || entry.type === type) &&
          (before === undefined || entry.id < before),
      )
      .sort((a, b) => (a.id < b.id ? 1 : -1))
    const entries = fitting.slice(0, limit)
    const last = entries.at(-1)
    return Promise.resolve(
      last && fitting.length > limit ? { entries, nextBefore: last.id } : { entries },
    )
  }

  /** Takes the number out of every entry. */
  forgetNumber(phoneNumber: string): void {
    this.#entries = this.#entries.map((entry) => {
      if (entry.phoneNumber !== phoneNumber) return entry
      const { id, at, type, key, callId, details } = entry
      return { id, at, type, key, callId, details }
    })
  }

  /** Forgets what is older. */
  forgetBefore(cutoff: Date): void {
    this.#entries = this.#entries.filter(({ at }) => at > cutoff)
  }
}
