import type { Violation } from '../src/simulator/violations.ts'
import type { UsageQuestion } from './process-usage.ts'
import type { Stamp } from './stamps.ts'

/** What the bench asks the process of Deepgram's, Claude's and ElevenLabs' stand-ins. */
export type VendorQuestions = UsageQuestion & {
  /** The environment in which a server uses these stand-ins. */
  readonly environment: {
    readonly given: undefined
    readonly answer: Readonly<Record<string, string>>
  }
  /** The stamps since the last time, and every violation so far. */
  readonly report: { readonly given: undefined; readonly answer: VendorReport }
}

export type VendorReport = {
  readonly stamps: readonly Stamp[]
  readonly violations: readonly Violation[]
}
