import type { Admission } from '../admission.ts'
import type { CallSettings } from '../call-settings.ts'
import type { CallSpec } from '../spec.ts'
import { checkSpec } from '../spec-check.ts'
import type { DialGuard } from './dial-guard.ts'
import type { DialPermit } from './dial-limits.ts'

export type OrderCheckParts = {
  readonly settings: CallSettings
  /** Whether there is somebody else to carry calls. */
  readonly hasCloud: boolean
  readonly urlProblem?: ((url: URL) => string | undefined) | undefined
  readonly guard: Pick<DialGuard, 'admit'>
  readonly room: Pick<Admission, 'check'>
}

/** What a call that is asked for must pass before anything of it is begun, whoever carries it. */
export class OrderCheck {
  readonly #parts: OrderCheckParts

  constructor(parts: OrderCheckParts) {
    this.#parts = parts
  }

  /**
   * What is asked of the store may take long to say that it is away: what speaks against any call comes first.
   *
   * @throws {CallError} `invalid_request`, what there is no room for, or what the guard says
   * @throws {StoreError}
   */
  async permit(
    spec: CallSpec,
    dial: { readonly owner: string | undefined; readonly isRegistered: boolean },
  ): Promise<DialPermit> {
    const { settings, hasCloud, urlProblem, guard, room } = this.#parts
    const { toolSecretNames, signsWebhooks } = settings
    checkSpec(spec, toolSecretNames, { signsWebhooks, hasCloud, urlProblem })
    room.check()
    return guard.admit({
      phoneNumber: spec.phoneNumber,
      transferTo: (spec.transferTo ?? []).map(({ phoneNumber }) => phoneNumber),
      ...dial,
    })
  }
  /**
   * Whether there still is room, right before it is taken: two who ask at the same time do not both get the last line. A dial
   * that finds none has not been one.
   *
   * @throws {CallError} or {StoreError}
   */
  takeRoom(permit: DialPermit): void {
    try {
      this.#parts.room.check()
    } catch (error) {
      permit.cancel()
      throw error
    }
  }
}
