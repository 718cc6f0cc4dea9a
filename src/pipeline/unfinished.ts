import { baseLanguage } from './language.ts'
import { wordsOf } from './lexicon.ts'

/** Words after which something must follow; per language, lower case. */
const WORDS: Readonly<Record<string, { never: string; open: string; digits: string }>> = {
  en: {
    // Nobody ends with these, whatever mark the transcript puts behind them.
    never:
      'and or but because um uh uhm erm dot underscore hyphen double triple the a an my your if',
    // These end a sentence now and then: “what are you looking at.”
    open: "so at dash slash plus to with for from of in on is are was it's that's like i i'm this their our his her as than when where which who then also maybe capital well",
    digits: 'zero oh one two three four five six seven eight nine',
  },
  de: {
    never:
      'und oder aber weil äh ähm öh unterstrich bindestrich doppel der die das den dem ein eine einen mein meine ihr ihre dass wenn',
    open: 'punkt ät at minus schrägstrich zu mit für von im in auf ist sind war also ich wie als wo wer dann noch groß klein nämlich',
    digits: 'null eins zwo zwei drei vier fünf sechs sieben acht neun',
  },
  es: {
    never: 'y o pero porque eh este arroba guion guión doble el la los las un una mi su que si',
    open: 'punto barra más con para de del en es son era entonces a como al donde cuando quien mayúscula pues',
    digits: 'cero uno dos tres cuatro cinco seis siete ocho nueve',
  },
  fr: {
    never:
      'et ou mais parce euh heu arobase tiret underscore double le la les un une mon ma mes votre que si',
    open: 'point slash plus avec pour de du des en dans est sont était alors à comme au aux où quand qui majuscule donc je ben',
    digits: 'zéro un deux trois quatre cinq six sept huit neuf',
  },
}

type UnfinishedWords = {
  readonly never: ReadonlySet<string>
  readonly open: ReadonlySet<string>
  readonly digits: ReadonlySet<string>
}

const byLanguage = new Map<string, UnfinishedWords>(
  Object.entries(WORDS).map(([language, { never, open, digits }]) => [
    language,
    {
      never: new Set(never.split(' ')),
      open: new Set(open.split(' ')),
      digits: new Set(digits.split(' ')),
    },
  ]),
)

/** A whole telephone number, with or without its country. */
const NUMBER_DIGITS = 10
/** Fewer digits one by one are an amount or a time; fewer letters an abbreviation (“p.m.”). */
const SPELLED = 3

/**
 * Whether the words that were heard last cannot be the end of what somebody wants to say: a conjunction, the first part of a
 * number that is being read out, letters, an e-mail address up to its dot.
 *
 * @param text the turn so far, as it was transcribed
 * @param language BCP 47: English, German, Spanish or French; any other counts as English
 */
export function endsUnfinished(text: string, language: string): boolean {
  const said = text.trimEnd()
  if (/(?:[,;:–—…-]|\.\.)$/u.test(said)) return true
  if (/[?!？！]$/u.test(said)) return false
  const known = byLanguage.get(baseLanguage(language)) ?? byLanguage.get('en')
  const words = wordsOf(said)
  const last = words.at(-1)
  if (last === undefined || !known) return false
  if (known.never.has(last) || (known.open.has(last) && !said.endsWith('.'))) return true
  return endsInLetters(words) || endsInDigits(words, known.digits)
}

function endsInLetters(words: readonly string[]): boolean {
  return words.length >= SPELLED && words.slice(-SPELLED).every((word) => /^\p{L}$/u.test(word))
}

/** A run of digits that is no amount and no year, and too short for a whole number. */
function endsInDigits(words: readonly string[], digits: ReadonlySet<string>): boolean {
  const isDigits = (word: string) => /^\p{N}+$/u.test(word) || digits.has(word)
  const run = words.slice(words.findLastIndex((word) => !isDigits(word)) + 1)
  const lengths = run.map((word) => (digits.has(word) ? 1 : word.length))
  const count = lengths.reduce((sum, length) => sum + length, 0)
  if (count >= NUMBER_DIGITS) return false
  const inGroups = run.length > 1 && lengths.some((length) => length >= SPELLED)
  return run.length >= SPELLED || inGroups || (count > 1 && /^0/.test(run[0] ?? ''))
}
