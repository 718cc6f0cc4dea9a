import {
  amountWords,
  counted,
  numberPattern,
  readAmount,
  spellDigits,
  spellInGroups,
} from './amounts.ts'
import type { Wording } from './wording.ts'
import { endsSentence, rewrite, wordsPattern } from './patterns.ts'
import type { RuleFor } from './rule.ts'

/** `1st`, `22nd`, `3. Stock`, `2ª`; and `the 90s`. */
export const ordinalRule: RuleFor = (wording) => (text) => {
  const withOrdinals = rewrite(text, wording.ordinalPattern, wording.ordinal)
  return rewrite(
    withOrdinals,
    /(?<![\p{L}\d.,])['’]?(?<year>(?:1\d|20)?[1-9]0)['’]?s(?![\p{L}\d])/gu,
    ({ year = '' }) => {
      const words = year.length === 4 ? wording.year(year) : wording.cardinal(year)
      return words.endsWith('y') ? `${words.slice(0, -1)}ies` : `${words}s`
    },
  )
}

/** `.50` and `$.50` are written without their nought; versions, `2.0.1`, are read part by part. */
export const pointRule: RuleFor = (wording) => (text) => {
  const { decimalMark, words } = wording
  const whole = decimalMark === '.' ? text.replaceAll(/(?<![\d.\p{L}])\.(?=\d)/gu, '0.') : text
  return rewrite(
    whole,
    /(?<![\p{L}\d.,])(?<parts>\d+(?:\.\d+){2,})(?![\p{L}\d]|[.,]\d)/gu,
    ({ parts = '' }) => {
      if (decimalMark === ',' && /^\d{1,3}(?:\.\d{3})+$/.test(parts)) return undefined
      return parts
        .split('.')
        .map((part) => amountWords({ whole: part, fraction: '' }, wording))
        .join(` ${decimalMark === '.' ? words.point : words.dot} `)
    },
  )
}

/** `9-5`, `9am–5pm`, `10-15%`: the dash becomes a word; the numbers are left to the other rules. */
export const rangeRule: RuleFor =
  ({ words }) =>
  (text) =>
    text.replaceAll(
      /(?<=(?:\d|\d(?:st|nd|rd|th)|\d\s?[ap]\.?m\.?|\d\s?(?:Uhr|h|%|€|°|°C|°F)))(?:\s?[–—]\s?|-|\s-\s)(?=[$€£]?\d)/giu,
      ` ${words.to} `,
    )

const VULGAR: Readonly<Record<string, string>> = {
  '½': '1/2',
  '⅓': '1/3',
  '⅔': '2/3',
  '¼': '1/4',
  '¾': '3/4',
  '⅕': '1/5',
  '⅛': '1/8',
  '⅜': '3/8',
  '⅝': '5/8',
  '⅞': '7/8',
}

/** `1/2`, `2 1/2`, `¾`. */
export const fractionRule: RuleFor = (wording) => (text) => {
  const plain = text.replaceAll(
    /(\d)?([½⅓⅔¼¾⅕⅛⅜⅝⅞])/gu,
    (_, digit: string | undefined, sign: string) =>
      digit === undefined ? (VULGAR[sign] ?? sign) : `${digit} ${VULGAR[sign] ?? sign}`,
  )
  return rewrite(
    plain,
    /(?<![\p{L}\d.,/-])(?:(?<whole>\d+)\s)?(?<numerator>\d{1,3})\/(?<denominator>\d{1,3})(?![\p{L}\d/]|[.,]\d)/gu,
    ({ whole, numerator = '', denominator = '' }) => {
      const words =
        Number(numerator) === 0
          ? undefined
          : wording.fraction(Number(numerator), Number(denominator))
      const count = whole === undefined ? '' : `${whole} `
      const isMixed = Number(numerator) > Number(denominator) && Number(denominator) > 4
      if (words === undefined || isMixed)
        return `${count}${numerator} ${wording.words.slash} ${denominator}`
      if (whole === undefined) return words
      return `${wording.cardinal(whole)} ${wording.words.and} ${withArticle(words, wording)}`
    },
  )
}

/** *two and a half*, not *two and one half*. */
function withArticle(fraction: string, wording: Wording): string {
  return wording.words.and === 'and' ? fraction.replace(/^one /, 'a ') : fraction
}

