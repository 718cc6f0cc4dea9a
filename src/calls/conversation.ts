import type { CallFacts } from '../pipeline/call-facts.ts'
import type { Line, LineListener, TransferOutcome } from '../pipeline/ports.ts'
import type { SessionEnd } from '../pipeline/session-end.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import type { Turn } from '../pipeline/transcript.ts'

/** What a call needs of its conversation; `CallSession` is one. */
export interface Conversation {
  readonly turns: readonly Turn[]
  readonly timings: readonly TurnTimings[]
  /** What has come out so far, next to what was said. */
  readonly facts: CallFacts
  /** The line is gone for a while (keys, a transfer that came to nothing, a lost stream), and a new one is welcome. */
  readonly expectsLine: boolean
  /** Resolves when the conversation is over; never rejects. */
  readonly ended: Promise<SessionEnd>

  start(): void
  answered(): void
  attach(line: Line): LineListener
  /** What the carrier believes to have answered, in its own words. */
  carrierHeard(answeredBy: string): void
  /** The carrier says that the stream is over, though our socket may not have noticed yet. */
  lineLost(): void
  transferEnded(outcome: TransferOutcome): void
  /** The server is about to stop: the person is told, and it ends when they have heard it. */
  wrapUp(): void
  /** Safe at any time and more than once. */
  end(reason: 'requested' | 'caller_hung_up'): void
  cleanup(): Promise<void>
}
