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
}

/** What a call that is asked for must pass before anything of it is begun, whoever carries it. */
export class OrderCheck {
  readonly #parts: OrderCheckParts

  constructor(parts: OrderCheckParts) {
    this.#parts = parts
  }

  /** @throws {CallError} `invalid_request`, or what the guard says */
  async permit(
    spec: CallSpec,
    dial: { readonly owner: string | undefined; readonly isRegistered: boolean },
  ): Promise<DialPermit> {
    const { settings, hasCloud, urlProblem, guard } = this.#parts
    const { toolSecretNames, signsWebhooks } = settings
    checkSpec(spec, toolSecretNames, { signsWebhooks, hasCloud, urlProblem })
    return guard.admit({
      phoneNumber: spec.phoneNumber,
      transferTo: (spec.transferTo ?? []).map(({ phoneNumber }) => phoneNumber),
      ...dial,
    })
  }
}
