import type { Cancel, Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import { afterAttempt, type Attempt, dueAt, givenUp, isGone } from './attempt.ts'
import type { Delivery, DeliveryStore } from './delivery.ts'
import { HostPace } from './host-pace.ts'
import { InOrder } from './in-order.ts'
import type { WebhookPost } from './webhook-post.ts'
import type { WebhookSigner } from './webhook-signer.ts'

export type WebhookSenderParts = {
  readonly store: DeliveryStore
  readonly http: WebhookPost
  readonly signer: WebhookSigner
  readonly clock: Clock
  readonly log: Logger
  /** Whether this address may be asked; all may by default. */
  readonly allowUrl?: ((url: URL) => boolean) | undefined
}

/** Attempts at a time, to all hosts together. */
const AT_ONCE = 16
/** For the whole exchange, as the specification has it. */
const TIMEOUT_MS = 15_000
/** Longer than any attempt: a process that dies in one leaves it to be made again. */
const LEASE_MS = 60_000
/** The store is looked into this often at least: another process may have left something. */
const LOOK_EVERY_MS = 60_000
/** … and this long after it failed. */
const STORE_RETRY_MS = 5000
/** What has become of an attempt is written for so long, so often: well within its lease. */
const WRITE_MS = 30_000
const WRITE_AGAIN_MS = 500
/** Until it has failed so often, a delivery holds back the later ones of its call to the same address: some six minutes. */
const HOLDS_BACK = 3

/**
 * Sends what is due, and sends it again until it is taken, for three days. What is pending is in the store alone, so nothing
 * is lost with the process.
 */
export class WebhookSender {
  readonly #parts: WebhookSenderParts
  readonly #pace = new HostPace()
  /** Whatever changes the deliveries of a call happens one after the other. */
  readonly #calls = new InOrder()
  readonly #attempts = new Set<Promise<void>>()
  /** Ids of what is being delivered: another one of its call may make it due again before its own turn has come. */
  readonly #underway = new Set<string>()
  readonly #closing = new AbortController()
  #looking: Promise<void> | undefined
  #lookAgain = false
  /** The store could not be asked when it was asked last. */
  #isFailing = false
  #cancelTimer: Cancel | undefined

  constructor(parts: WebhookSenderParts) {
    this.#parts = parts
  }

  /** Something may be due. */
  wake(): void {
    if (this.#closing.signal.aborted) return
    this.#lookAgain = true
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
      if (this.#lookAgain) this.wake()
    })
  }

  /** Resolves when nothing is due. */
  async idle(): Promise<void> {
    while (this.#looking || this.#attempts.size > 0) {
      await Promise.all([this.#looking, ...this.#attempts])
    }
  }

  /** Breaks off what is going on; it is due again for the next process. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#cancelTimer?.()
    await this.idle()
    await this.#calls.idle()
  }

  /** Takes what is due as long as there is room; whatever makes room looks again. */
  async #look(): Promise<void> {
    const { store, clock, log } = this.#parts
    this.#cancelTimer?.()
    try {
      while (this.#attempts.size < AT_ONCE && !this.#closing.signal.aborted) {
        this.#lookAgain = false
        const now = clock.date()
        const leaseUntil = new Date(now.getTime() + LEASE_MS)
        const limit = AT_ONCE - this.#attempts.size
        const due = await store.claimDueDeliveries({ now, leaseUntil, limit })
        this.#isFailing = false
        for (const delivery of due) this.#take(delivery)
        if (due.length === 0) {
          await this.#wakeWhenDue()
          break
        }
      }
    } catch (error) {
      if (!this.#isFailing) log.error({ err: error }, 'due webhooks were not looked up')
      this.#isFailing = true
      this.#wakeIn(STORE_RETRY_MS)
    }
  }

  async #wakeWhenDue(): Promise<void> {
    const next = await this.#parts.store.nextDeliveryDue()
    const inMs = next ? next.getTime() - this.#parts.clock.date().getTime() : LOOK_EVERY_MS
    this.#wakeIn(Math.min(Math.max(inMs, 0), LOOK_EVERY_MS))
  }

  #wakeIn(ms: number): void {
    this.#cancelTimer?.()
    if (this.#closing.signal.aborted) return
    this.#cancelTimer = this.#parts.clock.after(ms, () => {
      this.wake()
    })
  }

  #take(delivery: Delivery): void {
    if (this.#underway.has(delivery.id)) return
    this.#underway.add(delivery.id)
    const taken = this.#deliver(delivery)
      .catch((error: unknown) => {
        // Its lease ends, and it is due again.
        const { id, callId } = delivery
        this.#parts.log.error({ err: error, id, callId }, 'state of a webhook was not stored')
      })
      .finally(() => {
        this.#attempts.delete(taken)
        this.#underway.delete(delivery.id)
        this.wake()
      })
    this.#attempts.add(taken)
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { clock } = this.#parts
    const url = new URL(delivery.url)
    if (await this.#heldBack(delivery)) return
    const waitMs = this.#pace.begin(url.host, clock.now())
    if (waitMs > 0) {
      await this.#postpone(delivery, new Date(clock.date().getTime() + waitMs))
      return
    }
    const startedMs = clock.now()
    const attempt = await this.#attempt(delivery, url)
    const nowMs = clock.now()
    const answered = attempt !== undefined && 'status' in attempt
    this.#pace.end(url.host, { nowMs, tookMs: nowMs - startedMs, answered })
    // Broken off by ourselves: it does not count, and the next process makes it again.
    if (attempt) await this.#settle(delivery, attempt)
    else await this.#postpone(delivery, clock.date())
  }

  /**
   * Whether it is not to be sent now: its address wants nothing any more, or an earlier one of its call is to go first, and this
   * one is due when that one is.
   */
  #heldBack(delivery: Delivery): Promise<boolean> {
    return this.#calls.run(delivery.callId, async () => {
      const { store, clock } = this.#parts
      const all = (await store.deliveriesOf(delivery.callId)).filter(
        ({ url }) => url === delivery.url,
      )
      if (isNew(delivery) && isGone(all)) {
        await this.#giveUp(delivery)
        return true
      }
      const earlier = before(delivery, all).find(
        ({ state, attempts }) => state === 'pending' && attempts < HOLDS_BACK,
      )
      if (!earlier) return false
      const soonest = clock.date().getTime() + 1000
      const due = Math.max(earlier.nextAttemptAt?.getTime() ?? 0, soonest)
      await store.updateDelivery(dueAt(delivery, new Date(due)))
      return true
    })
  }

  #postpone(delivery: Delivery, until: Date): Promise<void> {
    return this.#calls.run(delivery.callId, () =>
      this.#parts.store.updateDelivery(dueAt(delivery, until)),
    )
  }

  /** Undefined: broken off by ourselves. */
  async #attempt({ id, payload: body }: Delivery, url: URL): Promise<Attempt | undefined> {
    const { http, signer, clock, allowUrl } = this.#parts
    if (allowUrl && !allowUrl(url)) return { error: 'the address is not allowed', forbidden: true }
    const closing = this.#closing.signal
    const late = new AbortController()
    const stopWatching = clock.after(TIMEOUT_MS, () => {
      late.abort()
    })
    try {
      const headers = {
        'content-type': 'application/json',
        ...signer.headers({ id, body, at: clock.date() }),
      }
      const signal = AbortSignal.any([late.signal, closing])
      return { status: await http.post({ url, headers, body }, { signal }) }
    } catch (error) {
      if (closing.aborted) return undefined
      if (late.signal.aborted) return { error: `no answer in ${TIMEOUT_MS / 1000} s` }
      return { error: `no answer (${codeOf(error)})` }
    } finally {
      stopWatching()
    }
  }

  #settle(delivery: Delivery, attempt: Attempt): Promise<void> {
    return this.#calls.run(delivery.callId, async () => {
      const { store, clock } = this.#parts
      const now = clock.date()
      const settled = afterAttempt(delivery, attempt, now)
      this.#note(settled)
      await this.#write(settled)
      const others = (await store.deliveriesOf(delivery.callId)).filter(
        ({ id, state, url }) => id !== settled.id && state === 'pending' && url === settled.url,
      )
      if (isGone([settled])) {
        for (const other of others) await this.#giveUp(other)
      } else if (settled.state !== 'pending' || settled.attempts >= HOLDS_BACK) {
        for (const other of others) {
          if (other.attempts === 0) await store.updateDelivery(dueAt(other, now))
        }
      }
    })
  }

  /** What was taken is not sent again, nor what follows it held back, because the store is away for a moment. */
  async #write(settled: Delivery): Promise<void> {
    const { store, clock } = this.#parts
    const { signal } = this.#closing
    const until = clock.now() + WRITE_MS
    for (;;) {
      try {
        await store.updateDelivery(settled)
        return
      } catch (error) {
        if (signal.aborted || clock.now() >= until) throw error
        await clock.sleep(WRITE_AGAIN_MS, { signal }).catch(() => undefined)
      }
    }
  }

  async #giveUp(delivery: Delivery): Promise<void> {
    const done = givenUp(delivery)
    this.#note(done)
    await this.#parts.store.updateDelivery(done)
  }

  /** Of the address nothing but the host: the rest of it may be a secret. */
  #note({ id, callId, type, url, state, attempts, lastStatus, lastError }: Delivery): void {
    const { log } = this.#parts
    const details = { id, callId, type, host: new URL(url).host, attempts, status: lastStatus }
    if (state === 'delivered') log.debug(details, 'webhook delivered')
    else if (state === 'dead') log.warn({ ...details, reason: lastError }, 'webhook given up')
    else log.info({ ...details, reason: lastError }, 'webhook not delivered yet')
  }
}

/** Not so one that is sent again by hand: it is to be seen whether its address is still gone. */
function isNew({ lastAttemptAt, lastError }: Delivery): boolean {
  return lastAttemptAt === undefined && lastError === undefined
}

function before(delivery: Delivery, all: readonly Delivery[]): readonly Delivery[] {
  const at = all.findIndex(({ id }) => id === delivery.id)
  return all.slice(0, Math.max(at, 0))
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return error instanceof Error ? error.name : 'unknown'
}
