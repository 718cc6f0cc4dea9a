/** A template, parsed: words and choices one after the other. */
type Sequence = readonly (string | readonly Sequence[])[]

/**
 * A small set of phrases. A phrase is written as a template: `(a|b)` is one of several, an empty one among them makes it
 * optional, `_` stands for any one word; `a|b` are two phrases. Groups may be nested.
 */
export class Lexicon {
  readonly #phrases: readonly Sequence[]

  constructor(templates: readonly string[]) {
    this.#phrases = templates.flatMap((template) => parse(template))
  }

  /** Where the phrases end that the words could go on with at `at`; all are after it. */
  endsAt(words: readonly string[], at: number): ReadonlySet<number> {
    const ends = new Set<number>()
    for (const phrase of this.#phrases) {
      for (const end of endsOf(phrase, words, at)) if (end > at) ends.add(end)
    }
    return ends
  }

  /** Whether the words from `at` on are a phrase up to some point of it; the last of them may be half a word. */
  isBegun(words: readonly string[], at: number): boolean {
    return this.#phrases.some((phrase) => isBeginning(phrase, words, at))
  }
}

/** The words of an utterance, lower case, without punctuation. */
export function wordsOf(text: string): string[] {
  // Apostrophes, however they are written, are part of a word: “don't”, “d’accord”, “what's”.
  return (
    text
      .toLowerCase()
      .replaceAll(/[’ʼ`´]/g, "'")
      .match(/[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}]+)*/gu) ?? []
  )
}

/**
 * Whether the words are phrases of `wanted` and `allowed` from the first to the last, at least one of them wanted. The time
 * it takes grows with the number of words, not with the ways to divide them.
 */
export function consistsOf(
  words: readonly string[],
  { wanted, allowed }: { readonly wanted: Lexicon; readonly allowed?: Lexicon },
): boolean {
  return divide(words, { wanted, allowed }).met.has(words.length)
}

/** Whether the words, the last of which may be half of one, may become such an utterance by what is still to be said. */
export function mayConsistOf(
  words: readonly string[],
  { wanted, allowed }: { readonly wanted: Lexicon; readonly allowed?: Lexicon },
): boolean {
  const { plain, met } = divide(words, { wanted, allowed })
  return [...plain, ...met].some(
    (at) => at === words.length || wanted.isBegun(words, at) || allowed?.isBegun(words, at),
  )
}

/** Up to where the words can be divided into phrases: without a wanted one among them, and with one. */
function divide(
  words: readonly string[],
  { wanted, allowed }: { readonly wanted: Lexicon; readonly allowed: Lexicon | undefined },
): { readonly plain: ReadonlySet<number>; readonly met: ReadonlySet<number> } {
  const plain = new Set([0])
  const met = new Set<number>()
  for (let at = 0; at < words.length; at++) {
    if (!plain.has(at) && !met.has(at)) continue
    for (const end of wanted.endsAt(words, at)) met.add(end)
    for (const end of allowed?.endsAt(words, at) ?? []) {
      if (plain.has(at)) plain.add(end)
      if (met.has(at)) met.add(end)
    }
  }
  return { plain, met }
}

function isBeginning(sequence: Sequence, words: readonly string[], at: number): boolean {
  let ends: ReadonlySet<number> = new Set([at])
  for (const part of sequence) {
    for (const end of ends) if (isBegunBy(part, words, end)) return true
    ends = new Set([...ends].flatMap((end) => [...endsOf([part], words, end)]))
  }
  return ends.has(words.length)
}

/** Whether the words end before this part of a phrase does. */
function isBegunBy(part: Sequence[number], words: readonly string[], at: number): boolean {
  if (at === words.length) return true
  if (typeof part !== 'string') return part.some((choice) => isBeginning(choice, words, at))
  return at === words.length - 1 && part.startsWith(words[at] ?? '')
}

const NOWHERE: ReadonlySet<number> = new Set()

function endsOf(sequence: Sequence, words: readonly string[], at: number): ReadonlySet<number> {
  // Most phrases begin with another word, and need no more than this look.
  const [first] = sequence
  if (typeof first === 'string' && first !== '_' && first !== words[at]) return NOWHERE
  let ends = new Set([at])
  for (const part of sequence) {
    const next = new Set<number>()
    for (const end of ends) {
      if (typeof part !== 'string') {
        for (const choice of part) for (const after of endsOf(choice, words, end)) next.add(after)
      } else if (end < words.length && (part === '_' || part === words[end])) next.add(end + 1)
    }
    if (next.size === 0) return next
    ends = next
  }
  return ends
}

/** The phrases that a template stands for. A group that is never closed ends with its template. */
function parse(template: string): readonly Sequence[] {
  const tokens = template.match(/[(|)]|_|[^\s(|)_]+/g) ?? []
  let at = 0
  const choices = (): readonly Sequence[] => {
    const all: (string | readonly Sequence[])[][] = [[]]
    for (; at < tokens.length && tokens[at] !== ')'; at++) {
      const token = tokens[at] ?? ''
      if (token === '|') all.push([])
      else if (token === '(') {
        at++
        all.at(-1)?.push(choices())
      } else if (token === '_') all.at(-1)?.push(token)
      else all.at(-1)?.push(...wordsOf(token))
    }
    return all
  }
  const all = [...choices()]
  // A bracket too many is none.
  while (++at < tokens.length) all.push(...choices())
  return all
}
