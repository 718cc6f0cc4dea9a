import type { Cancel, Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { FormFiller } from '../../pipeline/form.ts'
import type { CallEvent, CallEvents, PassingEvent } from '../call-events.ts'
import type { CallRecord } from '../record.ts'
import { findOutcome, withoutModel } from './find-outcome.ts'
import type { OutcomeJobs } from './outcome-jobs.ts'
import type { CallOutcome } from './outcome.ts'

export type OutcomesParts = {
  readonly events: CallEvents
  /** Told of a call's end, it has the whole record. */
  readonly records: { get(callId: string): Promise<CallRecord> }
  readonly jobs: OutcomeJobs
  readonly filler: FormFiller
  readonly clock: Clock
  readonly log: Logger
}

type Job = {
  readonly callId: string
  readonly record: CallRecord
  /** Number of the call's last event. */
  readonly lastSeq: number
  /** Questions that the model has failed to answer. */
  readonly failures: number
}

/** Requests to the model at a time: calls that go on need it more. */
const AT_ONCE = 4

/** Records that wait in memory; of more, only the store knows. */
const MAX_WAITING = 500

/** Pauses before the model is asked again; after the last one the outcome has to do without it. */
const RETRIES_MS = [2000, 10_000, 30_000, 120_000, 600_000, 1_800_000]
const JITTER = 0.2

/** Pauses before a store that failed is tried again. */
const SAVE_RETRIES_MS = [1000, 5000, 30_000, 120_000]

/** What an earlier process has left is looked for among the calls of so many days: older ones nobody waits for. */
const LOOK_BACK_MS = 24 * 3600 * 1000

/**
 * Finds out what came of every call once it is over, and tells it as `call.outcome`. Nobody waits for it. What is left when
 * the process ends is found in the store by the next one.
 */
export class Outcomes {
  readonly #parts: OutcomesParts
  readonly #waiting: Job[] = []
  /** Calls whose outcome is being found out, or waits for that. */
  readonly #known = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  readonly #retries = new Set<Cancel>()
  readonly #closing = new AbortController()
  readonly #unsubscribe: () => void
  #working = 0
  /** There are calls in the store that are not known here. */
  #overflowed = false

  constructor(parts: OutcomesParts) {
    this.#parts = parts
    this.#unsubscribe = parts.events.subscribe((event) => {
      this.#heard(event)
    })
  }

  /** Takes up what an earlier process has left. */
  start(): void {
    this.#run(() => this.#takeUp())
  }

  /** Resolves when nothing is left to be done now; what waits for another try is not. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  /** Lets go of everything; questions that are not answered yet are asked again by the next process. */
  async close(): Promise<void> {
    this.#unsubscribe()
    this.#closing.abort()
    for (const cancel of this.#retries) cancel()
    this.#waiting.length = 0
    await this.idle()
  }

  #heard(event: CallEvent | PassingEvent): void {
    if (event.type !== 'call.ended') return
    const { callId, seq, status, endReason, failure, at } = event
    // Asked at once: a call that has just ended is still at hand.
    const found = this.#parts.records.get(callId)
    this.#run(async () => {
      try {
        const record = await found
        // A call that was called off before it was live may not be stored as such yet.
        const ended = { endedAt: at, ...record, status, endReason, ...(failure && { failure }) }
        this.#add({ callId, record: ended, lastSeq: seq, failures: 0 })
      } catch (error) {
        this.#overflowed = true
        this.#parts.log.error(
          { err: error, callId },
          'record of a call that has ended was not found',
        )
      }
    })
  }

  #add(job: Job): void {
    if (this.#known.has(job.callId) || this.#closing.signal.aborted) return
    if (this.#waiting.length >= MAX_WAITING) {
      this.#overflowed = true
      return
    }
    this.#known.add(job.callId)
    this.#waiting.push(job)
    this.#next()
  }

  #next(): void {
    while (this.#working < AT_ONCE) {
      const job = this.#waiting.shift()
      if (!job) break
      this.#working++
      this.#run(async () => {
        try {
          await this.#work(job)
        } finally {
          this.#working--
          this.#next()
        }
      })
    }
    if (this.#overflowed && this.#waiting.length === 0) {
      this.#overflowed = false
      this.start()
    }
  }

  async #work(job: Job): Promise<void> {
    const { filler } = this.#parts
    const { signal } = this.#closing
    let outcome: CallOutcome
    try {
      outcome = await findOutcome(job.record, { filler, signal })
    } catch (error) {
      if (signal.aborted || this.#tryLater(job, error)) return
      this.#parts.log.error({ err: error, callId: job.callId }, 'outcome found without the model')
      outcome = withoutModel(job.record, error)
    }
    await this.#tell(job, outcome)
  }

  /** @returns whether it is worth it */
  #tryLater(job: Job, error: unknown): boolean {
    const pauseMs = RETRIES_MS[job.failures]
    if (!(error instanceof ProviderError && error.retryable) || pauseMs === undefined) return false
    const { clock, log } = this.#parts
    const { code, vendorCode } = error
    log.warn(
      { callId: job.callId, code, vendorCode, failures: job.failures + 1 },
      'outcome delayed',
    )
    const cancel = clock.after(pauseMs * (1 + JITTER * (2 * Math.random() - 1)), () => {
      this.#retries.delete(cancel)
      this.#known.delete(job.callId)
      this.#add({ ...job, failures: job.failures + 1 })
    })
    this.#retries.add(cancel)
    return true
  }

  async #tell({ callId, lastSeq }: Job, outcome: CallOutcome): Promise<void> {
    const { events, log } = this.#parts
    const isSaved = await this.#save(callId, outcome)
    // The next process finds it out again: told twice, it would be two events of one number.
    if (!isSaved && this.#closing.signal.aborted) return
    this.#known.delete(callId)
    const { disposition, problems } = outcome
    log.info({ callId, disposition, problems: problems.length }, 'outcome found')
    events.publish(callId, { type: 'call.outcome', outcome }, lastSeq)
  }

  /** @returns whether it is kept */
  async #save(callId: string, outcome: CallOutcome): Promise<boolean> {
    const { jobs, clock, log } = this.#parts
    const { signal } = this.#closing
    for (const pauseMs of [...SAVE_RETRIES_MS, undefined]) {
      try {
        await jobs.saveOutcome(callId, outcome)
        return true
      } catch (error) {
        if (pauseMs === undefined || signal.aborted) {
          log.error({ err: error, callId }, 'outcome was not stored')
          return false
        }
        await clock.sleep(pauseMs, { signal }).catch(() => undefined)
      }
    }
    return false
  }

  async #takeUp(): Promise<void> {
    const { jobs, clock, log } = this.#parts
    try {
      const endedAfter = new Date(clock.date().getTime() - LOOK_BACK_MS)
      const pending = await jobs.pendingOutcomes({ endedAfter, limit: MAX_WAITING })
      if (pending.length === MAX_WAITING) this.#overflowed = true
      for (const { record, lastSeq } of pending) {
        this.#add({ callId: record.callId, record, lastSeq, failures: 0 })
      }
    } catch (error) {
      log.error({ err: error }, 'outcomes that are left to find were not looked up')
    }
  }

  #run(task: () => Promise<void>): void {
    const running = task().finally(() => this.#running.delete(running))
    this.#running.add(running)
  }
}
