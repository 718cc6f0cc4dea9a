import { wordingOf, type Wording } from './wording.ts'
import { capitalised, wordsPattern } from './patterns.ts'

/** Where a mark does not end what is being said. `next` is the character after the white space that follows it. */
export type Unended = {
  /** A full stop at the end of `before` belongs to its word: *Dr.*, *p.m.*, *J.*, *z.* of *z. B.* */
  atStop(before: string, next: string): boolean
  /** A comma or a dash stands within a date or a range: *Nov. 21, 2026*, *9 – 5*. */
  atPause(before: string, next: string): boolean
}

/** Abbreviations that names and places bring into any language; a single letter is an initial or part of one. */
const COMMON = String.raw`Dr|Mr|Mrs|Ms|Prof|St|Sr|Jr|No|Nr|vs|etc|approx|ext|Ave|Blvd|Rd|Mt|Ft|Inc|Ltd|Co|e\.g|i\.e|a\.m|p\.m|\p{L}|(?:\p{L}\.)+\p{L}`
const WORD_START = String.raw`(?:^|[\s(“"'’«„])`

const BY_WORDING = new Map<Wording | undefined, Unended>()

/** @param language BCP 47 */
export function unendedFor(language: string): Unended {
  const wording = wordingOf(language)
  let unended = BY_WORDING.get(wording)
  if (!unended) {
    unended = compile(wording)
    BY_WORDING.set(wording, unended)
  }
  return unended
}

function compile(wording: Wording | undefined): Unended {
  const suffixes = (wording?.suffixes ?? []).map((suffix) => `|${wordsPattern([suffix])}$`).join('')
  const stop = new RegExp(
    `${WORD_START}(?:${[COMMON, ...shortWords(wording)].join('|')})\\.$${suffixes}`,
    'u',
  )
  const days = Object.entries(wording?.weekdays ?? {}).flat()
  const short = wordsPattern([
    ...days,
    ...Object.keys(wording?.months ?? {}).flatMap((m) => [m, capitalised(m)]),
  ])
  const dated = new RegExp(`${WORD_START}(?:${short || NEVER})\\.$`, 'u')
  const ranged = new RegExp(`${WORD_START}(?:${wordsPattern(days) || NEVER})\\.?\\s?[–—]$`, 'u')
  // German writes ordinals with a full stop: “im 2. Stock”, “am 3. Mai”.
  const number = wording?.dottedOrdinals ? /(?<![\d.,:])\d{1,3}\.$/u : /(?:^|\n)\s*\d{1,2}\.$/u
  return {
    atStop: (before, next) =>
      stop.test(before) || number.test(before) || (/\d/.test(next) && dated.test(before)),
    atPause: (before, next) =>
      /[\d$€£]/u.test(next)
        ? AFTER_NUMBER.test(before)
        : /\p{L}/u.test(next) && ranged.test(before),
  }
}

const NEVER = '(?!)'
const AFTER_NUMBER = /(?:\d(?:st|nd|rd|th)?,|(?:\d\S*|[ap]\.?m\.?)\s?[–—])$/iu

/** The language's abbreviations without their last full stop, and each part of those that are written in two. */
function shortWords(wording: Wording | undefined): string[] {
  if (!wording) return []
  const { abbreviations, titles, dotted } = wording
  const parts = [...Object.keys(abbreviations), ...Object.keys(titles), ...dotted].flatMap(
    (key) => [key, ...key.split(' ')],
  )
  const words = parts.filter((part) => part.endsWith('.')).map((part) => part.slice(0, -1))
  return [wordsPattern(words.flatMap((word) => [word, capitalised(word)]))]
}
