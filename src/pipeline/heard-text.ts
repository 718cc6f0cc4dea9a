import { MULAW_BYTES_PER_MS } from '../audio/samples.ts'
import type { Alignment } from './ports.ts'

/**
 * Pace of speech where the voice gives no alignment: 15 characters a second, ordinary English.
 */
const CHAR_MS = 1000 / 15

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
 * space changed), so the two are matched by counting characters that are not white space.
 */
export class HeardText {
  #text = ''
  #audioBytes = 0
  /** End of each spoken character that is not white space, in ms of the reply's audio; ascending. */
  readonly #charMiddleMs: number[] = []

  get audioBytes(): number {
    return this.#audioBytes
  }

  addText(text: string): void {
    this.#text += text
  }

  addAudio(bytes: number, alignment: Alignment | undefined): void {
    if (alignment) this.#align(alignment)
    this.#audioBytes += bytes
  }

  #align({ chars, startMs, durationMs }: Alignment): void {
    const offset = this.#audioBytes / MULAW_BYTES_PER_MS
    chars.forEach((char, i) => {
      const middle = offset + (startMs[i] ?? 0) + (durationMs[i] ?? 0) / 2
      // An entry may hold several characters; they share its time.
      for (const part of char) if (part.trim() !== '') this.#charMiddleMs.push(middle)
    })
  }

  /**
   * What was heard when `bytes` of the audio had been played. A word counts when most of it was heard.
   *
   * @param finished whether all audio of the reply is there, so that hearing all of it is hearing the whole text
   */
  at(bytes: number, finished: boolean): Heard {
    if (finished && bytes >= this.#audioBytes) return { text: this.#text.trim(), whole: true }
    const text = wordsWithin(this.#text, this.#charsHeard(bytes / MULAW_BYTES_PER_MS))
    return { text, whole: finished && text === this.#text.trim() }
  }

  #charsHeard(ms: number): number {
    if (this.#charMiddleMs.length === 0) return Math.floor(ms / CHAR_MS)
    const next = this.#charMiddleMs.findIndex((middle) => middle > ms)
    return next === -1 ? this.#charMiddleMs.length : next
  }
}

/** The words of `text` of which at least half lies within its first `chars` characters, white space not counted. */
function wordsWithin(text: string, chars: number): string {
  let left = chars
  let end = 0
  for (const word of text.matchAll(/\S+/gu)) {
    const length = Array.from(word[0]).length
    if (left < length / 2) break
    left -= length
    end = word.index + word[0].length
  }
  return text.slice(0, end).trim()
}
