import { isDeepStrictEqual } from 'node:util'
import type { FlightLine } from '../calls/flight-lines.ts'
import { redactMachine } from '../pipeline/flight-redaction.ts'
import { initialTurn, step } from '../pipeline/turn.ts'
import type { TurnState, TurnStep } from '../pipeline/turn-events.ts'
import { lineDifference } from './replay-diff.ts'
import type { Flight } from './replay-file.ts'
import { isTurnEvent, isTurnState } from './replay-kinds.ts'

export type StepEntry = Extract<FlightLine, { type: 'step' }> & { readonly line: number }

/** What came of a replay: that it is the same to its end, or the first thing that is not. */
export type ReplayResult =
  | { readonly kind: 'identical'; readonly steps: number; readonly missing: number }
  | {
      readonly kind: 'different'
      readonly at: StepEntry
      /** The phase that the event came in. */
      readonly before: string
      /** Effects, one a line, and the phase that follows: ` ` as recorded, `-` recorded only, `+` now only. */
      readonly difference: readonly string[]
    }
  /** Nothing can be said of what follows: `problem` says why. */
  | { readonly kind: 'stuck'; readonly line: number; readonly problem: string }

/** Feeds the recorded events to the turn machine of this version, and compares what it does with what it did. */
export function replay(flight: Flight): ReplayResult {
  let state: TurnState = initialTurn
  let steps = 0
  let missing = 0
  for (const entry of flight.entries) {
    if (entry.type === 'gap') {
      if (!isTurnState(entry.state)) return unknown(flight, entry.line, entry.state.phase)
      state = entry.state
      missing += entry.steps
    }
    if (entry.type !== 'step') continue
    if (entry.n !== steps + missing + 1) return outOfOrder(entry, steps + missing + 1)
    if (!isTurnEvent(entry.event)) return unknown(flight, entry.line, entry.event.type)
    let next: TurnStep
    try {
      next = step(state, entry.event)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return { kind: 'stuck', line: entry.line, problem: `the machine failed: ${reason}` }
    }
    const effects = asRecorded(next.effects, flight)
    if (next.state.phase !== entry.phase || !isDeepStrictEqual(effects, entry.effects)) {
      const now = [...linesOf(effects), `phase ${next.state.phase}`]
      const recorded = [...entry.effects.map(lineOf), `phase ${entry.phase}`]
      const difference = lineDifference(recorded, now)
      return { kind: 'different', at: entry, before: state.phase, difference }
    }
    state = next.state
    steps++
  }
  return { kind: 'identical', steps, missing }
}

function unknown({ header }: Flight, line: number, kind: string): ReplayResult {
  const problem = `"${kind}" is not known here; the record was made by Parley ${header.parley}`
  return { kind: 'stuck', line, problem }
}

function outOfOrder({ line, n }: StepEntry, expected: number): ReplayResult {
  return { kind: 'stuck', line, problem: `expected step ${expected}, found step ${n}` }
}

/** As the effects would have been written and read again. Words that the machine itself says are masked as well. */
function asRecorded(effects: TurnStep['effects'], { header }: Flight): unknown {
  const written = header.redacted ? redactMachine(effects) : effects
  return JSON.parse(JSON.stringify(written))
}

function linesOf(effects: unknown): string[] {
  return Array.isArray(effects) ? effects.map(lineOf) : []
}

/** `type {other fields}` */
function lineOf(effect: unknown): string {
  if (typeof effect !== 'object' || effect === null) return JSON.stringify(effect)
  const { type, ...fields } = { type: '', ...effect }
  return Object.keys(fields).length === 0 ? type : `${type} ${JSON.stringify(fields)}`
}
