import { Markup } from './markup.ts'
import { normaliserFor } from './normaliser.ts'
import { Pronunciation, type Dictionary, type Spoken } from './pronunciation.ts'

export type { Spoken } from './pronunciation.ts'

/**
 * Makes the phrases of one reply fit to be spoken: takes out markup, emoji and stage directions, puts numbers, money,
 * dates, times, addresses and abbreviations into the words of the language, and says the words of a pronunciation
 * dictionary as it tells.
 */
export class Speakable {
  readonly #markup = new Markup()
  readonly #normalise: (text: string) => string
  readonly #pronunciation: Pronunciation

  /** @param options.language BCP 47; without rules for it only markup is taken out */
  constructor(options: { language: string; pronunciation?: Dictionary | undefined }) {
    this.#normalise = normaliserFor(options.language)
    this.#pronunciation = new Pronunciation(options.pronunciation ?? {}, this.#normalise)
  }

  /**
   * The next phrase of the reply, in pieces. Joined, `written` is for the record and `spoken` for the voice; they differ
   * only in pieces of the dictionary. Empty when the phrase has nothing that can be said, such as a lone emoji.
   */
  phrase(written: string): readonly Spoken[] {
    const text = this.#normalise(this.#markup.strip(written))
    return /[\p{L}\p{N}]/u.test(text) ? this.#pronunciation.pieces(text) : []
  }
}
