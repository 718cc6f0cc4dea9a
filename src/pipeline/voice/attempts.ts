import type { ProviderError, ProviderErrorCode } from '../../errors.ts'
import type { VoiceChoice } from './resilient-voice.ts'

/** Before the same voice is asked again that was asked too much. */
const CROWDED_PAUSE_MS = 250
/** A voice that breaks off so often in one speech does so until its end. */
const MOST_ATTEMPTS = 8

/** Worth asking the same voice once more, over a fresh connection. */
const PASSING: ReadonlySet<ProviderErrorCode> = new Set([
  'rate_limited',
  'unavailable',
  'timeout',
  'disconnected',
  'protocol',
  'empty',
])

export type Attempt = { readonly at: number; readonly afterMs: number }

/** Which voice is asked next when one has failed. */
export class Attempts {
  readonly #voices: readonly VoiceChoice[]
  /** How often each has failed since one of them said something. */
  readonly #failures: number[]
  #total = 0

  constructor(voices: readonly VoiceChoice[]) {
    this.#voices = voices
    this.#failures = voices.map(() => 0)
  }

  /** Words were heard: what failed before is of no account. */
  progress(): void {
    this.#failures.fill(0)
  }

  /** Undefined when all of them have had their chance. */
  after(at: number, { code }: ProviderError): Attempt | undefined {
    this.#failures[at] = (this.#failures[at] ?? 0) + 1
    this.#total++
    if (this.#total >= MOST_ATTEMPTS) return undefined
    const next = this.#voices
      .map((_, i) => (at + i) % this.#voices.length)
      .find(
        (each) => each !== at && this.#failures[each] === 0 && !this.#voices[each]?.circuit.isOpen,
      )
    const isPassing = PASSING.has(code) && this.#failures[at] === 1
    // One that was silent would be silent for as long again, while another may speak at once.
    const again = isPassing && (next === undefined || (code !== 'timeout' && !this.#isOpen(at)))
    if (again) return { at, afterMs: code === 'rate_limited' ? CROWDED_PAUSE_MS : 0 }
    return next === undefined ? undefined : { at: next, afterMs: 0 }
  }

  #isOpen(at: number): boolean {
    return this.#voices[at]?.circuit.isOpen ?? true
  }
}
