/** When things happened in one agent turn, in milliseconds since the call was answered. Absent: it never happened. */
export type TurnTimings = {
  readonly reply: number
  /** The opening has no caller's turn before it. */
  readonly kind: 'opening' | 'answer'
  /** The caller's last word ended (audio time as the vendor reports it). */
  readonly speechEndMs?: number
  /** Deepgram said that the caller's turn is over. */
  readonly turnEndMs?: number
  /** First text of the model. */
  readonly firstTextMs?: number
  /** First phrase handed to the voice. */
  readonly firstPhraseMs?: number
  /** First audio handed to the line. */
  readonly firstAudioMs?: number
  /** The line reported that the first audio was played (its first mark). */
  readonly heardMs?: number
  /** The caller's words reached us, and the line was cleared. */
  readonly bargeInMs?: number
  readonly clearedMs?: number
}
