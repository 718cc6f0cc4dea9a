import type { CallPast } from '../../pipeline/call-past.ts'
import type { OutcomeNote } from '../../pipeline/call-facts.ts'
import { STILL_RUNNING, type Turn } from '../../pipeline/transcript.ts'
import type { CallRecord } from '../record.ts'

type ToolTurn = Extract<Turn, { role: 'tool' }>

/** A call as far as the events tell of it that another process has left behind, for a conversation to go on with. */
export function pastOf(record: CallRecord, now: Date): CallPast {
  const { turns, timings, answeredBy, answeredAt = now } = record
  const spentMs = now.getTime() - answeredAt.getTime()
  return {
    turns,
    timings,
    facts: {
      ...(answeredBy && { answeredBy }),
      notes: done(turns, 'record_outcome').flatMap(({ input }) => noteIn(input)),
      optedOut: done(turns, 'do_not_call_again').length > 0,
    },
    // A clock that was put back must not make the call younger than what was said in it.
    elapsedMs: Math.max(0, spentMs, ...turns.map(({ endMs }) => endMs)),
  }
}

/** The language that the person has asked for during the call; BCP 47. */
export function languageOf({ turns }: Pick<CallPast, 'turns'>): string | undefined {
  const input = done(turns, 'switch_language').at(-1)?.input
  return textIn(input, 'language')
}

/** The calls of a tool that have come to a result. */
function done(turns: readonly Turn[], name: string): readonly ToolTurn[] {
  return turns
    .filter((turn) => turn.role === 'tool')
    .filter(
      (turn) =>
        turn.name === name && /^(noted|done)/.test(turn.result) && turn.result !== STILL_RUNNING,
    )
}

function noteIn(input: unknown): OutcomeNote[] {
  const result = textIn(input, 'result')
  if (result === undefined) return []
  const details: unknown = Reflect.get(Object(input), 'details')
  return [{ result, ...(details !== undefined && { details }) }]
}

function textIn(input: unknown, name: string): string | undefined {
  const value: unknown = Reflect.get(Object(input), name)
  return typeof value === 'string' ? value : undefined
}
