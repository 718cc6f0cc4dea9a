import { spellDigits } from './amounts.ts'
import { capitalised, endsSentence, rewrite, wordsPattern } from './patterns.ts'
import type { RuleFor } from './rule.ts'

/** What only the words around it decide: *St.* before a name and after one. */
export const contextRule: RuleFor =
  ({ rewrites }) =>
  (text) =>
    rewrites.reduce((result, [pattern, words]) => result.replaceAll(pattern, words), text)

/** `Mr.`, `appt.`, `e.g.`, `z. B.`: in full; the full stop stays where it ends the sentence too. */
export const abbreviationRule: RuleFor = ({ titles, abbreviations }) => {
  const full = { ...abbreviations, ...titles }
  const byLowerCase = new Map(
    Object.entries(full).map(([key, words]) => [key.toLowerCase(), words]),
  )
  const pattern = new RegExp(
    String.raw`(?<![\p{L}\d.&])(?<short>${wordsPattern(Object.keys(full).flatMap((key) => [key, capitalised(key)]))})(?!\p{L})`,
    'gu',
  )
  return (text) =>
    rewrite(text, pattern, ({ short = '' }, { after }) => {
      const exact = full[short]
      const words = exact ?? capitalised(byLowerCase.get(short.toLowerCase()) ?? short)
      const mayEnd = short.endsWith('.') && (ENDINGS.has(short) || /^["'”’)\]]*\s*$/.test(after))
      return mayEnd && endsSentence(after) ? `${words}.` : words
    })
}

/** Abbreviations that stand at the end of an enumeration, and so often of a sentence. */
const ENDINGS = new Set([
  'etc.',
  'usw.',
  'Inc.',
  'Ltd.',
  'Corp.',
  'Ave.',
  'Blvd.',
  'Rd.',
  'EE. UU.',
  'EE.UU.',
])

/** The keys of a phone: `press #`, `dial *67`. */
export const keyRule: RuleFor = (wording) => (text) =>
  rewrite(
    text,
    /(?<![^\s("“])(?<key>\*(?!\p{L}|\*)|#(?=[\s.,;:!?)"”]|$))(?<digits>\d*)/gu,
    ({ key, digits = '' }) => {
      const name = key === '*' ? wording.words.star : wording.words.hash
      return digits === '' ? name : `${name} ${spellDigits(digits, wording)}`
    },
  )

/** `&`, `@`, `+`, `/`, `=` and the like between words. What has no words is left out. */
export const symbolRule: RuleFor = (wording) => {
  const { words } = wording
  const steps: readonly (readonly [RegExp, string])[] = [
    [/\s?&\s?/gu, ` ${words.and} `],
    [/\s?@\s?/gu, ` ${words.at} `],
    [/(?<=\p{Lu})\/(?=\p{Lu}{2})|(?<=\p{Lu}{2})\/(?=\p{Lu})/gu, ' '],
    [/(?<=\p{L})\s?\/\s?(?=\p{L})/gu, ` ${words.or} `],
    [/\s?\+\s?(?=[\p{L}\d])/gu, ` ${words.plus} `],
    [/\s?\+/gu, ` ${words.plus}`],
    [/\s?=\s?/gu, ` ${words.equals} `],
    [/\s?<\s?/gu, ` ${words.lessThan} `],
    [/\s?>\s?/gu, ` ${words.greaterThan} `],
    [/\s?[×]\s?/gu, ` ${words.times} `],
    [/[~≈]\s?(?=[\p{L}\d])/gu, `${words.about} `],
    [/\s?%/gu, ` ${words.percent}`],
    [/\s?°/gu, ` ${words.degrees}`],
    [/(?<=\p{L}):(?=\p{L})/gu, ' '],
    [/\s?[*/\\|^~≈{}[\]_#$€£¥]+\s?/gu, ' '],
  ]
  return (text) => {
    if (!SYMBOL.test(text)) return text
    const [lead = '', body = '', trail = ''] = partsOf(text)
    const spoken = steps.reduce((result, [pattern, to]) => result.replaceAll(pattern, to), body)
    // A dash at the beginning stood after a sign, and now parts nothing.
    return (
      lead +
      tidy(spoken)
        .trim()
        .replaceAll(/(?:^|(?<=\n))\s*(?:[-–—]+\s+)+/gu, '') +
      trail
    )
  }
}
const SYMBOL = /[&@*/+=<>×~≈%°\\|^{}[\]_#$€£¥]|\p{L}:\p{L}/u

/** Leading white space, text, trailing white space. */
function partsOf(text: string): string[] {
  return /^(\s*)([\s\S]*?)(\s*)$/u.exec(text)?.slice(1) ?? [text]
}

/** Takes out the white space that what was left out leaves behind. */
export function tidy(text: string): string {
  return text.replaceAll(/[ \t]{2,}/g, ' ').replaceAll(/[ \t]+(?=[.,;:!?…](?![\p{L}\d]))/gu, '')
}
