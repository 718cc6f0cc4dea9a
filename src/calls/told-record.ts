import type { TurnTimings } from '../pipeline/timings.ts'
import type { Turn } from '../pipeline/transcript.ts'
import type { CallEvent } from './call-events.ts'
import { isTerminal } from './call-status.ts'
import type { CallRecord } from './record.ts'

/**
 * The record of a call that is going on, or whose process was killed, with what its events tell: a record is stored with its
 * turns and timings only when the call ends, but each of them is an event as soon as it is there. One that is over is
 * returned as it is.
 */
export function withEvents(record: CallRecord, events: readonly CallEvent[]): CallRecord {
  if (isTerminal(record.status) || events.length === 0) return record
  let { answeredBy, answeredAt, status, optedOut } = record
  for (const event of events) {
    if (event.type === 'call.answered_by') answeredBy = event.answeredBy
    else if (event.type === 'call.answered') answeredAt ??= event.at
    else if (event.type === 'call.status') status = event.status
    else if (event.type === 'call.opted_out') optedOut = true
  }
  return {
    ...record,
    status,
    optedOut,
    ...(answeredAt && { answeredAt }),
    ...(answeredBy && { answeredBy }),
    turns: turnsOf(events),
    timings: timingsOf(events),
  }
}

/** In the order in which they began; of a tool call what was told last. */
function turnsOf(events: readonly CallEvent[]): readonly Turn[] {
  const turns: Turn[] = []
  const toolAt = new Map<string, number>()
  for (const event of events) {
    if (event.type !== 'turn') continue
    const { turn } = event
    const at = turn.role === 'tool' ? toolAt.get(turn.id) : undefined
    if (at !== undefined) turns[at] = turn
    else {
      if (turn.role === 'tool') toolAt.set(turn.id, turns.length)
      turns.push(turn)
    }
  }
  return turns.sort((a, b) => a.startMs - b.startMs)
}

/** One for each reply, as it was told last. */
function timingsOf(events: readonly CallEvent[]): readonly TurnTimings[] {
  const byReply = new Map<number, TurnTimings>()
  for (const event of events) {
    if (event.type === 'timings') byReply.set(event.timings.reply, event.timings)
  }
  return Array.from(byReply.values())
}
