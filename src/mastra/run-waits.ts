import type { Cancel, Clock } from '../clock.ts'
import type { Waiting } from './follow-up/follow-up-schemas.ts'

/** What a suspended run waits for. `key`: another one for every suspension. */
export type RunWait = {
  readonly runId: string
  readonly workflowId: string
  readonly key: string
  readonly waiting: Waiting
}

/** What is to be given to a run that goes on. */
export type DueRun = Omit<RunWait, 'waiting'> & { readonly data: unknown }

/** A timer may not be longer than this; what is due later is looked at again then. */
const LONGEST_TIMER_MS = 2 ** 31 - 1
/** Calls that have changed of late, for runs that are suspended a moment too late to see it. */
const MAX_CHANGED = 1000

/**
 * Wakes suspended runs: when their time has come, or the call that they wait for has changed. A change between a run's last look
 * at its call and its suspension is not lost.
 */
export class RunWaits {
  readonly onDue: (due: DueRun) => void
  readonly #clock: Clock
  readonly #waits = new Map<string, { readonly wait: RunWait; readonly cancel: Cancel }>()
  /** Call → when it has changed last, as a count of all changes. */
  readonly #changed = new Map<string, number>()
  #changes = 0

  constructor(clock: Clock, onDue: (due: DueRun) => void) {
    this.#clock = clock
    this.onDue = onDue
  }

  /** What has changed until now, for `add`. */
  mark(): number {
    return this.#changes
  }

  /**
   * @param since the mark at which the run had not looked at its call yet; `now`: it was suspended by an earlier process, so that
   *   its call is looked at again
   */
  add(wait: RunWait, since: number | 'now'): void {
    this.drop(wait.runId)
    const { waiting } = wait
    if (waiting.waiting_for === 'approval') return
    const data = waiting.waiting_for === 'call' ? { timed_out: true } : {}
    const leftMs =
      since === 'now' ? Date.parse(waiting.until) - this.#clock.date().getTime() : waiting.wait_ms
    this.#waits.set(wait.runId, { wait, cancel: this.#after(leftMs, wait, data) })
    if (waiting.waiting_for !== 'call') return
    const changed = this.#changed.get(waiting.call_id) ?? 0
    if (since === 'now' ? leftMs > 0 : changed > since) this.#due(wait, {})
  }

  drop(runId: string): void {
    this.#waits.get(runId)?.cancel()
    this.#waits.delete(runId)
  }

  callChanged(callId: string): void {
    this.#changed.delete(callId)
    this.#changed.set(callId, ++this.#changes)
    const [oldest] = this.#changed.keys()
    if (this.#changed.size > MAX_CHANGED && oldest !== undefined) this.#changed.delete(oldest)
    for (const { wait } of this.#waits.values()) {
      const { waiting } = wait
      if (waiting.waiting_for === 'call' && waiting.call_id === callId) this.#due(wait, {})
    }
  }

  close(): void {
    for (const { cancel } of this.#waits.values()) cancel()
    this.#waits.clear()
  }

  #after(ms: number, wait: RunWait, data: unknown): Cancel {
    const nowMs = Math.min(Math.max(0, ms), LONGEST_TIMER_MS)
    let cancel = this.#clock.after(nowMs, () => {
      if (ms > nowMs) cancel = this.#after(ms - nowMs, wait, data)
      else this.#due(wait, data)
    })
    return () => {
      cancel()
    }
  }

  #due({ runId, workflowId, key }: RunWait, data: unknown): void {
    this.onDue({ runId, workflowId, key, data })
  }
}
