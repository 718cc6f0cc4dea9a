import { toCardinal, toOrdinal } from 'n2words/de-DE'
import { GERMAN_ABBREVIATIONS, GERMAN_TITLES } from './german-abbreviations.ts'
import type { CalendarDate, Gender, Wording } from './wording.ts'
import { monthTable, wordsPattern } from './patterns.ts'

const MONTH_NAMES = [
  'Januar',
  'Februar',
  'März',
  'April',
  'Mai',
  'Juni',
  'Juli',
  'August',
  'September',
  'Oktober',
  'November',
  'Dezember',
]
const SHORT_MONTHS = [
  'Jan',
  'Feb',
  'Mär',
  'Apr',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Sept',
  'Okt',
  'Nov',
  'Dez',
]
const MONTH = wordsPattern([...MONTH_NAMES, 'Jänner', ...SHORT_MONTHS.flatMap((m) => [`${m}.`, m])])
const DIGITS = ['null', 'eins', 'zwei', 'drei', 'vier', 'fünf', 'sechs', 'sieben', 'acht', 'neun']

export const GERMAN: Wording = {
  decimalMark: ',',
  groupMark: "[.'’\u00a0\u202f]",
  monthFirst: false,
  cardinal,
  decimals: (digits) => Array.from(digits, (digit) => DIGITS[Number(digit)]).join(' '),
  isOne: ({ whole, fraction }) => whole === '1' && fraction === '',
  year: yearWords,
  date: dateWords,
  time: ({ hour, minute }) =>
    `${cardinal(String(hour), 'n')} Uhr${minute ? ` ${cardinal(String(minute))}` : ''}`,
  timePattern:
    /(?<![\p{L}\d:.,])(?<hour>[01]?\d|2[0-4])(?:(?::(?<minute>[0-5]\d)|\.(?<dotMinute>[0-5]\d)(?=\s?(?:Uhr|h\b)))(?:\s?(?:Uhr|h\b))?|\s?Uhr(?:\s(?<lateMinute>[0-5]\d))?)(?![\p{L}\d:])/gu,
  datePatterns: [
    new RegExp(
      String.raw`(?<![\p{L}\d.,:])(?<day>[0-3]?\d)\.(?:\s?(?:[-–—]|bis)\s?(?<toDay>[0-3]?\d)\.)?\s?(?<month>${MONTH})(?:\s(?<year>[12]\d{3}))?(?![\p{L}\d])`,
      'gu',
    ),
  ],
  months: { ...monthTable(MONTH_NAMES, SHORT_MONTHS), jänner: 1 },
  weekdays: {
    Mo: 'Montag',
    Di: 'Dienstag',
    Mi: 'Mittwoch',
    Do: 'Donnerstag',
    Fr: 'Freitag',
    Sa: 'Samstag',
    So: 'Sonntag',
  },
  // A full stop after a number may end the sentence: it is an ordinal before a word that goes on, or that is counted.
  ordinalPattern:
    /(?<![\p{L}\d.,])(?<number>\d{1,3})\.(?=\s(?:\p{Ll}|(?:Stock|Etage|Klasse|Mal|Platz|Quartal|Halbjahr|Jahrhundert|Tag|Woche|Monat|Jahr|Obergeschoss|Untergeschoss|Geburtstag|Stunde|Termin|Person|Reihe|Rang|Semester|Versuch|Teil|Kapitel|Schritt|Punkt)\b))/gu,
  ordinal: ({ number = '' }, { before }) => {
    const value = Number(number)
    return value > 0 ? inflected(value, before, 'e') : undefined
  },
  fraction: fractionWords,
  phonePatterns: [],
  currencies: {
    '€': {
      unit: { one: 'Euro', many: 'Euro', gender: 'm' },
      cent: { one: 'Cent', many: 'Cent', gender: 'm' },
    },
    EUR: {
      unit: { one: 'Euro', many: 'Euro', gender: 'm' },
      cent: { one: 'Cent', many: 'Cent', gender: 'm' },
    },
    $: {
      unit: { one: 'Dollar', many: 'Dollar', gender: 'm' },
      cent: { one: 'Cent', many: 'Cent', gender: 'm' },
    },
    USD: {
      unit: { one: 'US-Dollar', many: 'US-Dollar', gender: 'm' },
      cent: { one: 'Cent', many: 'Cent', gender: 'm' },
    },
    '£': {
      unit: { one: 'Pfund', many: 'Pfund', gender: 'n' },
      cent: { one: 'Penny', many: 'Pence', gender: 'm' },
    },
    GBP: {
      unit: { one: 'Pfund', many: 'Pfund', gender: 'n' },
      cent: { one: 'Penny', many: 'Pence', gender: 'm' },
    },
    CHF: {
      unit: { one: 'Schweizer Franken', many: 'Schweizer Franken', gender: 'm' },
      cent: { one: 'Rappen', many: 'Rappen', gender: 'm' },
    },
    '¥': { unit: { one: 'Yen', many: 'Yen', gender: 'm' } },
  },
  centJoin: ' und ',
  magnitudes: {
    Tsd: { one: 'Tausend', many: 'Tausend' },
    Tausend: { one: 'Tausend', many: 'Tausend' },
    Mio: { one: 'Million', many: 'Millionen', gender: 'f' },
    Million: { one: 'Million', many: 'Millionen', gender: 'f' },
    Millionen: { one: 'Million', many: 'Millionen', gender: 'f' },
    Mrd: { one: 'Milliarde', many: 'Milliarden', gender: 'f' },
    Milliarde: { one: 'Milliarde', many: 'Milliarden', gender: 'f' },
    Milliarden: { one: 'Milliarde', many: 'Milliarden', gender: 'f' },
  },
  ofMillion: (noun) => ` ${noun}`,
  counted: (after) => {
    const noun = /^\s(\p{Lu}\p{Ll}+)/u.exec(after)?.[1]
    if (noun === undefined) return undefined
    return /(?:e|ung|heit|keit|schaft|ion|tät|Person|Nacht|Nummer)$/.test(noun) ? 'f' : 'm'
  },
  units: {
    km: { one: 'Kilometer', many: 'Kilometer', gender: 'm' },
    m: { one: 'Meter', many: 'Meter', gender: 'm' },
    cm: { one: 'Zentimeter', many: 'Zentimeter', gender: 'm' },
    mm: { one: 'Millimeter', many: 'Millimeter', gender: 'm' },
    'm²': { one: 'Quadratmeter', many: 'Quadratmeter', gender: 'm' },
    qm: { one: 'Quadratmeter', many: 'Quadratmeter', gender: 'm' },
    'm³': { one: 'Kubikmeter', many: 'Kubikmeter', gender: 'm' },
    'km/h': { one: 'Kilometer pro Stunde', many: 'Kilometer pro Stunde', gender: 'm' },
    kg: { one: 'Kilogramm', many: 'Kilogramm', gender: 'n' },
    g: { one: 'Gramm', many: 'Gramm', gender: 'n' },
    mg: { one: 'Milligramm', many: 'Milligramm', gender: 'n' },
    t: { one: 'Tonne', many: 'Tonnen', gender: 'f' },
    l: { one: 'Liter', many: 'Liter', gender: 'm' },
    L: { one: 'Liter', many: 'Liter', gender: 'm' },
    ml: { one: 'Milliliter', many: 'Milliliter', gender: 'm' },
    h: { one: 'Stunde', many: 'Stunden', gender: 'f' },
    Std: { one: 'Stunde', many: 'Stunden', gender: 'f' },
    'Std.': { one: 'Stunde', many: 'Stunden', gender: 'f' },
    min: { one: 'Minute', many: 'Minuten', gender: 'f' },
    Min: { one: 'Minute', many: 'Minuten', gender: 'f' },
    'Min.': { one: 'Minute', many: 'Minuten', gender: 'f' },
    Sek: { one: 'Sekunde', many: 'Sekunden', gender: 'f' },
    'Sek.': { one: 'Sekunde', many: 'Sekunden', gender: 'f' },
    MB: { one: 'Megabyte', many: 'Megabyte', gender: 'n' },
    GB: { one: 'Gigabyte', many: 'Gigabyte', gender: 'n' },
    kW: { one: 'Kilowatt', many: 'Kilowatt', gender: 'n' },
    kWh: { one: 'Kilowattstunde', many: 'Kilowattstunden', gender: 'f' },
    '°C': { one: 'Grad Celsius', many: 'Grad Celsius', gender: 'n' },
    '°F': { one: 'Grad Fahrenheit', many: 'Grad Fahrenheit', gender: 'n' },
    '°': { one: 'Grad', many: 'Grad', gender: 'n' },
    '%': { one: 'Prozent', many: 'Prozent', gender: 'n' },
  },
  perNouns: {
    Monat: 'Monat',
    Mon: 'Monat',
    Std: 'Stunde',
    h: 'Stunde',
    Tag: 'Tag',
    Jahr: 'Jahr',
    min: 'Minute',
  },
  abbreviations: GERMAN_ABBREVIATIONS,
  titles: GERMAN_TITLES,
  dotted: [
    'Nr.',
    'Str.',
    'Co.',
    'Jan.',
    'Feb.',
    'Mär.',
    'Apr.',
    'Jun.',
    'Jul.',
    'Aug.',
    'Sept.',
    'Sep.',
    'Okt.',
    'Nov.',
    'Dez.',
    'Mo.',
    'Di.',
    'Mi.',
    'Do.',
    'Sa.',
    'Min.',
    'Sek.',
  ],
  dottedOrdinals: true,
  suffixes: ['str.'],
  rewrites: [
    [/(?<![\p{L}\d])24\/7(?![\p{L}\d])/gu, 'vierundzwanzig sieben'],
    [/(?<![\p{L}\d])und\/oder(?!\p{L})/gu, 'und oder'],
    [/(?<![\p{L}\d])Nr\.(?=\s?[\dA-Z])/gu, 'Nummer'],
    [/(?<=\p{L})str\.(?=\s|,|$)/gu, 'straße'],
    [/(?<![\p{L}\d])Str\.(?=\s|,|$)/gu, 'Straße'],
    [/(?<![\p{L}\d])Fr\.(?=,?\s\d|\s?[-–])/gu, 'Freitag'],
  ],
  codeNouns:
    'code|pin|passwort|bestellung|bestellnummer|auftragsnummer|kundennummer|rechnungsnummer|kontonummer|referenz|referenznummer|buchungsnummer|vertragsnummer|aktenzeichen|plz|postleitzahl|durchwahl|ticket|vorgang',
  words: {
    digits: DIGITS,
    point: 'Komma',
    minus: 'minus',
    plus: 'plus',
    percent: 'Prozent',
    and: 'und',
    or: 'oder',
    at: 'at',
    dot: 'Punkt',
    slash: 'Schrägstrich',
    dash: 'Bindestrich',
    underscore: 'Unterstrich',
    to: 'bis',
    number: 'Nummer',
    extension: 'Durchwahl',
    per: 'pro',
    times: 'mal',
    equals: 'gleich',
    lessThan: 'weniger als',
    greaterThan: 'mehr als',
    about: 'ungefähr',
    degrees: 'Grad',
    star: 'Stern',
    hash: 'Raute',
  },
}

