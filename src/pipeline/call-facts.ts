import type { AnsweredBy } from './answering/answered-by.ts'

/** What came out during a call, next to what was said. */
export type CallFacts = {
  /** Who or what answered, as far as it is known. */
  readonly answeredBy?: AnsweredBy
  /** What the agent noted by `record_outcome`, oldest first. */
  readonly notes: readonly OutcomeNote[]
  /** The person does not want to be called again. */
  readonly optedOut: boolean
  /** To whom the person was handed over, by its name in the spec. */
  readonly transferredTo?: string
  /** The message that was left on a machine, as far as it was played. */
  readonly messageLeft?: string
}

export type OutcomeNote = { readonly result: string; readonly details?: unknown }
