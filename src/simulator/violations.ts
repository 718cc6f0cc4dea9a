/**
 * What the system under test did that the real vendor would reject, warn about or bill for. The stand-ins record every
 * one; a test and the demo fail on any.
 */
export class Violations {
  readonly #list: Violation[] = []

  add(vendor: SimulatedVendor, rule: string, detail = ''): void {
    this.#list.push({ vendor, rule, detail })
  }

  get list(): readonly Violation[] {
    return this.#list
  }
}

export type SimulatedVendor = 'twilio' | 'deepgram' | 'anthropic' | 'elevenlabs' | 'smallest'

export type Violation = {
  readonly vendor: SimulatedVendor
  /** A short fixed phrase, such as `sixth context`. */
  readonly rule: string
  readonly detail: string
}
