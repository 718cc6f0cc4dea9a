import type { Clock } from '../../clock.ts'
import { CallError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { CallEvent, CallEvents, PassingEvent } from '../call-events.ts'
import type { CallRecord } from '../record.ts'
import type { Delivery, DeliveryStore } from './delivery.ts'
import { InOrder } from './in-order.ts'
import { type Announcement, webhookBody } from './webhook-body.ts'

export type WebhookAnnouncerParts = {
  readonly events: CallEvents
  /** Told of an event, it has the record as it is at that moment. */
  readonly records: { get(callId: string): Promise<CallRecord> }
  readonly store: DeliveryStore
  /** Where calls are reported whose spec does not say otherwise. */
  readonly url: string | undefined
  readonly clock: Clock
  readonly log: Logger
  /** Something is due. */
  readonly onAdded: () => void
}

/** Pauses before a store that failed is tried again; then the event is given up. */
const RETRIES_MS = [1000, 5000, 30_000, 60_000, 300_000, 600_000]

/** Messages that wait for a store that does not take them. */
const MAX_WAITING = 2000

/** Puts on record, for those who are to be told, what happens in calls: one delivery for each event. */
export class WebhookAnnouncer {
  readonly #parts: WebhookAnnouncerParts
  readonly #calls = new InOrder()
  readonly #closing = new AbortController()
  readonly #unsubscribe: () => void
  #waiting = 0

  constructor(parts: WebhookAnnouncerParts) {
    this.#parts = parts
    this.#unsubscribe = parts.events.subscribe((event) => {
      const announced = announcedBy(event)
      if (announced) this.#announce(event.callId, announced)
    })
  }

  /** Resolves when everything so far is on record. */
  async idle(): Promise<void> {
    await this.#calls.idle()
  }

  /** Messages that the store does not take now are lost. */
  async close(): Promise<void> {
    this.#unsubscribe()
    this.#closing.abort()
    await this.idle()
  }

  #announce(callId: string, { record, ...announced }: Announced): void {
    const { log } = this.#parts
    if (this.#waiting >= MAX_WAITING) {
      log.error({ callId, type: announced.type }, 'webhook lost: too many wait for the store')
      return
    }
    this.#waiting++
    // Asked now, so that the record is that of this moment; a failure is dealt with when its turn has come.
    const asked = record ? Promise.resolve(record) : this.#parts.records.get(callId)
    asked.catch(ignore)
    void this.#calls.run(callId, async () => {
      try {
        await this.#insist(() => this.#add(callId, announced, asked))
      } catch (error) {
        log.error({ err: error, callId, type: announced.type }, 'webhook lost')
      } finally {
        this.#waiting--
      }
    })
  }

  async #add(
    callId: string,
    announced: Omit<Announced, 'record'>,
    asked: Promise<CallRecord>,
  ): Promise<void> {
    const { records, store, onAdded } = this.#parts
    const record = await asked.catch(() => records.get(callId))
    const url = record.spec.webhookUrl ?? this.#parts.url
    if (url === undefined) return
    const told = { ...record, ...announced.told }
    await store.addDelivery(this.#delivery(url, { ...announced, record: told }))
    onAdded()
  }

  #delivery(url: string, announcement: Announcement): Delivery {
    const { type, record } = announcement
    const now = this.#parts.clock.date()
    return {
      id: `msg_${record.callId}_${type.replace('call.', '')}`,
      callId: record.callId,
      type,
      url,
      payload: webhookBody(announcement),
      createdAt: now,
      state: 'pending',
      attempts: 0,
      nextAttemptAt: now,
    }
  }

  async #insist(task: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing
    for (const pauseMs of RETRIES_MS) {
      try {
        await task()
        return
      } catch (error) {
        // Nobody wants to be told of a call that was erased.
        if (error instanceof CallError && error.code === 'call_not_found' && pauseMs > 1000) return
        if (signal.aborted) throw error
        await this.#parts.clock.sleep(pauseMs, { signal }).catch(ignore)
      }
    }
    await task()
  }
}

type Announced = Omit<Announcement, 'record'> & {
  /** As the event has it. */
  readonly record?: CallRecord
  /** What the event tells, which the record may not have yet. */
  readonly told?: Partial<CallRecord>
}

/** Undefined: nobody outside is told of it. */
function announcedBy(event: CallEvent | PassingEvent): Announced | undefined {
  const { at } = event
  switch (event.type) {
    case 'call.created':
      return { type: 'call.started', at, record: event.record }
    case 'call.answered':
      return { type: 'call.answered', at }
    case 'call.ended': {
      const { status, endReason, failure } = event
      return { type: 'call.ended', at, told: { status, endReason, ...(failure && { failure }) } }
    }
    case 'call.outcome':
      return { type: 'call.outcome', at, outcome: event.outcome }
    default:
      return undefined
  }
}

/** It is dealt with elsewhere. */
function ignore(): void {
  return undefined
}
