import type { CallOutcome } from './outcome.ts'

/** What came out of a call, as everybody outside sees it: snake_case, and null for what there is not. */
export function outcomeView(outcome: CallOutcome) {
  return {
    disposition: outcome.disposition,
    failed_by: outcome.failedBy ?? null,
    callback_at: outcome.callbackAt ?? null,
    refused: outcome.refused ?? false,
    summary: outcome.summary ?? null,
    data: outcome.data ?? null,
    turns: outcome.turns,
    unknown: [...outcome.unknown],
    problems: [...outcome.problems],
  }
}
