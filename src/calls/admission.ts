import { CallError, StoreError } from '../errors.ts'
import type { Outage } from './circuits/circuits.ts'
import { vendorDown } from './circuits/vendor-down.ts'

/** Why no new calls are taken. */
export const CLOSED_REASONS = [
  'draining', // the server is about to stop
  'at_capacity', // all lines are taken
  'store_unavailable', // what is to be kept of calls cannot be written
  'overloaded', // the event loop is late or busy, and has been for a while
  'low_memory', // little memory is left
] as const
export type ClosedReason = (typeof CLOSED_REASONS)[number]

/** What the machine says of itself. */
export type MachineReason = Exclude<ClosedReason, 'draining' | 'at_capacity'>

export type AdmissionParts = {
  readonly maxCalls: number
  readonly active: () => number
  /** Without it there is always room. */
  readonly machine?: (() => readonly MachineReason[]) | undefined
  /** Why a call could not go well whatever the server is like: nobody is rung then. Whoever rings us is taken all the same. */
  readonly outage?: (() => Outage | undefined) | undefined
  readonly onRefused: (code: string) => void
}

const MESSAGES: Readonly<Record<Exclude<ClosedReason, 'store_unavailable'>, string>> = {
  draining: 'the server is shutting down',
  at_capacity: 'all lines are taken',
  overloaded: 'the server has too much to do',
  low_memory: 'the server has little memory left',
}

/** Whether one more call is taken. A call that would be a bad one is refused before a phone rings. */
export class Admission {
  readonly #parts: AdmissionParts
  #isDraining = false

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  get isDraining(): boolean {
    return this.#isDraining
  }

  /** From now on no new call is taken; there is no way back. */
  drain(): void {
    this.#isDraining = true
  }

  /** Empty: one more call is taken. */
  get reasons(): readonly ClosedReason[] {
    const { maxCalls, active, machine } = this.#parts
    return [
      ...(this.#isDraining ? (['draining'] as const) : []),
      ...(active() >= maxCalls ? (['at_capacity'] as const) : []),
      ...(machine?.() ?? []),
    ]
  }

  /**
   * Somebody may be rung now. At once, so that two who ask at the same time do not both get the last line.
   *
   * @throws {CallError} or {StoreError}, by the first of what speaks against it
   */
  check(): void {
    const [reason] = this.reasons
    const outage = reason === 'draining' ? undefined : this.#parts.outage?.()
    if (outage) throw this.#refused('vendor_down', vendorDown(outage))
    if (reason) throw this.#refused(reason, this.#errorOf(reason))
  }

  #refused(code: string, error: Error): Error {
    this.#parts.onRefused(code)
    return error
  }

  #errorOf(reason: ClosedReason): Error {
    if (reason === 'store_unavailable') {
      return new StoreError('the database takes nothing at the moment', { code: 'unavailable' })
    }
    return new CallError(MESSAGES[reason], {
      code: reason,
      details: reason === 'at_capacity' ? { max_calls: this.#parts.maxCalls } : {},
    })
  }
}
