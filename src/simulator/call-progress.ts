import type { CallStatus } from '../providers/twilio/messages.ts'
import { sendCallback, type TwilioAccount } from './twilio-account.ts'
import type { ProgressEvent } from './twilio-knobs.ts'
import type { HttpMethod } from './twiml.ts'
import { rfc2822 } from './call-resource.ts'

/** Who wants to hear of a call's progress. */
export type ProgressSubscription = {
  readonly url: string | undefined
  readonly method: HttpMethod
  readonly events: ReadonlySet<ProgressEvent>
}

export type SentCallback = {
  readonly event: ProgressEvent
  readonly status: CallStatus
  readonly sequenceNumber: number
  readonly params: Readonly<Record<string, string>>
  /** What the server answered; 0 when it did not. */
  readonly httpStatus: number
}

type Report = { readonly event: ProgressEvent; readonly status: CallStatus }

/** Sends the status callbacks of one call. Events are counted whether anybody subscribed to them or not. */
export class CallProgress {
  readonly sent: SentCallback[] = []
  readonly #account: TwilioAccount
  readonly #failed: (url: string, reason: string) => void
  #subscription: ProgressSubscription
  #nextNumber = 0
  readonly #underway = new Set<Promise<void>>()

  constructor(options: {
    account: TwilioAccount
    subscription: ProgressSubscription
    failed: (url: string, reason: string) => void
  }) {
    this.#account = options.account
    this.#subscription = options.subscription
    this.#failed = options.failed
  }

  /** An update of the call names another url. */
  redirect(url: string): void {
    this.#subscription = { ...this.#subscription, url }
  }

  /** Leaves at once and waits for nothing: callbacks may overtake each other. */
  report(report: Report, params: Readonly<Record<string, string>>): void {
    const sequenceNumber = this.#nextNumber++
    const { url, events } = this.#subscription
    if (url === undefined || !events.has(report.event)) return
    const full = {
      ...params,
      CallStatus: report.status,
      Timestamp: rfc2822(this.#account.clock.date()),
      CallbackSource: 'call-progress-events',
      SequenceNumber: String(sequenceNumber),
    }
    for (let copy = 0; copy < this.#account.knobs.callbackCopies; copy++) {
      const sending = this.#send(url, { ...report, sequenceNumber, params: full })
      this.#underway.add(sending)
      void sending.finally(() => this.#underway.delete(sending))
    }
  }

  /** Resolves when every callback has been answered or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#underway)
  }

  async #send(url: string, callback: Omit<SentCallback, 'httpStatus'>): Promise<void> {
    const { clock, knobs, signal } = this.#account
    const delayMs = knobs.callbackDelayMs[callback.event] ?? 0
    // Closing the simulator cuts the wait; the callback then is not sent.
    if (delayMs > 0) await clock.sleep(delayMs, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const { method } = this.#subscription
    const request = { url, method, params: callback.params }
    const httpStatus = await sendCallback(this.#account, request, (reason) => {
      this.#failed(url, reason)
    })
    this.sent.push({ ...callback, httpStatus })
  }
}
