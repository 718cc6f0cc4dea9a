import type { TraceParent } from './traceparent.ts'

export type Attributes = Readonly<Record<string, string | number | boolean>>

/** Where spans go. All times are milliseconds since 1970, fractions included. */
export interface Spans {
  /** `parent`: a span of ours, or of whoever asked for the call; without one a trace begins. */
  start(name: string, options: SpanStart): OpenSpan
}

export type SpanStart = {
  readonly startMs: number
  readonly parent?: OpenSpan | TraceParent | undefined
  readonly attributes?: Attributes
}

export interface OpenSpan {
  /** Something that happened at one moment of it. */
  event(name: string, atMs: number): void
  set(attributes: Attributes): void
  /** What it was to do came to nothing. */
  fail(reason: string): void
  end(atMs: number): void
}
