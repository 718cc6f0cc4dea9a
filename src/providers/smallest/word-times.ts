import type { Alignment } from '../../pipeline/ports.ts'

export type TimedWord = {
  readonly word: string
  /** Seconds. */
  readonly start: number
  readonly end: number
}

/**
 * The times of words, as Waves tells them, as an alignment. They count from the beginning of a stream of audio; whether that is
 * the socket's or each request's, no page says. Words never go back in time: those that do count from where the last one ended.
 */
export class WordTimes {
  #originMs = 0
  #lastStartMs = 0
  #lastEndMs = 0

  /** Another socket: its times count from here. */
  restart(deliveredMs: number): void {
    this.#originMs = this.#lastStartMs = this.#lastEndMs = deliveredMs
  }

  /** @param deliveredMs how much audio of the speech has been handed on: what the alignment counts from */
  alignment({ word, start, end }: TimedWord, deliveredMs: number): Alignment {
    if (this.#originMs + start * 1000 < this.#lastStartMs) this.#originMs = this.#lastEndMs
    this.#lastStartMs = this.#originMs + start * 1000
    this.#lastEndMs = Math.max(this.#lastStartMs, this.#originMs + end * 1000)
    const chars = Array.from(word)
    const charMs = (this.#lastEndMs - this.#lastStartMs) / Math.max(1, chars.length)
    const firstMs = this.#lastStartMs - deliveredMs
    return {
      chars,
      startMs: chars.map((_, i) => firstMs + i * charMs),
      durationMs: chars.map(() => charMs),
    }
  }
}
