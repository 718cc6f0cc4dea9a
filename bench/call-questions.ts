import type { Violation } from '../src/simulator/violations.ts'
import type { UsageQuestion } from './process-usage.ts'
import type { Stamp } from './stamps.ts'

/** The servers that are measured, side by side or alone. `speculating`: Parley with `SPECULATION=true`. */
export const SERVERS = ['parley', 'speculating', 'skeleton'] as const
export type ServerName = (typeof SERVERS)[number]

/** Between two calls that are placed: one that is answered costs more than one that talks. */
export const PLACING_GAP_MS = 40

export type Placement = {
  readonly server: ServerName
  /** Where it listens. */
  readonly url: string
  readonly calls: readonly number[]
  readonly turns: number
  /** Whether the people pause in some of their turns. */
  readonly hesitant: boolean
}

/** What the bench asks the process of the callers: Twilio's stand-in and the people at the phones. */
export type CallQuestions = UsageQuestion & {
  /** The environment in which a server uses this Twilio. */
  readonly environment: {
    readonly given: ServerName
    readonly answer: Readonly<Record<string, string>>
  }
  /** Has the servers place these calls, one after the other; answers when every one of them talks. */
  readonly place: { readonly given: readonly Placement[]; readonly answer: undefined }
  /** Answers when the first of the calls is over. */
  readonly firstOver: { readonly given: undefined; readonly answer: undefined }
  /** Answers when all of them are over; stamps since the last time, and every violation so far. */
  readonly finish: { readonly given: undefined; readonly answer: CallReport }
}

export type CallReport = {
  readonly stamps: readonly Stamp[]
  readonly outcomes: readonly CallOutcome[]
  readonly violations: readonly Violation[]
}

export type CallOutcome = {
  readonly server: ServerName
  readonly code: string
  /** How it failed, if it did: it did not come about, or was over before everything was said. */
  readonly failure: string | undefined
  readonly wordsExpected: number
  readonly wordsWrong: number
  /** Codes of other calls that were heard in this one. */
  readonly crossed: readonly string[]
}
