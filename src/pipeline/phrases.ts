import { unendedFor, type Unended } from './speakable/unended.ts'

/**
 * Cuts a reply, as it is written, into phrases that can be spoken: the first as early as it makes sense on its own, so
 * that the voice can begin; the later ones whole sentences, which sound better.
 *
 * Joined, the phrases are the text, character by character. What is spoken as one thing stays in one phrase: *Dr. Smith*,
 * *Nov. 21, 2026*, *9 – 5*.
 */
export class Phrases {
  readonly #unended: Unended
  #pending = ''
  #spoken = false

  /** @param language BCP 47: its abbreviations end no phrase */
  constructor(language = 'en') {
    this.#unended = unendedFor(language)
  }

  /** Takes the next piece of text and returns the phrases that are complete with it. */
  push(text: string): string[] {
    this.#pending += text
    const phrases: string[] = []
    for (let end = this.#nextEnd(); end !== undefined; end = this.#nextEnd()) {
      phrases.push(this.#pending.slice(0, end))
      this.#pending = this.#pending.slice(end)
      this.#spoken = true
    }
    return phrases
  }

  /** Whether what waits for its end has one, if no more text comes. */
  get endsSentence(): boolean {
    return /[.!?…]["'”’)\]]*\s*$/u.test(this.#pending)
  }

  /** The rest, when no more text comes. */
  flush(): string[] {
    const rest = this.#pending
    this.#pending = ''
    return rest === '' ? [] : [rest]
  }

  /** Where the first phrase of what is pending ends, white space included; undefined while that cannot be told. */
  #nextEnd(): number | undefined {
    for (const match of this.#pending.matchAll(BREAK)) {
      const end = match.index + match[0].length
      // More white space may follow, and belongs to this phrase.
      if (end === this.#pending.length) return undefined
      const before = this.#pending.slice(0, match.index + (match[1] ?? '').length)
      if (this.#isEnd(before, match[2] ?? '', this.#pending.charAt(end))) return end
    }
    return undefined
  }

  #isEnd(before: string, mark: string, next: string): boolean {
    const length = before.trim().length
    if (SENTENCE_MARK.test(mark)) {
      return length >= SENTENCE_CHARS && !(mark === '.' && this.#unended.atStop(before, next))
    }
    if (mark === '') {
      return length >= LONGEST_CHARS && !(length < 2 * LONGEST_CHARS && inNumber(before, next))
    }
    const least = this.#spoken ? LATER_CLAUSE_CHARS : FIRST_CLAUSE_CHARS
    return length >= least && !this.#unended.atPause(before, next)
  }
}

/** Between a number and what belongs to it: `555 0199`, `2:30 pm`, `May 3`. */
function inNumber(before: string, next: string): boolean {
  return /\d/.test(next) || /\d\S*$/.test(before)
}

/** Shorter sentences (“Oh.”) are spoken with the next one: a voice makes little of one syllable. */
const SENTENCE_CHARS = 6
/** “Hi John,” is worth starting with. */
const FIRST_CLAUSE_CHARS = 8
const LATER_CLAUSE_CHARS = 120
/** Nobody writes this much without a comma; it must not wait for one. */
const LONGEST_CHARS = 200

/** A place where speech may pause: text up to and with a mark (perhaps a closing quote), then white space. */
const BREAK = /((?:([.!?…,;:—–])["'”’)\]]*)?)\s+/gu
const SENTENCE_MARK = /[.!?…]/u
