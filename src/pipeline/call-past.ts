import type { CallFacts } from './call-facts.ts'
import type { TurnTimings } from './timings.ts'
import { STILL_RUNNING, type Turn } from './transcript.ts'
import type { AnsweredByEvent, ResumedEvent } from './turn-events.ts'

/** A conversation as far as another process has carried it, which has died since. */
export type CallPast = {
  readonly turns: readonly Turn[]
  readonly timings: readonly TurnTimings[]
  readonly facts: CallFacts
  /** Since there was a line for the first time, as of now. */
  readonly elapsedMs: number
}

/** What a tool call has come to that was at work when its process died. */
export const CUT_OFF =
  'not known: the connection broke while it ran. It may have been done; do not do it again unasked'

/** The tool call by which the person was handed over, if they may still be talking with somebody else. */
export function openTransfer({ turns }: CallPast): Extract<Turn, { role: 'tool' }> | undefined {
  const last = turns.at(-1)
  const isOpen = last?.role === 'tool' && last.result === STILL_RUNNING
  return isOpen && last.name === 'transfer_call' ? last : undefined
}

/** How the turn machine is told where the call stands. `message`: whether a machine is left one. */
export function resumedEvent(past: CallPast, { message }: { message: boolean }): ResumedEvent {
  const { turns, timings, facts } = past
  const lastWords = turns.findLast(({ role }) => role !== 'tool')
  const by = facts.answeredBy
  const met: AnsweredByEvent | undefined = by && { type: 'answered_by', by, message }
  return {
    type: 'resumed',
    lastReply: Math.max(0, ...timings.map(({ reply }) => reply)),
    owed: lastWords?.role !== 'agent' || turns.at(-1)?.role === 'tool',
    handedOver: openTransfer(past) !== undefined,
    ...(met && { met }),
  }
}

/** Whether the agent has said these very words. */
export function hasSaid({ turns }: Pick<CallPast, 'turns'>, words: string): boolean {
  return turns.some(
    ({ role, ...turn }) => role === 'agent' && 'text' in turn && turn.text.includes(words.trim()),
  )
}
