import type { ResumedEvent, TurnStep } from './turn-events.ts'
import { common, type Live, listening, type Phase, release } from './turn-moves.ts'
import { meet } from './turn-peer.ts'

/**
 * A call that an earlier process has carried, and was killed in the middle of. The person waits on a line of the carrier's: what
 * is said first tells them that it broke, and then the agent goes on from what is on record.
 */
export function takeUp(state: Phase<'waiting'>, event: ResumedEvent): TurnStep {
  const { lastReply, owed, handedOver, met } = event
  if (handedOver) return { state: withSomebodyElse(state, event), effects: [] }
  const reply = lastReply + 1
  return {
    state: { ...state, reply, answered: true, resumed: { owed }, ...(met && { met }) },
    effects: [{ type: 'start_reply', reply, kind: 'resumption', held: true }],
  }
}

/** The carrier tells what becomes of a transfer, or brings the person back. */
function withSomebodyElse(state: Phase<'waiting'>, { lastReply, met }: ResumedEvent): Live {
  const then = listening({ ...state, reply: lastReply }, { peer: met?.by ?? 'unknown' })
  return {
    ...common(then),
    phase: 'away',
    reason: 'transfer',
    hasLine: false,
    timeUp: false,
    then,
  }
}

/** There is a line again. A machine is told nothing of lines; with a person, an answer that is owed follows the apology. */
export function backOnLine(
  state: Phase<'waiting'>,
  { owed }: { readonly owed: boolean },
): TurnStep {
  const back = listening(state, { prepared: 'opening', news: owed })
  if (state.met && state.met.by !== 'person') return meet(back, state.met)
  return release({ ...back, peer: state.met?.by ?? 'unknown' }, { opening: true })
}
