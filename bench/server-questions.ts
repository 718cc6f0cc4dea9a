import type { UsageQuestion } from './process-usage.ts'

/** What the bench asks a server. */
export type ServerQuestions = UsageQuestion & {
  /** Where it listens. */
  readonly url: { readonly given: undefined; readonly answer: string }
}
