import { english, englishVariant, type EnglishVariant } from './english.ts'
import { FRENCH } from './french.ts'
import { GERMAN } from './german.ts'
import { spanish, spanishVariant, type SpanishVariant } from './spanish.ts'

/** What a number counts decides its form in some languages: *ein Meter*, *eine Stunde*. */
export type Gender = 'm' | 'f' | 'n'

export type Noun = { readonly one: string; readonly many: string; readonly gender?: Gender }

/** A number as its digits: `1,200.50` is `{ whole: '1200', fraction: '50' }`. */
export type Amount = { readonly whole: string; readonly fraction: string }

/** Currency and its hundredth part; a currency without one has no `cent`. */
export type Currency = { readonly unit: Noun; readonly cent?: Noun }

/** Month 1–12; `toDay` is the last day of a span within the month. */
export type CalendarDate = {
  readonly day: number
  readonly month: number
  readonly toDay?: number | undefined
  readonly year?: string | undefined
}

export type ClockTime = {
  readonly hour: number
  /** Undefined where only the hour was written: *2 pm*, *14 Uhr*. */
  readonly minute: number | undefined
  readonly half: 'am' | 'pm' | undefined
}

/** Everything about a language that the rules of this folder need in order to put digits and marks into words. */
export type Wording = {
  readonly decimalMark: '.' | ','
  /** Regular expression of what groups thousands. */
  readonly groupMark: string
  /** German writes *3. Mai* and *im 2. Stock*. */
  readonly dottedOrdinals: boolean
  /** Order of day and month in `11/21/2026`. */
  readonly monthFirst: boolean
  /** `gender` is that of the noun which follows; absent when the number stands alone. */
  readonly cardinal: (whole: string, gender?: Gender) => string
  /** Digits after the decimal mark. */
  readonly decimals: (digits: string) => string
  /** Whether the noun after this amount is singular. */
  readonly isOne: (amount: Amount) => boolean
  /** Years 1000–2999. */
  readonly year: (year: string) => string
  /** `before` is the text in front of the date: an article decides on the ending. */
  readonly date: (date: CalendarDate, before: string) => string
  readonly time: (time: ClockTime) => string
  /** Regular expression, with the groups `hour`, `minute`, `half`, of the times that this language writes. */
  readonly timePattern: RegExp
  /** The ways to write a date with the month as a word; groups `day`, `month`, `toDay`, `year`. */
  readonly datePatterns: readonly RegExp[]
  /** How a month may be written, in lower case, → 1–12. */
  readonly months: Readonly<Record<string, number>>
  /** Short names of weekdays → in full. */
  readonly weekdays: Readonly<Record<string, string>>
  /** Groups `number` and perhaps `feminine`. */
  readonly ordinalPattern: RegExp
  /** `undefined` where the match is no ordinal after all. `before` and `after` are the text around it. */
  readonly ordinal: (
    match: Readonly<Record<string, string | undefined>>,
    around: { readonly before: string; readonly after: string },
  ) => string | undefined
  /** `undefined` for a fraction that has no name of its own. */
  readonly fraction: (numerator: number, denominator: number) => string | undefined
  /** A group of digits of a phone number; digit by digit where absent. */
  readonly phoneGroup?: (digits: string) => string
  /** How phone numbers of the country are written, beyond those that begin with + or 0. */
  readonly phonePatterns: readonly string[]
  /** By symbol and by ISO code. */
  readonly currencies: Readonly<Record<string, Currency>>
  /** Between the amount and its hundredths. */
  readonly centJoin: string
  /** `M` and `million` after an amount of money or a number. */
  readonly magnitudes: Readonly<Record<string, Noun>>
  /** Between a million and what it counts: *deux millions d’euros*. */
  readonly ofMillion: (noun: string) => string
  /** The gender of what follows a bare number, as far as it can be told; undefined where the number stands alone. */
  readonly counted?: (after: string) => Gender | undefined
  readonly units: Readonly<Record<string, Noun>>
  /** `mo` in `$5/mo`. */
  readonly perNouns: Readonly<Record<string, string>>
  /**
   * As written, with its full stop → as spoken. A title stands before a name, so that its full stop never ends a
   * sentence.
   */
  readonly abbreviations: Readonly<Record<string, string>>
  readonly titles: Readonly<Record<string, string>>
  /** Further words whose full stop does not end a sentence; the rules for dates and times expand them where they can. */
  readonly dotted: readonly string[]
  /** Ends of words that are abbreviated so: *Hauptstr.* */
  readonly suffixes: readonly string[]
  /** What depends on the words around it. */
  readonly rewrites: readonly (readonly [RegExp, string])[]
  /** What is followed by a number that is read digit by digit: *code*, *order number*. Lower case. */
  readonly codeNouns: string
  readonly words: Words
}

export type Words = {
  readonly digits: readonly string[]
  readonly point: string
  readonly minus: string
  readonly plus: string
  readonly percent: string
  readonly and: string
  readonly or: string
  readonly at: string
  readonly dot: string
  readonly slash: string
  readonly dash: string
  readonly underscore: string
  /** Between the ends of a range. */
  readonly to: string
  readonly number: string
  readonly extension: string
  readonly per: string
  readonly times: string
  readonly equals: string
  readonly lessThan: string
  readonly greaterThan: string
  readonly about: string
  readonly degrees: string
  /** The keys * and # of a phone. */
  readonly star: string
  readonly hash: string
}

const BY_VARIANT = new Map<string, Wording>()

/** The wording for a BCP 47 tag; undefined for a language that is left as it is written. */
export function wordingOf(language: string): Wording | undefined {
  const variant = variantOf(language.toLowerCase())
  if (variant === undefined) return undefined
  let wording = BY_VARIANT.get(variant)
  if (!wording) {
    wording = makeWording(variant)
    BY_VARIANT.set(variant, wording)
  }
  return wording
}

type Variant = 'de' | 'fr' | EnglishVariant | SpanishVariant

/** Tags differ without end, and come from outside; only these few ways to speak are kept. */
function variantOf(tag: string): Variant | undefined {
  const [language, ...rest] = tag.split('-')
  const region = rest.find((part) => /^(?:[a-z]{2}|\d{3})$/.test(part))
  switch (language) {
    case 'en':
      return englishVariant(region)
    case 'es':
      return spanishVariant(region)
    case 'de':
    case 'fr':
      return language
    default:
      return undefined
  }
}

function makeWording(variant: Variant): Wording {
  switch (variant) {
    case 'de':
      return GERMAN
    case 'fr':
      return FRENCH
    case 'en-US':
    case 'en-CA':
    case 'en-GB':
      return english(variant)
    case 'es-ES':
    case 'es-MX':
    case 'es-US':
    case 'es-419':
      return spanish(variant)
  }
}
