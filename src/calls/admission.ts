import { CallError } from '../errors.ts'
import type { Meters } from '../metrics/meters.ts'
import type { CallSettings } from './call-settings.ts'
import type { DialGuard } from './dialling/dial-guard.ts'
import type { DialPermit } from './dialling/dial-limits.ts'
import type { CallSpec } from './spec.ts'
import { checkSpec } from './spec-check.ts'

export type AdmissionParts = {
  readonly settings: CallSettings
  readonly guard: Pick<DialGuard, 'admit'>
  readonly meters?: Pick<Meters, 'dialBlocked'>
  /** Calls that go on at present. */
  readonly active: () => number
}

/** Which calls are taken on, before anything of them is begun. */
export class Admission {
  readonly #parts: AdmissionParts
  #isDraining = false

  constructor(parts: AdmissionParts) {
    this.#parts = parts
  }

  get isDraining(): boolean {
    return this.#isDraining
  }

  /** A call that comes in is turned away. */
  get isFull(): boolean {
    return this.#isDraining || this.#parts.active() >= this.#parts.settings.maxCalls
  }

  /** From now on no call is taken. */
  drain(): void {
    this.#isDraining = true
  }

  /** @throws {CallError} `invalid_request`, or what the guard says */
  async permit(
    spec: CallSpec,
    dial: { readonly owner: string | undefined; readonly isRegistered: boolean },
  ): Promise<DialPermit> {
    const { toolSecretNames, signsWebhooks } = this.#parts.settings
    checkSpec(spec, toolSecretNames, { signsWebhooks })
    return this.#parts.guard.admit({
      phoneNumber: spec.phoneNumber,
      transferTo: (spec.transferTo ?? []).map(({ phoneNumber }) => phoneNumber),
      ...dial,
    })
  }

  /**
   * Whether there is room, right before it is taken. A dial that finds none has not been one.
   *
   * @throws {CallError} `at_capacity` or `draining`
   */
  takeRoom(permit: DialPermit): void {
    const { settings, meters } = this.#parts
    if (!this.isFull) return
    permit.cancel()
    const error = this.#isDraining
      ? new CallError('the server is shutting down', { code: 'draining' })
      : new CallError(`${settings.maxCalls} calls are going on already`, { code: 'at_capacity' })
    meters?.dialBlocked(error.code)
    throw error
  }
}