function cardinal(whole: string, gender?: Gender): string {
  if (whole === '1' && gender) return gender === 'f' ? 'eine' : 'ein'
  // The library says the number zero and the absence of one with the same German word; here only the number is meant.
  return toCardinal(whole)
}

/** Years of a century are counted in hundreds: *neunzehnhundertneunundneunzig*. */
function yearWords(year: string): string {
  const value = Number(year)
  if (value < 1100 || value >= 2000) return toCardinal(year)
  const rest = value % 100
  return `${toCardinal(Math.floor(value / 100))}hundert${rest === 0 ? '' : toCardinal(rest)}`
}

const WITH_EN =
  /(?:^|[\s(])(?:am|dem|den|der nächsten|zum|vom|beim|im|ab|seit|bis|des|diesem|diesen|jedem|jeden|ihrem|ihren|meinem|unserem)\s(?:\p{Lu}\p{L}+,?\s(?:den\s|dem\s)?)?$/iu
const WITH_E = /(?:^|[\s(])(?:der|die|das|diese|jede)\s$/iu

/** *am dritten*, *der dritte*; `otherwise` is the ending where no article tells. */
function inflected(value: number, before: string, otherwise: 'e' | 'er'): string {
  const stem = toOrdinal(value).replace(/e$/, '')
  if (WITH_E.test(before)) return `${stem}e`
  return stem + (WITH_EN.test(before) ? 'en' : otherwise)
}

function dateWords({ day, toDay, month, year }: CalendarDate, before: string): string {
  const first = inflected(day, before, 'er')
  const span = toDay === undefined ? first : `${first} bis ${inflected(toDay, 'zum ', 'er')}`
  const name = MONTH_NAMES[month - 1] ?? ''
  return `${span} ${name}${year === undefined ? '' : ` ${yearWords(year)}`}`
}

function fractionWords(numerator: number, denominator: number): string | undefined {
  if (denominator < 2 || denominator > 100) return undefined
  if (denominator === 2) return numerator === 1 ? 'ein halb' : `${toCardinal(numerator)} halbe`
  const part = `${toOrdinal(denominator).replace(/e$/, '')}el`
  const name = part.charAt(0).toUpperCase() + part.slice(1)
  return `${numerator === 1 ? 'ein' : toCardinal(numerator)} ${name}`
}
