import { MULAW_BYTES_PER_MS } from '../audio/samples.ts'

/** When a turn of the caller was spoken, as times of the clock. */
export type TurnSpan = { readonly startedAt: number; readonly endedAt: number }

/**
 * The caller's open turn: when it began, and what was heard of it so far.
 *
 * Tells a time in the audio, as the speech-to-text vendor counts it, as a time of our clock: the audio that was sent `n` ms
 * before the newest arrived `n` ms ago.
 */
export class CallerTurn {
  #sentBytes = 0
  #startedAt: number | undefined
  #words = ''

  /** What was heard of a turn that has not ended. */
  get words(): string {
    return this.#words
  }

  sent(audioBytes: number): void {
    this.#sentBytes += audioBytes
  }

  heard(words: string, now: number): void {
    this.#startedAt ??= now
    this.#words = words
  }

  /** When the caller's audio at `audioMs` reached us. */
  timeOf(audioMs: number, now: number): number {
    return now - Math.max(0, this.#sentBytes / MULAW_BYTES_PER_MS - audioMs)
  }

  /** The turn is over; the next words begin another one. */
  end(endedAt: number): TurnSpan {
    const startedAt = Math.min(this.#startedAt ?? endedAt, endedAt)
    this.#startedAt = undefined
    this.#words = ''
    return { startedAt, endedAt }
  }
}
