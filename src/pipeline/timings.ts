import type { ReplyKind } from './turn-events.ts'

/**
 * When things happened in one agent turn, in milliseconds since the line was attached: negative for an opening that was
 * prepared while the phone rang. Absent: it never happened.
 */
export type TurnTimings = {
  reply: number
  kind: ReplyKind
  /** The caller's last word ended (audio time as the vendor reports it). */
  speechEndMs?: number
  /** The vendor said that the caller's turn is over. */
  turnEndMs?: number
  /** First text of the model. */
  firstTextMs?: number
  /** Something was said to bridge the time that a tool takes; it does not count as text of the model. */
  fillerMs?: number
  /** First phrase handed to the voice. */
  firstPhraseMs?: number
  /** First audio handed to the line. */
  firstAudioMs?: number
  /** The person began to hear it, by the first mark that came back. */
  heardMs?: number
  /** The caller's words that cut it off reached us … */
  bargeInMs?: number
  /** … and the line was cleared. */
  clearedMs?: number
}

/** The times of a turn in the order in which they usually come. */
export const STAGES = [
  'speechEndMs',
  'turnEndMs',
  'fillerMs',
  'firstTextMs',
  'firstPhraseMs',
  'firstAudioMs',
  'heardMs',
  'bargeInMs',
  'clearedMs',
] as const satisfies readonly (keyof TurnTimings)[]
