import type { Amount, Gender, Wording, Noun } from './wording.ts'

/** Regular expression of a number as the language writes it, with or without groups of thousands and decimals. */
export function numberPattern({ groupMark, decimalMark }: Wording): string {
  const grouped = String.raw`\d{1,3}(?:${groupMark}\d{3})+(?!\d)(?:[${decimalMark}]\d+)?`
  return String.raw`(?:${grouped}|\d+(?:[.,]\d+)?)`
}

/**
 * The digits of a number that `numberPattern` matched. A mark that is not the language's own is taken for what it can
 * only be: `2.5` is two and a half in German too, `1.200` is not.
 */
export function readAmount(written: string, { decimalMark }: Wording): Amount {
  const text = written.replaceAll(/[\s'’\u00a0\u202f]/g, '')
  const marks = Array.from(text.matchAll(/[.,]/g))
  const last = marks.at(-1)
  if (!last) return { whole: text, fraction: '' }
  const fraction = text.slice(last.index + 1)
  const isDecimal =
    marks.length === 1
      ? last[0] === decimalMark || fraction.length !== 3
      : new Set(marks.map(([mark]) => mark)).size === 2
  const digits = (part: string) => part.replaceAll(/[.,]/g, '')
  if (!isDecimal) return { whole: digits(text), fraction: '' }
  return { whole: digits(text.slice(0, last.index)), fraction }
}

export function spellDigits(digits: string, { words }: Wording): string {
  return Array.from(digits, (digit) => words.digits[Number(digit)]).join(' ')
}

/** Numbers of more digits than this are no quantities. */
const LONGEST_CARDINAL = 15

/** The number in words; `gender` is that of the noun which follows. */
export function amountWords(amount: Amount, wording: Wording, gender?: Gender): string {
  const { whole, fraction } = amount
  const isQuantity = whole.length <= LONGEST_CARDINAL && !/^0\d/.test(whole)
  if (!isQuantity) return spellDigits(whole + fraction, wording)
  if (fraction === '') return wording.cardinal(whole, gender)
  return `${wording.cardinal(whole)} ${wording.words.point} ${wording.decimals(fraction)}`
}

/** The number and the noun that it counts: *one mile*, *2.5 miles*. */
export function counted(amount: Amount, noun: Noun, wording: Wording): string {
  const words = amountWords(amount, wording, noun.gender)
  return `${words}${ofWhole(amount, wording)(wording.isOne(amount) ? noun.one : noun.many)}`
}

/** Whole millions take a link in some languages: *un millón de euros*. */
function ofWhole({ whole, fraction }: Amount, wording: Wording): (noun: string) => string {
  const isMillions = fraction === '' && whole.length > 6 && /^[1-9]\d*0{6}$/.test(whole)
  return isMillions ? (noun) => wording.ofMillion(noun) : (noun) => ` ${noun}`
}

/**
 * Digits that are no quantity, such as those of a phone number or a code, in groups that can be taken in: short ones as
 * they are, ten as 3-3-4, longer ones in threes or fours.
 */
export function groupsOf(digits: string): string[] {
  if (digits.length <= 5) return [digits]
  if (digits.length === 7) return [digits.slice(0, 3), digits.slice(3)]
  if (digits.length === 10) return [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)]
  const size = digits.length % 4 === 0 ? 4 : 3
  const groups: string[] = []
  let at = 0
  while (digits.length - at > size + 1) {
    groups.push(digits.slice(at, at + size))
    at += size
  }
  return [...groups, digits.slice(at)]
}

/** Digit by digit, with a pause between groups. */
export function spellInGroups(digits: string, wording: Wording): string {
  return groupsOf(digits)
    .map((group) => spellDigits(group, wording))
    .join(', ')
}
