import type { CallStatus } from '../providers/twilio/messages.ts'
import { CallProgress, type ProgressSubscription } from './call-progress.ts'
import { type CallFacts, callParams, finalParams } from './call-resource.ts'
import type { TwilioAccount } from './twilio-account.ts'
import type { ProgressEvent } from './twilio-knobs.ts'

export type CallIdentity = {
  readonly callSid: string
  readonly direction: 'inbound' | 'outbound-api'
  readonly from: string
  readonly to: string
  readonly queueTimeMs: number
}

const EVENT_OF: Readonly<Record<CallStatus, ProgressEvent | undefined>> = {
  queued: undefined,
  initiated: 'initiated',
  ringing: 'ringing',
  'in-progress': 'answered',
  completed: 'completed',
  busy: 'completed',
  'no-answer': 'completed',
  failed: 'completed',
  canceled: 'completed',
}

/** The book of one call: the statuses it goes through, when, and who is told. */
export class CallLedger {
  readonly statuses: { readonly status: CallStatus; readonly at: number }[] = []
  readonly progress: CallProgress
  /** The verdict of machine detection. */
  answeredBy: string | undefined
  readonly #account: TwilioAccount
  readonly #identity: CallIdentity
  readonly #createdAt: Date
  #startedAt: Date | undefined
  #endedAt: Date | undefined
  #answeredAt: number | undefined
  #durationS: number | undefined

  constructor(options: {
    account: TwilioAccount
    identity: CallIdentity
    subscription: ProgressSubscription
    callbackFailed: (url: string, reason: string) => void
  }) {
    const { account, subscription, callbackFailed: failed } = options
    this.#account = account
    this.#identity = options.identity
    this.#createdAt = account.clock.date()
    this.progress = new CallProgress({ account, subscription, failed })
    this.enter(options.identity.direction === 'inbound' ? 'ringing' : 'queued')
  }

  /** The call reaches a status; whoever has subscribed to it is told. */
  enter(status: CallStatus): void {
    const { clock } = this.#account
    const at = clock.now()
    this.statuses.push({ status, at })
    const event = EVENT_OF[status]
    if (event === 'answered') {
      this.#answeredAt = at
      this.#startedAt = clock.date()
    }
    if (event === 'completed') {
      this.#endedAt = clock.date()
      const sinceAnswer = this.#answeredAt === undefined ? 0 : at - this.#answeredAt
      this.#durationS = Math.round(sinceAnswer / 1000)
    }
    if (event === undefined) return
    const { facts } = this
    const params = { ...callParams(facts), ...(event === 'completed' ? finalParams(facts) : {}) }
    this.progress.report({ event, status }, params)
  }

  /** `initiated` is known to callbacks only; REST and this ledger go on calling the call queued. */
  initiated(): void {
    const params = callParams(this.facts)
    this.progress.report({ event: 'initiated', status: 'initiated' }, params)
  }

  get status(): CallStatus {
    return this.statuses.at(-1)?.status ?? 'queued'
  }

  get isOver(): boolean {
    return EVENT_OF[this.status] === 'completed'
  }

  /** Time of the clock. */
  get answeredAt(): number | undefined {
    return this.#answeredAt
  }

  get facts(): CallFacts {
    return {
      ...this.#identity,
      accountSid: this.#account.accountSid,
      status: this.status,
      createdAt: this.#createdAt,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      durationS: this.#durationS,
      answeredBy: this.answeredBy,
    }
  }
}
