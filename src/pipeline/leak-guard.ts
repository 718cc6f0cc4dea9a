import { wordsOf } from './lexicon.ts'

/**
 * So many words in a row that stand in the instructions are a recital of them. Shorter ones occur in ordinary talk (“is there
 * anything else I can help you with”); it is also what is heard at most before a recital is noticed.
 */
const RECITAL_WORDS = 8
/** A secret is recognised by any piece of it of this length; a shorter one as a whole. */
const SECRET_CHARS = 12
/** Shorter values are no secrets, and part of ordinary words. */
const MIN_SECRET_CHARS = 8

/**
 * Keeps the agent from saying what no caller is to hear, whatever the model has been talked into: pieces of its instructions, word
 * by word, and secrets of the configuration, however they are spaced or cased. It does not know a paraphrase or a translation.
 */
export class LeakGuard {
  readonly #texts: readonly string[]
  readonly #pieces: readonly string[]
  readonly #longest: number
  #recitals: ReadonlySet<string> | undefined

  /**
   * @param options.texts what must not be recited
   * @param options.secrets values that must not be said
   */
  constructor(options: { readonly texts: readonly string[]; readonly secrets: readonly string[] }) {
    this.#texts = options.texts
    const secrets = options.secrets
      .map(lettersOf)
      .filter(({ length }) => length >= MIN_SECRET_CHARS)
    this.#pieces = Array.from(new Set(secrets.flatMap(piecesOf)))
    this.#longest = Math.max(0, ...this.#pieces.map(({ length }) => length))
  }

  /** For the phrases of one reply, in their order: whether this one, after those before it, gives something away. */
  watch(): (phrase: string) => boolean {
    let words: readonly string[] = []
    let letters = ''
    return (phrase) => {
      const all = [...words, ...wordsOf(phrase)]
      const spelled = letters + lettersOf(phrase)
      words = all.slice(-(RECITAL_WORDS - 1))
      letters = this.#longest === 0 ? '' : spelled.slice(-this.#longest)
      return this.#isRecital(all) || this.#pieces.some((piece) => spelled.includes(piece))
    }
  }

  #isRecital(words: readonly string[]): boolean {
    if (words.length < RECITAL_WORDS) return false
    const recitals = (this.#recitals ??= new Set(
      this.#texts.flatMap((text) => runsOf(wordsOf(text))),
    ))
    return runsOf(words).some((run) => recitals.has(run))
  }
}

function runsOf(words: readonly string[]): string[] {
  return words
    .slice(0, Math.max(0, words.length - RECITAL_WORDS + 1))
    .map((_, at) => words.slice(at, at + RECITAL_WORDS).join(' '))
}

function piecesOf(secret: string): string[] {
  const count = Math.max(1, secret.length - SECRET_CHARS + 1)
  return Array.from({ length: count }, (_, at) => secret.slice(at, at + SECRET_CHARS))
}

/** Letters and digits alone, in lower case: “S K, 4 7” is “sk47”. */
function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')
}
