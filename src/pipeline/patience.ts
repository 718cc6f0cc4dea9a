import { asksToDictate } from './dictation.ts'
import { endsUnfinished } from './unfinished.ts'

/**
 * A pause that needs no patience: the vendor of hearing ends turns as it is configured. Where pauses inside of turns begin
 * to be longer than the breath between two clauses.
 */
export const NORMAL_PAUSE_MS = 500
/**
 * 95 of 100 pauses inside of turns were shorter than this in telephone calls (LiveKit's measurement): what a caller's own
 * pauses can teach at most, and what somebody gets who reads out a number.
 */
export const LONG_PAUSE_MS = 2500
/** Nobody waits longer than this for words: from here on silence means that the turn is over, or the line is. */
export const LONGEST_PAUSE_MS = 3000
/** Finer steps would only be told to the vendor more often. */
const STEP_MS = 100
/** Words that cannot be the last ones: “and”, half of a number, “at”. */
const UNFINISHED_MS = 1500

/** The next pause may be somewhat longer than the ones before it. */
const MARGIN = 1.2
/** A single long pause teaches half of what it could; two in a row three quarters. */
const RISE = 0.5
/** Turns without pauses make patience fade: half of it is gone after four of them. */
const DECAY = 0.16

/** Words a second below which somebody speaks slowly; conversation has two and a half to three. */
const SLOW_PACE = 1.6
/** The pace at which a caller is given `SLOWEST_PAUSE_MS`. */
const SLOWEST_PACE = 0.8
const SLOWEST_PAUSE_MS = 1500
/** The pace of fewer words says nothing. */
const PACED_WORDS = 4
const PACE_WEIGHT = 0.4

/**
 * How long a pause inside the caller's turn may be: learnt from the caller's own pauses and pace, longer for the one turn in
 * which they dictate something, and as long as their words cannot end there. Pure: it keeps no time.
 */
export class Patience {
  readonly #language: () => string
  #learntMs = NORMAL_PAUSE_MS
  /** The longest pause of this turn, with its margin. */
  #pausedMs = 0
  #pace: number | undefined
  #dictates = false
  #unfinished = false

  /** @param language BCP 47, asked for every time, as it may change during a call */
  constructor(language: () => string) {
    this.#language = language
  }

  /** From `NORMAL_PAUSE_MS` to `LONGEST_PAUSE_MS`, in steps of 100 ms: what `SpeechToText.setPatience` takes. */
  get pauseMs(): number {
    const wanted = Math.max(
      this.#learntMs,
      this.#pausedMs,
      this.#paceMs,
      // Somebody who pauses long while they talk does so even more while they read something out.
      this.#dictates ? LONG_PAUSE_MS + (this.#learntMs - NORMAL_PAUSE_MS) / 4 : 0,
      this.#unfinished ? UNFINISHED_MS : 0,
    )
    return Math.round(Math.min(LONGEST_PAUSE_MS, wanted) / STEP_MS) * STEP_MS
  }

  /** The agent has said this; what comes is the caller's answer. */
  agentAsked(text: string): void {
    this.#dictates = asksToDictate(text, this.#language())
  }

  /** The words of the caller's turn so far, every time that they change. */
  callerSays(text: string): void {
    this.#unfinished = endsUnfinished(text, this.#language())
  }

  /**
   * The caller paused for so long inside their turn and went on, or went on after it was taken to be over. Pauses during which
   * the agent was heard are not the caller's own: they are not told.
   */
  callerPaused(ms: number): void {
    // Not a pause but an absence: a turn that was resumed after it says nothing about how the caller speaks.
    if (!(ms > 0) || ms > LONGEST_PAUSE_MS) return
    const wanted = Math.min(LONG_PAUSE_MS, ms * MARGIN)
    this.#pausedMs = Math.max(this.#pausedMs, wanted)
    // Numbers are read out with pauses that nobody makes in a sentence.
    if (this.#dictates || wanted <= this.#learntMs) return
    this.#learntMs += RISE * (wanted - this.#learntMs)
  }

  /**
   * The caller's turn is over. After it, patience is what was learnt; turns in which they dictate teach nothing.
   *
   * @param words how many there were
   * @param ms from the first to the end of the last, pauses included
   */
  callerTurn(turn: { readonly words: number; readonly ms: number }): void {
    if (!this.#dictates) this.#learnFrom(turn)
    this.#pausedMs = 0
    this.#dictates = false
    this.#unfinished = false
  }

  #learnFrom({ words, ms }: { readonly words: number; readonly ms: number }): void {
    const wanted = Math.max(NORMAL_PAUSE_MS, this.#pausedMs)
    if (wanted < this.#learntMs) this.#learntMs += DECAY * (wanted - this.#learntMs)
    if (words < PACED_WORDS || !(ms > 0)) return
    const pace = words / (ms / 1000)
    this.#pace = this.#pace === undefined ? pace : this.#pace + PACE_WEIGHT * (pace - this.#pace)
  }

  get #paceMs(): number {
    const slow = (SLOW_PACE - (this.#pace ?? SLOW_PACE)) / (SLOW_PACE - SLOWEST_PACE)
    const share = Math.min(1, Math.max(0, slow))
    return NORMAL_PAUSE_MS + share * (SLOWEST_PAUSE_MS - NORMAL_PAUSE_MS)
  }
}
