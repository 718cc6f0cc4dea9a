import { toCardinal as british } from 'n2words/en-GB'
import { toCardinal as american, toOrdinal } from 'n2words/en-US'
import { ENGLISH_ABBREVIATIONS, ENGLISH_REWRITES, ENGLISH_TITLES } from './english-abbreviations.ts'
import { englishUnits } from './english-units.ts'
import type { CalendarDate, ClockTime, Wording } from './wording.ts'
import { monthTable, wordsPattern } from './patterns.ts'

const MONTH_NAMES = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const MONTHS = monthTable(MONTH_NAMES, ['sept', ...MONTH_NAMES.map((name) => name.slice(0, 3))])
const MONTH = wordsPattern([
  ...MONTH_NAMES,
  'Sept.',
  'Sept',
  ...MONTH_NAMES.flatMap((name) => [`${name.slice(0, 3)}.`, name.slice(0, 3)]),
])

export type EnglishVariant = 'en-US' | 'en-CA' | 'en-GB'

/** @param region of a BCP 47 tag, in lower case */
export function englishVariant(region: string | undefined): EnglishVariant {
  if (region === undefined || ['us', 'ph', 'pr'].includes(region)) return 'en-US'
  return region === 'ca' ? 'en-CA' : 'en-GB'
}

/** The United States put the month first; they and Canada leave out the *and* of *one hundred and one*. */
export function english(variant: EnglishVariant): Wording {
  const isAmerican = variant !== 'en-GB'
  const cardinal = (whole: string) => (isAmerican ? american(whole) : british(whole))
  return {
    ...ENGLISH,
    monthFirst: variant === 'en-US',
    cardinal,
    year: (year) => yearWords(Number(year), cardinal),
    date: (date, before) => dateWords(date, before, cardinal, isAmerican),
    time: (time) => timeWords(time, cardinal),
    words: { ...ENGLISH.words, hash: isAmerican ? 'pound' : 'hash' },
    units: englishUnits(isAmerican ? 'meter' : 'metre', isAmerican ? 'liter' : 'litre'),
  }
}

