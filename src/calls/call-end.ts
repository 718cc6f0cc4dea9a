import type { SessionEnd, SessionFailure } from '../pipeline/session-end.ts'
import { stockPhrases } from '../pipeline/stock-phrases.ts'
import type { CarrierSide } from './carrier-side.ts'
import type { CallEnd } from './kept-record.ts'

/** What the carrier's voice has to say, because ours could not. @param language of the call, unless it has changed; BCP 47 */
export function lastWordsOf(
  { unsaid, language: last }: SessionEnd,
  language: string,
): { readonly text: string; readonly language: string } | undefined {
  if (!unsaid) return undefined
  const spoken = last ?? language
  return { text: stockPhrases(spoken).apology, language: spoken }
}

/** How a call ended, by all who have a part in it. */
export function callEndOf({
  end,
  failure = end.failure,
  carrier,
  wasAnswered,
  endedAt,
}: {
  readonly end: SessionEnd
  /** The first one to blame, if not the conversation's own. */
  readonly failure: SessionFailure | undefined
  readonly carrier: Pick<CarrierSide, 'isOver' | 'status'>
  readonly wasAnswered: boolean
  readonly endedAt: Date
}): CallEnd {
  if (failure) return { status: 'failed', endReason: 'failed', endedAt, failure }
  const isOurs = wasAnswered || end.reason === 'requested'
  return {
    status: statusOf(),
    endReason: isOurs ? end.reason : 'not_answered',
    endedAt,
  }

  function statusOf(): CallEnd['status'] {
    if (carrier.isOver) return carrier.status
    if (wasAnswered) return 'completed'
    return end.reason === 'requested' ? 'canceled' : 'no_answer'
  }
}
