import type { HearingEvent } from '../../pipeline/ports.ts'
import { startOf } from '../hearing/event-time.ts'
import type { FluxTurnInfo } from './messages.ts'
import { pausesBetween } from '../hearing/pauses.ts'

/** What has been reported of the turn that is being heard. */
export type FluxTurn = {
  /** The words last reported; empty before the first. */
  readonly text: string
  /** The text of an eager end that is neither confirmed nor taken back. */
  readonly eager?: string
}

export const noTurn: FluxTurn = { text: '' }

type Heard = { readonly turn: FluxTurn; readonly events: readonly HearingEvent[] }

/**
 * One message of Flux as what was heard. Pure. Flux' own order (a start, then updates, an end; an eager end confirmed
 * word for word or resumed) is not relied on: whatever comes, a turn is reported as `HearingEvent` promises.
 */
export function hearTurnInfo(turn: FluxTurn, info: FluxTurnInfo): Heard {
  const text = info.transcript.trim()
  switch (info.event) {
    case 'StartOfTurn':
    case 'Update':
      return hearWords(turn, text, info)
    case 'EagerEndOfTurn':
      return hearEagerEnd(turn, text, info)
    case 'TurnResumed':
      return hearResumed(turn, text, info)
    case 'EndOfTurn':
      return hearEnd(turn, text, info)
    default:
      return { turn, events: [] }
  }
}

/** Unchanged text is told once, though Flux repeats it four times a second. */
function hearWords(turn: FluxTurn, text: string, info: FluxTurnInfo): Heard {
  if (text === '' || text === turn.text) return { turn, events: [] }
  if (turn.eager !== undefined) return hearResumed(turn, text, info)
  const start = turn.text === '' ? startOf(info.words) : {}
  return { turn: { text }, events: [{ type: 'words', text, ...start }] }
}

function hearEagerEnd(turn: FluxTurn, text: string, info: FluxTurnInfo): Heard {
  if (text === '' || text === turn.eager) return { turn, events: [] }
  // The first words of a turn take the floor, so there is always a `words` before anything else.
  const before =
    turn.text === '' || turn.eager !== undefined ? hearWords(turn, text, info) : undefined
  return {
    turn: { text, eager: text },
    events: [...(before?.events ?? []), { type: 'eager_end', text }],
  }
}

function hearResumed(turn: FluxTurn, text: string, info: FluxTurnInfo): Heard {
  if (turn.eager === undefined) return hearWords(turn, text, info)
  const after = hearWords({ text: turn.text }, text, info)
  return { turn: after.turn, events: [{ type: 'resumed' }, ...after.events] }
}

function hearEnd(turn: FluxTurn, transcript: string, info: FluxTurnInfo): Heard {
  // An end that confirms an eager one has been seen without any text; the text is the same by definition.
  const text = transcript === '' ? (turn.eager ?? '') : transcript
  if (text === '' && turn.text === '') return { turn: noTurn, events: [] }
  const takeBack = turn.eager !== undefined && turn.eager !== text
  const before = takeBack || turn.text === '' ? hearWords(turn, text, info).events : []
  const endS = info.words.at(-1)?.end
  const end: HearingEvent = {
    type: 'turn_end',
    text,
    ...(endS !== undefined && { speechEndMs: Math.round(endS * 1000) }),
    ...pausesBetween(info.words),
  }
  return { turn: noTurn, events: [...before, end] }
}
