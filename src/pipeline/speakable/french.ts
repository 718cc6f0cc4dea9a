import { toCardinal, toOrdinal } from 'n2words/fr-FR'
import type { CalendarDate, Currency, Gender, Wording, Noun } from './wording.ts'
import { monthTable, wordsPattern } from './patterns.ts'

const MONTH_NAMES = [
  'janvier',
  'février',
  'mars',
  'avril',
  'mai',
  'juin',
  'juillet',
  'août',
  'septembre',
  'octobre',
  'novembre',
  'décembre',
]
const SHORT_MONTHS = ['janv', 'févr', 'avr', 'juil', 'sept', 'oct', 'nov', 'déc']
const MONTH = wordsPattern([
  ...MONTH_NAMES,
  ...SHORT_MONTHS.flatMap((month) => [`${month}.`, month]),
])
const DIGITS = ['zéro', 'un', 'deux', 'trois', 'quatre', 'cinq', 'six', 'sept', 'huit', 'neuf']

const m = (one: string, many = `${one}s`): Noun => ({ one, many, gender: 'm' })
const f = (one: string, many = `${one}s`): Noun => ({ one, many, gender: 'f' })
const money = (unit: Noun, cent: Noun): Currency => ({ unit, cent })

export const FRENCH: Wording = {
  decimalMark: ',',
  groupMark: '[.\u00a0\u202f ]',
  monthFirst: false,
  cardinal,
  decimals: (digits) =>
    digits.length === 2 && !digits.startsWith('0')
      ? cardinal(digits)
      : Array.from(digits, (digit) => DIGITS[Number(digit)]).join(' '),
  isOne: ({ whole }) => whole === '0' || whole === '1',
  year: (year) => cardinal(year),
  date: dateWords,
  time: ({ hour, minute }) =>
    `${cardinal(String(hour), 'f')} heure${hour < 2 ? '' : 's'}${minute ? ` ${cardinal(String(minute))}` : ''}`,
  timePattern:
    /(?<![\p{L}\d:.,])(?<hour>[01]?\d|2[0-4])(?::(?<minute>[0-5]\d)(?:\s?h)?|\s?(?:h|heures?)(?:\s?(?<lateMinute>[0-5]\d))?)(?![\p{L}\d:/])/giu,
  datePatterns: [
    new RegExp(
      String.raw`(?<![\p{L}\d.,:])(?<day>[0-3]?\d)(?:er)?(?:\s?(?:[-–—]|au)\s?(?<toDay>[0-3]?\d))?\s(?<month>${MONTH})(?:\s(?<year>[12]\d{3}))?(?![\p{L}\d])`,
      'giu',
    ),
  ],
  months: monthTable(MONTH_NAMES, SHORT_MONTHS),
  weekdays: {
    lun: 'lundi',
    mar: 'mardi',
    mer: 'mercredi',
    jeu: 'jeudi',
    ven: 'vendredi',
    sam: 'samedi',
    dim: 'dimanche',
  },
  ordinalPattern:
    /(?<![\p{L}\d.,])(?<number>\d{1,4})(?:er|(?<feminine>re|ère)|e|è|ème|eme|nd|(?<second>nde))(?![\p{L}\d])/gu,
  ordinal: ({ number = '', feminine, second }) => {
    if (Number(number) === 0) return undefined
    if (number === '1') return feminine ? 'première' : 'premier'
    return second ? 'seconde' : toOrdinal(number)
  },
  fraction: fractionWords,
  phoneGroup: (digits) => {
    if (digits.length !== 2) return Array.from(digits, (digit) => DIGITS[Number(digit)]).join(' ')
    return digits.startsWith('0') ? `zéro ${cardinal(digits.slice(1))}` : cardinal(digits)
  },
  phonePatterns: [],
  currencies: {
    '€': money(m('euro'), m('centime')),
    EUR: money(m('euro'), m('centime')),
    $: money(m('dollar'), m('cent')),
    US$: money(m('dollar'), m('cent')),
    USD: money(m('dollar'), m('cent')),
    CAD: money(m('dollar canadien', 'dollars canadiens'), m('cent')),
    '£': money(f('livre'), m('penny', 'pence')),
    GBP: money(f('livre'), m('penny', 'pence')),
    CHF: money(m('franc suisse', 'francs suisses'), m('centime')),
    '¥': { unit: m('yen', 'yens') },
  },
  centJoin: ' et ',
  magnitudes: {
    mille: { one: 'mille', many: 'mille' },
    k: { one: 'mille', many: 'mille' },
    M: m('million'),
    million: m('million'),
    millions: m('million'),
    Md: m('milliard'),
    milliard: m('milliard'),
    milliards: m('milliard'),
  },
  ofMillion: (noun) => (/^[aeiouhéèê]/i.test(noun) ? ` d’${noun}` : ` de ${noun}`),
  counted: (after) => {
    const noun = /^[\s-](\p{Ll}{3,})/u.exec(after)?.[1]
    return noun !== undefined && FEMININE.test(noun) ? 'f' : undefined
  },
  units: {
    km: m('kilomètre'),
    m: m('mètre'),
    cm: m('centimètre'),
    mm: m('millimètre'),
    'm²': m('mètre carré', 'mètres carrés'),
    'km/h': m('kilomètre heure', 'kilomètres heure'),
    kg: m('kilo'),
    g: m('gramme'),
    mg: m('milligramme'),
    l: m('litre'),
    L: m('litre'),
    ml: m('millilitre'),
    min: f('minute'),
    mn: f('minute'),
    s: f('seconde'),
    Mo: m('mégaoctet'),
    Go: m('gigaoctet'),
    kW: m('kilowatt'),
    kWh: m('kilowattheure'),
    '°C': m('degré Celsius', 'degrés Celsius'),
    '°F': m('degré Fahrenheit', 'degrés Fahrenheit'),
    '°': m('degré'),
    '%': { one: 'pour cent', many: 'pour cent' },
  },
  perNouns: { h: 'heure', min: 'minute' },
  abbreviations: {
    'p. ex.': 'par exemple',
    'p.ex.': 'par exemple',
    'c.-à-d.': 'c’est-à-dire',
    'etc.': 'et cetera',
    'env.': 'environ',
    'av.': 'avenue',
    'Av.': 'Avenue',
    'bd.': 'boulevard',
    'Bd.': 'Boulevard',
    'boul.': 'boulevard',
    'tél.': 'téléphone',
    'Tél.': 'Téléphone',
    'appt.': 'appartement',
    'bât.': 'bâtiment',
    'max.': 'maximum',
    'min.': 'minimum',
    'Cie.': 'compagnie',
  },
  titles: {
    'M.': 'Monsieur',
    'MM.': 'Messieurs',
    'Mme.': 'Madame',
    Mme: 'Madame',
    'Mlle.': 'Mademoiselle',
    Mlle: 'Mademoiselle',
    'Dr.': 'Docteur',
    Dr: 'Docteur',
    'Pr.': 'Professeur',
    'Me.': 'Maître',
    'St.': 'Saint',
    'Ste.': 'Sainte',
  },
  dotted: [
    'No.',
    'no.',
    ...SHORT_MONTHS.map((month) => `${month}.`),
    'lun.',
    'mer.',
    'jeu.',
    'ven.',
    'sam.',
    'dim.',
  ],
  dottedOrdinals: false,
  suffixes: [],
  rewrites: [
    [/(?<![\p{L}\d])24\/7(?![\p{L}\d])|(?<![\p{L}\d])7j\/7(?![\p{L}\d])/gu, 'sept jours sur sept'],
    [/(?<![\p{L}\d])24h\/24(?![\p{L}\d])/gu, 'vingt-quatre heures sur vingt-quatre'],
    [/(?<![\p{L}\d])et\/ou(?!\p{L})/gu, 'et ou'],
    [/(?<![\p{L}\d])(?:[nN]°|[nN]º|[nN]o\.)\s?(?=\d)/gu, 'numéro '],
  ],
  codeNouns:
    'code|pin|mot de passe|commande|référence|confirmation|compte|facture|dossier|réservation|poste|code postal|vol|ticket',
  words: {
    digits: DIGITS,
    point: 'virgule',
    minus: 'moins',
    plus: 'plus',
    percent: 'pour cent',
    and: 'et',
    or: 'ou',
    at: 'arobase',
    dot: 'point',
    slash: 'barre oblique',
    dash: 'tiret',
    underscore: 'tiret bas',
    to: 'à',
    number: 'numéro',
    extension: 'poste',
    per: 'par',
    times: 'fois',
    equals: 'égale',
    lessThan: 'moins de',
    greaterThan: 'plus de',
    about: 'environ',
    degrees: 'degrés',
    star: 'étoile',
    hash: 'dièse',
  },
}

