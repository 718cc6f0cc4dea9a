import type { Wording } from './wording.ts'
import { capitalised, endsSentence, rewrite, wordsPattern, type Around } from './patterns.ts'
import type { Rule, RuleFor } from './rule.ts'

const ISO =
  /(?<![\p{L}\d])(?<year>[12]\d{3})-(?<month>[01]\d)-(?<day>[0-3]\d)(?![\p{L}\d-]|\.\d)(?:T(?=\d\d:))?/gu
const NUMERIC =
  /(?<![\p{L}\d.,/-])(?<first>[0-3]?\d)(?<mark>[/.-])(?<second>[0-3]?\d)\k<mark>(?<year>[12]\d{3}|\d{2})(?![\p{L}\d/-]|[.,]\d)/gu
/** Day and month only: dotted as German writes it, or after a word that announces a date. */
const DOTTED = /(?<![\p{L}\d.,/-])(?<first>[0-3]?\d)\.\s?(?<second>[01]?\d)\.(?![\p{L}\d])/gu
const SLASHED = /(?<![\p{L}\d.,/-])(?<first>[0-3]?\d)\/(?<second>[0-3]?\d)(?![\p{L}\d/%]|[.,]\d)/gu

type Groups = Readonly<Record<string, string | undefined>>

/** `2026-11-21`, `11/21/2026`, `21.11.2026`, `May 3rd`, `Nov. 21-23, 2026`. */
export const dateRule: RuleFor = (wording) => {
  const numeric = (groups: Groups, around: Around) => {
    // A version or an amount may look like 1.2.10; with a dot or a dash only a full year makes a date of it.
    const isSure =
      groups['mark'] === '/' || groups['year']?.length === 4 || wording.decimalMark === ','
    return isSure ? numericDate(groups, around, wording) : undefined
  }
  const inWords = ({ day, toDay, month = '', year }: Groups, { before }: Around) =>
    spoken(
      {
        day,
        month: String(wording.months[month.toLowerCase().replace('.', '')] ?? 0),
        year,
        toDay,
      },
      before,
      wording,
    )
  const slashed = (groups: Groups, around: Around) => {
    const fraction = Number(groups['first']) < Number(groups['second'])
    const isDate = !fraction || Number(groups['second']) > 10 || ANNOUNCED.test(around.before)
    return isDate ? numericDate(groups, around, wording) : undefined
  }
  const rules: Rule[] = [
    (text) =>
      rewrite(text, ISO, ({ year, month, day }, { before, after }) => {
        const words = spoken({ day, month, year, toDay: undefined }, before, wording)
        return words !== undefined && /^\d\d:/.test(after) ? `${words}, ` : words
      }),
    (text) => rewrite(text, NUMERIC, numeric),
    (text) => rewrite(text, SLASHED, slashed),
    ...wording.datePatterns.map(
      (pattern): Rule =>
        (text) =>
          rewrite(text, pattern, inWords),
    ),
  ]
  if (wording.dottedOrdinals) {
    rules.push((text) =>
      rewrite(text, DOTTED, (groups, around) => {
        const words = numericDate(groups, around, wording)
        // The full stop of the month may be that of the sentence too.
        return words === undefined || !/^\s*$/.test(around.after) ? words : `${words}.`
      }),
    )
  }
  return (text) => rules.reduce((result, rule) => rule(result), text)
}

const ANNOUNCED =
  /(?:^|[^\p{L}])(?:on|by|until|since|due|dated?|\p{Lu}\p{L}*day|am|bis|vom|zum|el|le|\p{L}*tag|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche),?\s$/u

function numericDate(
  { first, second, year }: Groups,
  { before }: Around,
  wording: Wording,
): string | undefined {
  const [day, month] = wording.monthFirst ? [second, first] : [first, second]
  const date = { year: fullYear(year), toDay: undefined }
  return (
    spoken({ ...date, day, month }, before, wording) ??
    // A day beyond 12 in the place of the month can only be the other order.
    spoken({ ...date, day: month, month: day }, before, wording)
  )
}

/** Two digits mean the years 1970 to 2069. */
function fullYear(year: string | undefined): string | undefined {
  if (year?.length !== 2) return year
  return (Number(year) < 70 ? '20' : '19') + year
}

function spoken(
  date: Record<'day' | 'month' | 'year' | 'toDay', string | undefined>,
  before: string,
  wording: Wording,
): string | undefined {
  const [day, month] = [Number(date.day), Number(date.month)]
  const toDay = date.toDay === undefined ? undefined : Number(date.toDay)
  const isDay = (value: number) => value >= 1 && value <= (LONGEST_MONTH[month - 1] ?? 0)
  if (!isDay(day) || (toDay !== undefined && !isDay(toDay))) return undefined
  return wording.date({ day, month, toDay, year: date.year }, before)
}
const LONGEST_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** `Mon-Fri`, `Jan–Mar`, and short names of weekdays where a time or a date follows. */
export const weekdayRule: RuleFor = (wording) => {
  const names = { ...wording.weekdays }
  for (const full of Object.values(wording.weekdays)) names[full] = full
  const name = wordsPattern(Object.keys(names))
  const months = Object.keys(wording.months)
  const month = wordsPattern([...months, ...months.map(capitalised)])
  const range = new RegExp(
    String.raw`(?<![\p{L}\d])(?<from>${name})\.?\s?[-–—]\s?(?<to>${name})(?![\p{L}\d])(?:\.(?!\s*$|\s+\p{Lu}))?`,
    'gu',
  )
  const dated = new RegExp(
    String.raw`(?<![\p{L}\d-])(?<name>${wordsPattern(Object.keys(wording.weekdays).filter((short) => short.length > 1))})(?:\.(?<comma>,)?|(?<bareComma>,)?)(?=\s+(?:(?:at|um|a las|à)\s)?(?:\d|(?:${month})\.?\s\d))`,
    'gu',
  )
  const short = wordsPattern(Object.keys(wording.weekdays).filter((day) => day.length > 1))
  const listed = new RegExp(
    String.raw`(?<![\p{L}\d-])(?:(?<name>${short})\.(?=,|\s+(?:${LINKS})\s)|(?<=(?:${LINKS}|on|am|el|le)\s)(?<last>${short})\.)(?!\p{L})`,
    'gu',
  )
  return (text) => {
    const ranges = rewrite(text, range, ({ from = '', to = '' }) => {
      return `${names[from] ?? from} ${wording.words.to} ${names[to] ?? to}`
    })
    const dates = rewrite(ranges, dated, ({ name: day = '', comma, bareComma }) => {
      return `${names[day] ?? day}${comma ?? bareComma ?? ''}`
    })
    return rewrite(dates, listed, ({ name: day, last = '' }, { after }) => {
      return (names[day ?? last] ?? last) + (day === undefined && endsSentence(after) ? '.' : '')
    })
  }
}
const LINKS = 'and|or|und|oder|y|o|et|ou'
