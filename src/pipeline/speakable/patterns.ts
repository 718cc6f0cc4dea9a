/** Regular expression of any of the words, the longest first. */
export function wordsPattern(words: readonly string[]): string {
  const longestFirst = Array.from(new Set(words)).sort((a, b) => b.length - a.length)
  return longestFirst
    .map((word) => word.replaceAll(/[$.*+?^(){}|[\]\\/]/g, String.raw`\$&`))
    .join('|')
}

/** Names of months, full and short, in lower case → 1–12. A short name belongs to the month that begins with it. */
export function monthTable(
  names: readonly string[],
  short: readonly string[],
): Readonly<Record<string, number>> {
  const table: Record<string, number> = {}
  names.forEach((name, i) => (table[name.toLowerCase()] = i + 1))
  for (const word of short) {
    const key = word.toLowerCase()
    const at = names.findIndex((name) => name.toLowerCase().startsWith(key))
    if (at !== -1) table[key] ??= at + 1
  }
  return table
}

export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** Whether a sentence ends before `after`: the full stop of an abbreviation is then that of the sentence too. */
export function endsSentence(after: string): boolean {
  return /^["'”’)\]]*(?:\s*$|\s+\p{Lu}\p{Ll})/u.test(after)
}

export type Groups = Readonly<Record<string, string | undefined>>
export type Around = { readonly before: string; readonly after: string }

/**
 * Replaces what matches `pattern` (global) by what `say` makes of its named groups; `undefined` leaves a match as it is.
 * The text around a match is as it was before any of them was replaced.
 */
export function rewrite(
  text: string,
  pattern: RegExp,
  say: (groups: Groups, around: Around) => string | undefined,
): string {
  let result = ''
  let at = 0
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length
    const words = say(match.groups ?? {}, {
      before: text.slice(0, match.index),
      after: text.slice(end),
    })
    if (words === undefined) continue
    result += text.slice(at, match.index) + words
    at = end
  }
  return at === 0 ? text : result + text.slice(at)
}
