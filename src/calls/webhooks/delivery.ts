/** What users are told about a call without asking. */
export const WEBHOOK_TYPES = [
  'call.started',
  'call.answered',
  'call.ended',
  'call.outcome',
] as const
export type WebhookType = (typeof WEBHOOK_TYPES)[number]

export const DELIVERY_STATES = [
  'pending', // it will be sent, or sent again
  'delivered',
  'dead', // given up
] as const

/** One message to one address, and how far it has come. */
export type Delivery = {
  /** The message's `webhook-id`: the same however often it is sent. */
  readonly id: string
  readonly callId: string
  readonly type: WebhookType
  readonly url: string
  /** The body, byte for byte as it is signed and sent. */
  readonly payload: string
  readonly createdAt: Date
  readonly state: (typeof DELIVERY_STATES)[number]
  /** Since it was created, or sent again by hand. */
  readonly attempts: number
  /** When it is due, as long as it is pending. */
  readonly nextAttemptAt?: Date
  readonly lastAttemptAt?: Date
  /** HTTP status of the last attempt, if there was an answer. */
  readonly lastStatus?: number
  /** Why the last attempt failed, as a phrase. */
  readonly lastError?: string
}

/** Where deliveries are kept. They must outlive the process. */
export interface DeliveryStore {
  /** Keeps a new delivery; one whose id is there already changes nothing. */
  addDelivery(delivery: Delivery): Promise<void>
  delivery(id: string): Promise<Delivery | undefined>
  /** Of one call, in the order in which they were added. */
  deliveriesOf(callId: string): Promise<readonly Delivery[]>
  /**
   * Takes up to `limit` pending deliveries that are due, those that are due longest first, and of equal ones the one that was
   * added first. Their `nextAttemptAt` becomes `leaseUntil`, so that nobody else takes them before.
   */
  claimDueDeliveries(query: {
    now: Date
    leaseUntil: Date
    limit: number
  }): Promise<readonly Delivery[]>
  /** Replaces the delivery of the same id; one that is not there any more stays away. */
  updateDelivery(delivery: Delivery): Promise<void>
  /** When the next pending one is due; undefined when none is pending. */
  nextDeliveryDue(): Promise<Date | undefined>
}