/** `5 km`, `20°C`, `10%`, `5'10"`, `40 km/h`. */
export const unitRule: RuleFor = (wording) => {
  const number = numberPattern(wording)
  const unit = wordsPattern(Object.keys(wording.units))
  const pattern = new RegExp(
    String.raw`(?<![\p{L}\d.,])(?<sign>(?<![\p{L}\d]\s?)[-−+])?(?<amount>${number})(?<gap>[\s\u00a0\u202f-]?)(?<unit>${unit})(?![\p{L}\d'’]|\/\d)(?<stop>\.)?(?:\/(?<per>\p{L}+))?`,
    'gu',
  )
  const feet =
    /(?<![\p{L}\d.,])(?<feet>\d)['′’]\s?(?:(?<inches>1[01]|\d)(?:"|″|”|''))?(?![\p{L}\d])/gu
  return (text) => {
    const withFeet = wording.units['ft']
      ? rewrite(text, feet, ({ feet: ft = '', inches }) => {
          if (inches === undefined) return undefined
          return `${wording.cardinal(ft)} foot ${wording.cardinal(inches)}`
        })
      : text
    return rewrite(
      withFeet,
      pattern,
      ({ sign, amount = '', gap, unit: short = '', stop, per }, { after }) => {
        const noun = wording.units[short]
        if (!noun) return undefined
        const value = readAmount(amount, wording)
        const words =
          gap === '-' ? `${amountWords(value, wording)}-${noun.one}` : counted(value, noun, wording)
        const each =
          per === undefined ? '' : ` ${wording.words.per} ${wording.perNouns[per] ?? per}`
        const isStop = stop !== undefined || short.endsWith('.')
        // Of “5 min. or so” the full stop goes with the abbreviation.
        const end = isStop && (endsSentence(after) || !/^\s*[\p{L}\d,;:!?]/u.test(after)) ? '.' : ''
        return signWord(sign, wording) + words + each + end
      },
    )
  }
}

function signWord(sign: string | undefined, { words }: Wording): string {
  if (!sign) return ''
  return sign === '+' ? `${words.plus} ` : `${words.minus} `
}

/** What is left: quantities as numbers, years as years, long rows of digits one by one. No digit stays. */
export const numberRule: RuleFor = (wording) => {
  const number = numberPattern(wording)
  const magnitude = wordsPattern(Object.keys(wording.magnitudes).filter((key) => key.length > 1))
  const pattern = new RegExp(
    String.raw`(?<sign>(?<![\p{L}\d)]\s?|\p{L}\s)[-−+](?=\d)|(?<=^|\s)[-−+])?(?<![\p{L}\d])(?<amount>${number})(?!\d)(?:\s?(?<magnitude>${magnitude})(?![\p{L}\d])\.?)?(?<times>\s?[x×](?![\p{L}-]))?(?<more>\+(?![\p{L}\d]))?(?:\/(?<per>\p{L}{2,}))?`,
    'gu',
  )
  // “1,2,3” is an enumeration without its spaces.
  const notDecimal = wording.decimalMark === '.' ? /(?<=\d),(?=(?:\d{1,2}|\d{4,})(?!\d))/g : NEVER
  return (text) => {
    const parted = text
      .replaceAll(/(?<=\p{L})(?=\d)|(?<=\d)(?=\p{L})/gu, ' ')
      .replaceAll(notDecimal, ', ')
    const words = rewrite(
      parted,
      pattern,
      ({ sign, amount = '', magnitude: size, times, more, per }, { after }) => {
        const noun = wording.magnitudes[size ?? '']
        const value = readAmount(amount, wording)
        const said = noun ? counted(value, noun, wording) : plainWords(amount, wording, after)
        const factor = times ? ` ${wording.words.times}${/^\d/.test(after) ? ' ' : ''}` : ''
        const each =
          per === undefined ? '' : ` ${wording.words.per} ${wording.perNouns[per] ?? per}`
        const suffix = more ? ` ${wording.words.plus}` : ''
        return signWord(sign, wording) + said + factor + suffix + each
      },
    )
    return words.replaceAll(/\d+/g, (digits) => plainWords(digits, wording, ''))
  }
}

const NEVER = /(?!)/g

function plainWords(written: string, wording: Wording, after: string): string {
  if (/^[12]\d{3}$/.test(written)) return wording.year(written)
  // Zip codes and account numbers have five digits and more, and do not end in noughts as large quantities do.
  const isCode = /^\d{5,}$/.test(written) && !written.endsWith('000')
  if (isCode) return spellInGroups(written, wording)
  if (/^0\d/.test(written) && !/[.,]/.test(written)) return spellDigits(written, wording)
  return amountWords(readAmount(written, wording), wording, wording.counted?.(after))
}
