import type { Violation } from '../src/simulator/violations.ts'
import type { Stamp } from './stamps.ts'

/** What the bench asks the process of Deepgram's, Claude's and ElevenLabs' stand-ins. */
export type VendorQuestions = {
  /** The environment in which a server uses these stand-ins. */
  readonly environment: {
    readonly given: undefined
    readonly answer: Readonly<Record<string, string>>
  }
  /** What was noted down since the last time. */
  readonly report: { readonly given: undefined; readonly answer: VendorReport }
}

export type VendorReport = {
  readonly stamps: readonly Stamp[]
  readonly violations: readonly Violation[]
}
