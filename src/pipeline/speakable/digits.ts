import { spellDigits, spellInGroups } from './amounts.ts'
import type { Wording } from './wording.ts'
import { rewrite } from './patterns.ts'
import type { RuleFor } from './rule.ts'

/** Fewer digits are no phone number of any country. */
const PHONE_DIGITS = 7

/** `+1 (555) 123-4567`, `555-0199`, `030 123456`: digit by digit, with a pause between groups. */
export const phoneRule: RuleFor = (wording) => {
  const any = [
    String.raw`\+\d(?:[\s\u00a0().\/\-–]{0,3}\d){6,14}`,
    String.raw`\(0?\d{2,5}\)\s?\d(?:[\s.\/\-]?\d){4,9}`,
    String.raw`0\d{0,5}(?:[\s.\/\-]{1,3}\d{2,})+`,
    ...wording.phonePatterns,
  ].join('|')
  const pattern = new RegExp(
    String.raw`(?<![\p{L}\d.,$€£#/-])(?<phone>${any})(?![\p{L}\d]|[.,:/-]\d|\s?[%€$£])(?:,?\s?(?:ext\.?|x|extension)\s?(?<extension>\d{1,6})(?!\d))?`,
    'gu',
  )
  return (text) =>
    rewrite(text, pattern, ({ phone = '', extension }) => {
      const groups = phone.match(/\d+/g) ?? []
      if (groups.join('').length < PHONE_DIGITS) return undefined
      const words = groups.map((group) =>
        wording.phoneGroup && group.length <= 4
          ? wording.phoneGroup(group)
          : spellInGroups(group, wording),
      )
      return [
        phone.startsWith('+') ? `${wording.words.plus} ` : '',
        words.join(', '),
        extension === undefined
          ? ''
          : `, ${wording.words.extension} ${spellDigits(extension, wording)}`,
      ].join('')
    })
}

/** `#A12-77`, `B12`, `COVID-19`, `code 4821`, `123-45-6789`. */
export const codeRule: RuleFor = (wording) => {
  const noun = String.raw`(?<=(?<![\p{L}\d])(?:${wording.codeNouns})(?:\s(?:number|code|no\.|Nummer|número|numéro|is|ist|es|est|lautet))*:?\s)`
  const hashed = /(?<![\p{L}\d])#(?:\s(?=\d))?(?<code>[\p{L}\d]+(?:-[\p{L}\d]+)*)/gu
  const named = new RegExp(
    String.raw`${noun}(?<code>\d{3,}(?:-\d+)*|\d+(?:-\d+)+)(?![\p{L}\d:%]|[.,/]\d)`,
    'giu',
  )
  const mixed =
    /(?<![\p{L}\d@./$€£-])(?=[\p{Lu}\d-]*\p{Lu})(?=[\p{Lu}-]*\d)(?<code>\p{Lu}[\p{Lu}\d]*(?:-[\p{Lu}\d]+)*|\d+(?:-?\p{Lu}+\d+)+\p{Lu}*(?:-[\p{Lu}\d]+)*)(?![\p{L}\d:]|[.,]\d)/gu
  const dashed = /(?<![\p{L}\d.,-])(?<code>\d+(?:-\d+){2,})(?![\p{L}\d-]|[.,]\d)/gu
  const isNamed = new RegExp(String.raw`(?:${wording.codeNouns}|${wording.words.number})\s$`, 'iu')
  const spell = ({ code = '' }: Readonly<Record<string, string | undefined>>) =>
    wording.currencies[code.replace(/\d+$/, '')] ? undefined : codeWords(code, wording)
  return (text) => {
    const unhashed = rewrite(text, hashed, ({ code = '' }, { before }) => {
      const prefix = isNamed.test(before) || !/\d/.test(code) ? '' : `${wording.words.number} `
      if (/^\d{1,2}$/.test(code)) return prefix + wording.cardinal(String(Number(code)))
      return prefix + (/\d/.test(code) ? codeWords(code, wording, true) : code)
    })
    return rewrite(
      rewrite(
        rewrite(unhashed, named, ({ code = '' }) => codeWords(code, wording, true)),
        mixed,
        spell,
      ),
      dashed,
      ({ code = '' }) => codeWords(code, wording, true),
    )
  }
}

/** A longer run of capitals is a word (COVID), a shorter one letters. */
const WORD_LETTERS = 4

/** Letters one by one, one or two digits as a number (B twelve), more of them digit by digit. */
function codeWords(code: string, wording: Wording, always = false): string {
  const digits = code.replaceAll(/\D/g, '')
  const isSpelled = always || digits.length > 2 || digits.startsWith('0')
  const groups = code.split('-').map((group) =>
    (group.match(/\d+|\D+/gu) ?? [])
      .map((run) => {
        if (/\d/.test(run)) return isSpelled ? spellInGroups(run, wording) : wording.cardinal(run)
        return run.length < WORD_LETTERS ? Array.from(run).join(' ') : run
      })
      .join(' '),
  )
  return groups.join(isSpelled ? ', ' : ' ')
}