const ENGLISH: Omit<Wording, 'monthFirst' | 'cardinal' | 'year' | 'date' | 'time' | 'units'> = {
  decimalMark: '.',
  groupMark: ',',
  decimals: (digits) => Array.from(digits, (digit) => DIGITS[Number(digit)]).join(' '),
  isOne: ({ whole, fraction }) => whole === '1' && fraction === '',
  timePattern:
    /(?<![\p{L}\d:.,])(?<hour>[01]?\d|2[0-3])(?::(?<minute>[0-5]\d)(?:\s?(?<half>[ap](?:\.\s?m\.|m\b)))?|\s?(?<hourHalf>[ap](?:\.\s?m\.|m\b)))(?![\p{L}\d:])/giu,
  datePatterns: [
    new RegExp(
      `(?<![\\p{L}\\d])(?<month>${MONTH})\\s(?<day>[0-3]?\\d)(?:st|nd|rd|th)?(?:\\s?[-–—]\\s?(?<toDay>[0-3]?\\d)(?:st|nd|rd|th)?)?(?:,?\\s(?<year>[12]\\d{3}))?(?![\\d:%]|[.,]\\d|\\s?[ap]\\.?m\\b)`,
      'gu',
    ),
    new RegExp(
      `(?<![\\p{L}\\d.,:])(?<day>[0-3]?\\d)(?:st|nd|rd|th)?(?:\\s?[-–—]\\s?(?<toDay>[0-3]?\\d)(?:st|nd|rd|th)?)?\\s(?:of\\s)?(?<month>${MONTH})(?:,?\\s(?<year>[12]\\d{3}))?(?![\\p{L}\\d])`,
      'gu',
    ),
  ],
  months: MONTHS,
  weekdays: {
    M: 'Monday',
    F: 'Friday',
    Mon: 'Monday',
    Tue: 'Tuesday',
    Tues: 'Tuesday',
    Wed: 'Wednesday',
    Thu: 'Thursday',
    Thur: 'Thursday',
    Thurs: 'Thursday',
    Fri: 'Friday',
    Sat: 'Saturday',
    Sun: 'Sunday',
  },
  ordinalPattern:
    /(?<![\p{L}\d.,])(?<number>\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)(?![\p{L}\d])/giu,
  ordinal: ({ number = '' }) => {
    const digits = number.replaceAll(',', '')
    return Number(digits) > 0 && digits.length <= 9 ? toOrdinal(digits) : undefined
  },
  fraction: fractionWords,
  phonePatterns: [
    String.raw`(?:1[\-.\s])?\d{3}[\-.\s]\d{3}[\-.\s]\d{4}`,
    String.raw`(?:1[\-.\s])?\(\d{3}\)\s?\d{3}[\-.\s]\d{4}`,
    String.raw`\d{3}-\d{4}`,
  ],
  currencies: {
    $: { unit: { one: 'dollar', many: 'dollars' }, cent: { one: 'cent', many: 'cents' } },
    US$: { unit: { one: 'US dollar', many: 'US dollars' }, cent: { one: 'cent', many: 'cents' } },
    USD: { unit: { one: 'US dollar', many: 'US dollars' }, cent: { one: 'cent', many: 'cents' } },
    CAD: {
      unit: { one: 'Canadian dollar', many: 'Canadian dollars' },
      cent: { one: 'cent', many: 'cents' },
    },
    AUD: {
      unit: { one: 'Australian dollar', many: 'Australian dollars' },
      cent: { one: 'cent', many: 'cents' },
    },
    '€': { unit: { one: 'euro', many: 'euros' }, cent: { one: 'cent', many: 'cents' } },
    EUR: { unit: { one: 'euro', many: 'euros' }, cent: { one: 'cent', many: 'cents' } },
    '£': { unit: { one: 'pound', many: 'pounds' }, cent: { one: 'penny', many: 'pence' } },
    GBP: { unit: { one: 'pound', many: 'pounds' }, cent: { one: 'penny', many: 'pence' } },
    '¥': { unit: { one: 'yen', many: 'yen' } },
    JPY: { unit: { one: 'yen', many: 'yen' } },
    CHF: {
      unit: { one: 'Swiss franc', many: 'Swiss francs' },
      cent: { one: 'centime', many: 'centimes' },
    },
    MXN: {
      unit: { one: 'Mexican peso', many: 'Mexican pesos' },
      cent: { one: 'centavo', many: 'centavos' },
    },
    '₹': { unit: { one: 'rupee', many: 'rupees' }, cent: { one: 'paisa', many: 'paise' } },
    INR: { unit: { one: 'rupee', many: 'rupees' }, cent: { one: 'paisa', many: 'paise' } },
    '¢': { unit: { one: 'cent', many: 'cents' } },
  },
  centJoin: ' and ',
  magnitudes: {
    thousand: { one: 'thousand', many: 'thousand' },
    million: { one: 'million', many: 'million' },
    billion: { one: 'billion', many: 'billion' },
    trillion: { one: 'trillion', many: 'trillion' },
    k: { one: 'thousand', many: 'thousand' },
    K: { one: 'thousand', many: 'thousand' },
    M: { one: 'million', many: 'million' },
    mn: { one: 'million', many: 'million' },
    B: { one: 'billion', many: 'billion' },
    bn: { one: 'billion', many: 'billion' },
  },
  ofMillion: (noun) => ` ${noun}`,
  perNouns: {
    mo: 'month',
    yr: 'year',
    wk: 'week',
    hr: 'hour',
    h: 'hour',
    min: 'minute',
    s: 'second',
    sec: 'second',
    ea: 'piece',
    pp: 'person',
  },
  abbreviations: ENGLISH_ABBREVIATIONS,
  titles: ENGLISH_TITLES,
  dotted: [
    'a.m.',
    'p.m.',
    'Ms.',
    'St.',
    'No.',
    'Nos.',
    'Ft.',
    'Mt.',
    'Jan.',
    'Feb.',
    'Mar.',
    'Apr.',
    'Jun.',
    'Jul.',
    'Aug.',
    'Sep.',
    'Sept.',
    'Oct.',
    'Nov.',
    'Dec.',
    'Mon.',
    'Tue.',
    'Tues.',
    'Wed.',
    'Thu.',
    'Thur.',
    'Thurs.',
    'Fri.',
  ],
  dottedOrdinals: false,
  suffixes: [],
  rewrites: ENGLISH_REWRITES,
  codeNouns:
    'code|pin|passcode|password|order|reference|ref|confirmation|account|ticket|case|invoice|tracking|policy|member id|id|zip|extension|ext\\.?|ending in|ends in|flight|serial',
  words: {
    digits: ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'],
    point: 'point',
    minus: 'minus',
    plus: 'plus',
    percent: 'percent',
    and: 'and',
    or: 'or',
    at: 'at',
    dot: 'dot',
    slash: 'slash',
    dash: 'dash',
    underscore: 'underscore',
    to: 'to',
    number: 'number',
    extension: 'extension',
    per: 'per',
    times: 'times',
    equals: 'equals',
    lessThan: 'less than',
    greaterThan: 'more than',
    about: 'about',
    degrees: 'degrees',
    star: 'star',
    hash: 'pound',
  },
}
const DIGITS = ENGLISH.words.digits

