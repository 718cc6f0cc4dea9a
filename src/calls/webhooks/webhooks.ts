import type { Delivery } from './delivery.ts'
import { sentAgain } from './attempt.ts'
import { WebhookAnnouncer, type WebhookAnnouncerParts } from './webhook-announcer.ts'
import { WebhookSender, type WebhookSenderParts } from './webhook-sender.ts'

export type WebhooksParts = WebhookSenderParts & Omit<WebhookAnnouncerParts, 'onAdded'>

/** How long messages of the last moment have to get through when the process ends. */
const LAST_CHANCE_MS = 5000

/** Tells others what happens in calls, without being asked, until they have taken it. */
export class Webhooks {
  readonly #parts: WebhooksParts
  readonly #sender: WebhookSender
  readonly #announcer: WebhookAnnouncer

  constructor(parts: WebhooksParts) {
    this.#parts = parts
    this.#sender = new WebhookSender(parts)
    this.#announcer = new WebhookAnnouncer({
      ...parts,
      onAdded: () => {
        this.#sender.wake()
      },
    })
  }

  /** Sends what an earlier process has left. */
  start(): void {
    this.#sender.wake()
  }

  /** The messages of a call, in the order of what they tell. */
  list(callId: string): Promise<readonly Delivery[]> {
    return this.#parts.store.deliveriesOf(callId)
  }

  /** The call that a message is about; undefined: there is no such message. */
  async callOf(id: string): Promise<string | undefined> {
    return (await this.#parts.store.delivery(id))?.callId
  }

  /**
   * Sends a message again, now and as often as it takes, whatever has become of it.
   *
   * @returns undefined when there is no such message
   */
  async resend(id: string): Promise<Delivery | undefined> {
    const { store, clock } = this.#parts
    const delivery = await store.delivery(id)
    if (!delivery) return undefined
    const again = sentAgain(delivery, clock.date())
    await store.updateDelivery(again)
    this.#sender.wake()
    return again
  }

  /** Resolves when everything is on record and nothing is due. */
  async idle(): Promise<void> {
    await this.#announcer.idle()
    await this.#sender.idle()
  }

  /** What is not delivered by then is due again for the next process. */
  async close(): Promise<void> {
    const { clock } = this.#parts
    const over = new AbortController()
    await Promise.race([
      this.idle(),
      clock.sleep(LAST_CHANCE_MS, { signal: over.signal }).catch(() => undefined),
    ])
    over.abort()
    await this.#announcer.close()
    await this.#sender.close()
  }
}
