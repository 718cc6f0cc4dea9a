import type { BenchCall } from './conversation.ts'
import { type Window, within } from './figures.ts'
import { type Spread, spreadOf } from './percentiles.ts'
import { StampBook, type Stamp } from './stamps.ts'

/** What the caller waits for, and what it costs. */
export type Answers = {
  /** The caller's turn is over → the line has the first audio of the answer, in milliseconds, the vendors' time included. */
  readonly wait: Spread
  /** How often the model was asked for a turn of the caller; what it was asked in vain counts. */
  readonly requestsPerTurn: number
  /** Share of the turns in which the caller paused as if they had finished. */
  readonly pausing: number
}

export function answersOf(
  calls: readonly BenchCall[],
  stamps: readonly Stamp[],
  window: Window,
): Answers {
  const book = new StampBook(stamps)
  const waits: number[] = []
  let turns = 0
  let requests = 0
  let pauses = 0
  for (const call of calls) {
    for (const { code, pausesAfter } of call.turns) {
      const endMs = book.first('turn_end_sent', code)
      if (endMs === undefined || !within(endMs, window)) continue
      turns++
      if (pausesAfter !== undefined) pauses++
      requests += book.count('model_asked', code)
      const mediaMs = book.firstSince('media_got', call.code, endMs)
      if (mediaMs !== undefined) waits.push(mediaMs - endMs)
    }
  }
  return { wait: spreadOf(waits), requestsPerTurn: requests / turns, pausing: pauses / turns }
}

/** Two servers at the same time, with the same vendors and the same kind of callers. */
export type Speculation<Result> = { readonly without: Result; readonly with: Result }

/** With speculation ÷ without: less than 1 is gained, more than 1 is paid. */
export function ratiosOf(speculation: Speculation<{ readonly answers: Answers }>) {
  const { answers: before } = speculation.without
  const { answers: after } = speculation.with
  return {
    waitP50: after.wait.p50 / before.wait.p50,
    waitP95: after.wait.p95 / before.wait.p95,
    requestsPerTurn: after.requestsPerTurn / before.requestsPerTurn,
  }
}
