import type { Mulaw8k } from '../audio/samples.ts'
import { type HeardByte, textOf, ToneListener } from './tone-speech.ts'

export type HeardWord = {
  readonly word: string
  /** Seconds of audio since the first that was heard. */
  readonly start: number
  readonly end: number
}

const SAMPLES_PER_SECOND = 8000
/** Symbols further apart than this (150 ms) belong to different words, space or not. */
const WORD_GAP = 1200
/** So many symbols of an unfinished word are enough to be told of it. */
const PRESENTABLE = 3
const NOT_UNDERSTOOD = 0x1a
const SPACE = 0x20

/**
 * Simulated speech as words. Sounds that are no speech at all are not heard; a word some of whose symbols were not
 * understood has a `�` for each, so that damaged audio is seen.
 */
export class HeardWords {
  readonly #tones = new ToneListener((heard) => {
    this.#onByte(heard)
  })
  #words: HeardWord[] = []
  #unfinished: HeardByte[] = []
  #symbols = 0
  #lastSymbolEnd = 0

  /** Samples heard so far. */
  get position(): number {
    return this.#tones.position
  }

  /** Sample at which the last sound ended, speech or not. */
  get lastSoundEnd(): number {
    return this.#tones.lastSoundEnd
  }

  /** Sample at which the last symbol of speech ended. */
  get lastSymbolEnd(): number {
    return this.#lastSymbolEnd
  }

  /** Symbols of speech heard so far: whether somebody went on speaking. */
  get symbols(): number {
    return this.#symbols
  }

  hear(audio: Mulaw8k): void {
    this.#tones.hear(audio)
    const last = this.#unfinished.at(-1)
    if (last && this.position - last.end > WORD_GAP) this.finishWord()
  }

  /** The words that have not been taken, the unfinished one included as soon as there is enough of it. */
  words(): readonly HeardWord[] {
    const unfinished = wordOf(this.#presentable())
    return unfinished ? [...this.#words, unfinished] : this.#words
  }

  /** The finished words, which are then forgotten. */
  take(): readonly HeardWord[] {
    const words = this.#words
    this.#words = []
    return words
  }

  /** Sample at which the word that is being spoken began. */
  get unfinishedStart(): number | undefined {
    return this.#unfinished[0]?.start
  }

  /** Takes what was heard of a word as the whole word. */
  finishWord(): void {
    const word = wordOf(this.#unfinished)
    if (word) this.#words.push(word)
    this.#unfinished = []
  }

  #onByte(heard: HeardByte): void {
    const last = this.#unfinished.at(-1)
    if (heard.byte === SPACE || (last && heard.start - last.end > WORD_GAP)) this.finishWord()
    if (heard.byte !== SPACE) this.#unfinished.push(heard)
    if (heard.byte === NOT_UNDERSTOOD) return
    this.#symbols++
    this.#lastSymbolEnd = heard.end
  }

  /** A character of several symbols may be half heard: it is left out until something follows it. */
  #presentable(): HeardByte[] {
    const end = this.#unfinished.findLastIndex((heard) => heard.byte < 0x80)
    return end + 1 < PRESENTABLE ? [] : this.#unfinished.slice(0, end + 1)
  }
}

function wordOf(bytes: readonly HeardByte[]): HeardWord | undefined {
  const first = bytes[0]
  const last = bytes.at(-1)
  if (!first || !last || bytes.every((heard) => heard.byte === NOT_UNDERSTOOD)) return undefined
  return {
    word: textOf(bytes),
    start: first.start / SAMPLES_PER_SECOND,
    end: last.end / SAMPLES_PER_SECOND,
  }
}

export function transcriptOf(words: readonly HeardWord[]): string {
  return words.map(({ word }) => word).join(' ')
}
