import type { Cancel, Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { CallFacts } from '../../pipeline/call-facts.ts'
import type { CloudBackend, CloudReport } from '../../pipeline/cloud-backend.ts'
import { failureOf, type SessionFailure } from '../../pipeline/session-end.ts'
import type { TurnTimings } from '../../pipeline/timings.ts'
import type { Turn } from '../../pipeline/transcript.ts'
import type { CallEvents } from '../call-events.ts'
import { type CallStatus, isTerminal } from '../call-status.ts'
import type { CallStore } from '../call-store.ts'
import { KeptRecord } from '../kept-record.ts'
import type { CallRecord } from '../record.ts'
import { turnsOf, untold } from './cloud-turns.ts'
import { CloudWatch } from './cloud-watch.ts'

/** A call that has ended is looked at so often for what was said in it, or why it failed; there may be nothing. */
const LOOKS_FOR_MORE = 3
/** So many looks in a row at which there is no such call. */
const MAX_MISSING = 5
/** The service may count the time from a little later than we do. */
const OVERTIME_MS = 5000

export type CloudCallParts = {
  readonly record: CallRecord
  /** Set when an earlier process has begun with it; `lastSeq`: number of its last event on record. */
  readonly resumed?: { readonly lastSeq: number } | undefined
  readonly variables: Readonly<Record<string, string>>
  readonly maxDurationS: number
  readonly backend: CloudBackend
  readonly store: CallStore
  readonly events: CallEvents
  readonly clock: Clock
  readonly log: Logger
}

type Said = {
  turns: readonly Turn[]
  readonly timings: readonly TurnTimings[]
  readonly facts: CallFacts
}

/**
 * One call that a service carries by itself. Its record is made from the service's reports: by webhook, and by looking, should
 * one be lost. The first that tells of the end, with what was said, closes it; what comes later changes nothing.
 */
export class CloudCall {
  /** Resolves when the call is over and its record closed. */
  readonly over: Promise<void>
  readonly #parts: CloudCallParts
  readonly #kept: KeptRecord
  readonly #watch: CloudWatch
  readonly #said: Said
  readonly #closing = new AbortController()
  readonly #ending = Promise.withResolvers<undefined>()
  #wanted: 'requested' | 'time_limit' | undefined
  #looksForMore = 0
  #missing = 0
  #isFollowed = false
  #cancelLimit: Cancel | undefined

  constructor(parts: CloudCallParts) {
    const { record, clock } = parts
    this.#parts = parts
    this.over = this.#ending.promise
    const { notes, optedOut } = record
    this.#said = { turns: record.turns, timings: [], facts: { notes, optedOut } }
    this.#kept = new KeptRecord({ ...parts, conversation: this.#said })
    this.#watch = new CloudWatch({
      clock,
      look: () => this.#look(),
      givenUp: () => {
        this.#fail({ by: 'smallest', code: 'lost', message: 'the end of the call was never told' })
      },
    })
  }

  get callId(): string {
    return this.#kept.stored.callId
  }

  /** The service's id of the call. */
  get callSid(): string | undefined {
    return this.#kept.stored.callSid
  }

  get record(): CallRecord {
    return this.#kept.now
  }

  /** @throws {ProviderError} when the service does not take it; the call is over by then, and on record as failed */
  async dial(): Promise<void> {
    const { backend, record, variables } = this.#parts
    try {
      const { phoneNumber } = record.spec
      const { conversationId } = await backend.start({ phoneNumber, variables })
      this.#kept.bind(conversationId)
    } catch (error) {
      this.#fail(failureOf(error))
      throw error
    }
    if (this.#wanted) void this.#cancel(this.#wanted)
    this.#watch.now()
  }

  /** Goes on with a call of an earlier process. */
  resume(): void {
    this.#limit(this.#kept.stored.answeredAt)
    this.#watch.now()
  }

  /** The service tells something of its own accord: there may be more to be seen. */
  told(report: CloudReport): void {
    if (this.#isOver) return
    this.#heed(report)
    this.#watch.now()
  }

  end(reason: 'requested' | 'time_limit'): void {
    if (this.#isOver || this.#wanted) return
    this.#wanted = reason
    if (this.callSid !== undefined) void this.#cancel(reason)
  }

  /** Lets go of it: the service carries it on, and the next process follows it. */
  release(): void {
    this.#stop()
  }

  get #isOver(): boolean {
    return this.#closing.signal.aborted
  }

  async #cancel(reason: string): Promise<void> {
    const { backend } = this.#parts
    try {
      await backend.cancel(this.callSid ?? '')
    } catch (error) {
      const isOver = error instanceof ProviderError && error.code === 'call_over'
      if (!isOver) this.#kept.log.error({ err: error, reason }, 'call in the cloud was not ended')
    }
    this.#watch.now()
  }

  async #look(): Promise<void> {
    const { backend } = this.#parts
    const { signal } = this.#closing
    try {
      const report = await backend.look(this.callSid ?? '', { signal })
      this.#missing = 0
      if (!this.#isOver) this.#heed(report)
    } catch (error) {
      if (this.#isOver) return
      this.#kept.log.warn({ err: error }, 'call in the cloud could not be looked at')
      const isMissing = error instanceof ProviderError && error.code === 'rejected'
      this.#missing = isMissing ? this.#missing + 1 : this.#missing
      if (this.#missing >= MAX_MISSING) this.#fail(failureOf(error))
    }
  }

  #heed(report: CloudReport): void {
    const { status } = report
    this.#noteAnswer(report)
    if (status === undefined) return
    if (!isTerminal(status)) {
      this.#kept.reached(status)
      if (status === 'in_progress') void this.#follow()
      return
    }
    // What was said, or went wrong, may take the service a moment longer than the end.
    if (lacks(status, report) && ++this.#looksForMore < LOOKS_FOR_MORE) return
    this.#close(status, report)
  }

  #noteAnswer({ status, answeredAt }: CloudReport): void {
    if (this.#kept.stored.answeredAt) return
    const isAnswered = answeredAt !== undefined || status === 'in_progress'
    if (!isAnswered) return
    this.#kept.change({ answeredAt: answeredAt ?? this.#kept.date() })
    this.#limit(this.#kept.stored.answeredAt)
    this.#kept.log.info('call in the cloud answered')
  }

  /** The service knows no limit of ours. */
  #limit(answeredAt: Date | undefined): void {
    if (!answeredAt) return
    const { clock, maxDurationS } = this.#parts
    const elapsedMs = clock.date().getTime() - answeredAt.getTime()
    this.#cancelLimit?.()
    this.#cancelLimit = clock.after(
      Math.max(0, maxDurationS * 1000 + OVERTIME_MS - elapsedMs),
      () => {
        this.end('time_limit')
      },
    )
  }

  /** Tells what is said as it is said; without that, it is told at the end. */
  async #follow(): Promise<void> {
    if (this.#isFollowed) return
    this.#isFollowed = true
    const { backend } = this.#parts
    const { signal } = this.#closing
    try {
      for await (const words of backend.follow(this.callSid ?? '', { signal })) {
        const { answeredAt } = this.#kept.stored
        const fresh = untold(turnsOf([words], answeredAt), [])
        this.#tell(fresh)
        this.#said.turns = [...this.#said.turns, ...fresh]
      }
    } catch (error) {
      if (this.#isOver) return
      this.#kept.log.debug({ err: error }, 'call in the cloud cannot be followed')
    }
    this.#watch.now()
  }

  #tell(turns: readonly Turn[]): void {
    for (const turn of turns) this.#parts.events.publish(this.callId, { type: 'turn', turn })
  }

  #close(reported: CallStatus, report: CloudReport): void {
    const endedAt = report.endedAt ?? this.#kept.date()
    const { durationS = 0 } = report
    if (!this.#kept.stored.answeredAt && reported === 'completed' && durationS > 0) {
      this.#kept.change({ answeredAt: new Date(endedAt.getTime() - durationS * 1000) })
    }
    const { answeredAt } = this.#kept.stored
    const turns = turnsOf(report.words ?? [], answeredAt)
    if (turns.length > 0) {
      this.#tell(untold(turns, this.#said.turns))
      this.#said.turns = turns
    }
    this.#stop()
    // A call that was ended while people talked has taken place.
    const status = reported === 'canceled' && answeredAt ? 'completed' : reported
    if (status === 'failed') {
      const message = report.reason ?? 'the call failed'
      const failure: SessionFailure = { by: 'smallest', code: 'call_failed', message }
      this.#kept.close({ status, endReason: 'failed', endedAt, failure })
    } else {
      const endReason = this.#wanted ?? (answeredAt ? 'caller_hung_up' : 'not_answered')
      this.#kept.close({ status, endReason, endedAt })
    }
    this.#ending.resolve(undefined)
  }

  #fail(failure: SessionFailure): void {
    if (this.#isOver) return
    this.#stop()
    const endedAt = this.#kept.date()
    this.#kept.close({ status: 'failed', endReason: 'failed', endedAt, failure })
    this.#ending.resolve(undefined)
  }

  #stop(): void {
    this.#watch.stop()
    this.#cancelLimit?.()
    this.#closing.abort(new Error('the call is over'))
  }
}

function lacks(status: CallStatus, { words = [], reason }: CloudReport): boolean {
  if (status === 'failed') return reason === undefined
  return status === 'completed' && words.length === 0
}