type Cardinal = (whole: string) => string

/** 1999 is *nineteen ninety-nine*, 2005 *two thousand five*, 1905 *nineteen oh five*. */
function yearWords(year: number, cardinal: Cardinal): string {
  const century = Math.floor(year / 100)
  const rest = year % 100
  if (year % 1000 < 10) return cardinal(String(year))
  if (rest === 0) return `${cardinal(String(century))} hundred`
  return `${cardinal(String(century))} ${rest < 10 ? 'oh ' : ''}${cardinal(String(rest))}`
}

/** Americans say *May third*, others *the third of May*; after the article so do Americans. */
function dateWords(
  date: CalendarDate,
  before: string,
  cardinal: Cardinal,
  isAmerican: boolean,
): string {
  const month = MONTH_NAMES[date.month - 1] ?? ''
  const days =
    date.toDay === undefined
      ? toOrdinal(date.day)
      : `${toOrdinal(date.day)} to ${toOrdinal(date.toDay)}`
  const year = date.year === undefined ? '' : `, ${yearWords(Number(date.year), cardinal)}`
  if (/\bthe\s$/i.test(before)) return `${days} of ${month}${year}`
  return isAmerican ? `${month} ${days}${year}` : `the ${days} of ${month}${year}`
}

/** Half the day is named where it was, or follows from the hour: nobody says *fourteen oh five* on the phone. */
function timeWords({ hour, minute, half }: ClockTime, cardinal: Cardinal): string {
  const isAfternoon = half === 'pm' || (half === undefined && hour > 12)
  const isMorning = half === 'am' || (half === undefined && hour === 0)
  const spokenHour = cardinal(String(hour % 12 === 0 ? 12 : hour % 12))
  const suffix = isAfternoon ? ' p.m.' : isMorning ? ' a.m.' : ''
  if (minute === undefined || minute === 0) return spokenHour + (suffix || " o'clock")
  const minutes = minute < 10 ? `oh ${cardinal(String(minute))}` : cardinal(String(minute))
  return `${spokenHour} ${minutes}${suffix}`
}

function fractionWords(numerator: number, denominator: number): string | undefined {
  if (denominator < 2 || denominator > 100) return undefined
  const count = american(numerator)
  const plural = numerator === 1 ? '' : 's'
  if (denominator === 2) return numerator === 1 ? 'one half' : `${count} halves`
  if (denominator === 4) return `${count} quarter${plural}`
  return `${count} ${toOrdinal(denominator)}${plural}`
}
