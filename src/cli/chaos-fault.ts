import type { ChaosWorld } from './chaos-world.ts'

/** What part of a call breaks. */
export const CHAOS_AREAS = [
  'hearing',
  'voice',
  'model',
  'line',
  'callbacks',
  'carrier',
  'store',
] as const
export type ChaosArea = (typeof CHAOS_AREAS)[number]

/**
 * What a fault excuses, each for a reason that lies in its nature and in nothing that could be done better. Everything else
 * stays a breach.
 */
export type Excuse =
  /** A vendor is gone for good: nothing else is left to do than to say so, within eight seconds, and to hang up. */
  | 'end'
  /** The vendor is known to be gone before anybody is rung: the call is refused or taken back, and nobody is bothered. */
  | 'not_rung'
  /** Nothing hears the person any more: what they say cannot be on record. */
  | 'deaf'
  /** The voice broke off in a sentence, and a sentence that was half heard is said again from its beginning. */
  | 'sentence_again'
  /** There was no connection for a while: what the person said into it never arrived, and the agent could not be heard. */
  | 'no_line'
  /** Marks do not come back from the line: nobody but the person knows what was still played on it after the last one. */
  | 'unacknowledged'
  /** Silence of an ear is only known for a fault after a while with sound and no word: four seconds, not two and a half. */
  | 'silent_ear'
  /** The carrier cannot be asked to end the call: closing its stream is the only way left, which it puts down as an error. */
  | 'stream_closed'

export type ChaosFault = {
  readonly area: ChaosArea
  /** As it is counted: `drop`, `half-open`. */
  readonly kind: string
  /** `start`: before the call is asked for; `answer`: when it is answered; `during`: at any moment of the talk. */
  readonly when: 'start' | 'answer' | 'during'
  /** How long it lasts, if it does not last for good or happen at once. */
  readonly lastsMs?: readonly [shortest: number, longest: number]
  readonly excuses: readonly Excuse[]
  /** `chance`: a random number of 0 ≤ x < 1 that was drawn for this fault. */
  readonly strike: (world: ChaosWorld, chance: number) => void | Promise<void>
  readonly heal?: (world: ChaosWorld) => void | Promise<void>
}
