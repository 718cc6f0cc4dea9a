import type { Usage } from './process-usage.ts'

/** What the bench asks a server: where it listens, and what it used since it was asked the last time. */
export type ServerQuestions = {
  readonly url: { readonly given: undefined; readonly answer: string }
  readonly usage: { readonly given: undefined; readonly answer: Usage }
}
