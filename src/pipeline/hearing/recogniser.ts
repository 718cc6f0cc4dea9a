import type { Provider } from '../../errors.ts'
import type { Circuit } from '../circuit.ts'
import type { SpeechToText } from '../ports.ts'

/** One way of hearing: a model of a vendor. What it makes hears one call over one connection, and fails for good. */
export type Recogniser = {
  /** For logs. */
  readonly name: string
  readonly vendor: Provider
  readonly circuit: Circuit
  /** @param language BCP 47 */
  make(language: string): SpeechToText
}