const FEMININE =
  /^(?:personnes?|heures?|minutes?|secondes?|semaines?|années?|nuits?|journées?|places?|chambres?|tables?|fois|pages?|pièces?|livres?|factures?|questions?|options?|rues?)$/

function cardinal(whole: string, gender?: Gender): string {
  const words = toCardinal(whole)
  return gender === 'f' ? words.replace(/(?<!\p{L})un$/u, 'une') : words
}

function dateWords({ day, toDay, month, year }: CalendarDate): string {
  const first = day === 1 ? 'premier' : cardinal(String(day))
  const span = toDay === undefined ? first : `${first} au ${cardinal(String(toDay))}`
  return `${span} ${MONTH_NAMES[month - 1] ?? ''}${year === undefined ? '' : ` ${cardinal(year)}`}`
}

function fractionWords(numerator: number, denominator: number): string | undefined {
  if (denominator < 2 || denominator > 100) return undefined
  const plural = numerator === 1 ? '' : 's'
  const count = cardinal(String(numerator))
  if (denominator === 2) return numerator === 1 ? 'un demi' : `${count} demis`
  if (denominator === 3) return `${count} tiers`
  if (denominator === 4) return `${count} quart${plural}`
  return `${count} ${toOrdinal(denominator)}${plural}`
}
