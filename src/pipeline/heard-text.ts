import { MULAW_BYTES_PER_MS } from '../audio/samples.ts'
import type { Alignment } from './ports.ts'

/**
 * Pace of speech where the voice gives no alignment: 15 characters a second, ordinary English.
 */
const CHAR_MS = 1000 / 15

/**
 * A word counts as spoken to its end when the middle of its last character lies this far back. Our clock and the carrier's
 * may disagree by about as much, and a word said twice is better than a word that was never heard.
 */
const SURELY_MS = 80

/** What there is of a reply's text at a point of its audio. */
export type Heard = {
  /** The words heard, with the punctuation they were written with. */
  readonly text: string
  /** True when that is all of it. */
  readonly whole: boolean
}

/**
 * Ties the text of a reply to its audio, so that the word at which the audio was cut can be told.
 *
 * The voice reports the characters that it speaks, not always the ones it was given (numbers expanded, words split, white
 * space changed), so the two are matched by counting characters that are not white space. A word that the voice was given
 * in another spelling (“Win” for “Nguyen”) is counted as it is spoken, and told as it is written.
 */
export class HeardText {
  #text = ''
  readonly #words: Word[] = []
  #audioBytes = 0
  /** Beginning and middle of each spoken character that is not white space, in ms of the reply's audio; ascending. */
  readonly #charStartMs: number[] = []
  readonly #charMiddleMs: number[] = []

  get audioBytes(): number {
    return this.#audioBytes
  }

  /** All text so far. */
  get text(): string {
    return this.#text
  }

  /** @param spoken what the voice is given for it, where that is not the written text */
  addText(written: string, spoken = written): void {
    const at = this.#text.length
    this.#text += written
    if (spoken === written) {
      for (const { 0: word, index } of written.matchAll(/\S+/gu)) {
        this.#addWord(at + index, word.length, Array.from(word).length)
      }
      return
    }
    const word = written.trim()
    const start = at + (word === '' ? 0 : written.indexOf(word))
    this.#addWord(start, word.length, Array.from(spoken.replaceAll(/\s+/gu, '')).length)
  }

  /** Text without white space between goes on with the word before it, such as the “’s” after a name. */
  #addWord(start: number, length: number, chars: number): void {
    const last = this.#words.at(-1)
    if (last?.end === start) {
      last.end += length
      last.chars += chars
    } else this.#words.push({ start, end: start + length, chars })
  }

  addAudio(bytes: number, alignment: Alignment | undefined): void {
    if (alignment) this.#align(alignment)
    this.#audioBytes += bytes
  }

  #align({ chars, startMs, durationMs }: Alignment): void {
    const offset = this.#audioBytes / MULAW_BYTES_PER_MS
    chars.forEach((char, i) => {
      const start = offset + (startMs[i] ?? 0)
      // An entry may hold several characters; they share its time.
      for (const part of char) {
        if (part.trim() === '') continue
        this.#charStartMs.push(start)
        this.#charMiddleMs.push(start + (durationMs[i] ?? 0) / 2)
      }
    })
  }

  /**
   * What was heard when `bytes` of the audio had been played. A word counts when most of it was heard.
   *
   * @param finished whether all audio of the reply is there, so that hearing all of it is hearing the whole text
   */
  at(bytes: number, finished: boolean): Heard {
    if (finished && bytes >= this.#audioBytes) return { text: this.#text.trim(), whole: true }
    const text = this.#firstWords(this.#charsHeard(bytes / MULAW_BYTES_PER_MS))
    return { text, whole: finished && text === this.#text.trim() }
  }

  /**
   * Where the word begins that was being spoken when `bytes` had been played, or the next one between two words: the
   * place from which to go on. Without an alignment it is the very place.
   */
  wordStart(bytes: number): number {
    const spoken = this.#charStartMs.findLastIndex((start) => start <= bytes / MULAW_BYTES_PER_MS)
    if (spoken === -1) return this.#charStartMs.length === 0 ? bytes : 0
    let count = 0
    for (const { chars } of this.#words) {
      if (spoken < count + chars) {
        const over = spoken === count + chars - 1 && this.#isSurelyOver(spoken, bytes)
        return this.#byteOf(over ? spoken + 1 : count)
      }
      count += chars
    }
    return bytes
  }

  /** Whether every word that begins before this place of the text had been spoken to its end when `bytes` had been played. */
  isOver(textEnd: number, bytes: number): boolean {
    const words = this.#words.filter(({ start }) => start < textEnd)
    const chars = words.reduce((sum, word) => sum + word.chars, 0)
    if (this.#charMiddleMs.length === 0)
      return this.#charsHeard(bytes / MULAW_BYTES_PER_MS) >= chars
    if (chars > this.#charMiddleMs.length) return false
    return bytes >= this.#audioBytes || chars === 0 || this.#isSurelyOver(chars - 1, bytes)
  }

  #isSurelyOver(char: number, bytes: number): boolean {
    return (this.#charMiddleMs[char] ?? 0) + SURELY_MS <= bytes / MULAW_BYTES_PER_MS
  }

  /** The byte at which a character begins; the end of the audio for one that is still to come. */
  #byteOf(char: number): number {
    const start = this.#charStartMs[char]
    return start === undefined ? this.#audioBytes : Math.floor(start * MULAW_BYTES_PER_MS)
  }

  /** The words of which at least half lies within the first `chars` spoken characters. */
  #firstWords(chars: number): string {
    let left = chars
    let end = 0
    for (const word of this.#words) {
      if (left <= 0 || left < word.chars / 2) break
      left -= word.chars
      end = word.end
    }
    return this.#text.slice(0, end).trim()
  }

  #charsHeard(ms: number): number {
    if (this.#charMiddleMs.length === 0) return Math.floor(ms / CHAR_MS)
    const next = this.#charMiddleMs.findIndex((middle) => middle > ms)
    return next === -1 ? this.#charMiddleMs.length : next
  }
}

/** A written word: where it stands in the text, and how many characters, white space not counted, the voice speaks for it. */
type Word = { readonly start: number; end: number; chars: number }
