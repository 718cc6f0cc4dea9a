import { toCardinal, toOrdinal } from 'n2words/es-ES'
import type { Amount, CalendarDate, ClockTime, Currency, Gender, Wording, Noun } from './wording.ts'
import { SPANISH_ABBREVIATIONS, SPANISH_TITLES } from './spanish-abbreviations.ts'
import { monthTable, wordsPattern } from './patterns.ts'

const MONTH_NAMES = [
  'enero',
  'febrero',
  'marzo',
  'abril',
  'mayo',
  'junio',
  'julio',
  'agosto',
  'septiembre',
  'octubre',
  'noviembre',
  'diciembre',
]
const SHORT_MONTHS = [
  'ene',
  'feb',
  'mar',
  'abr',
  'may',
  'jun',
  'jul',
  'ago',
  'sept',
  'sep',
  'oct',
  'nov',
  'dic',
]
const MONTH = wordsPattern([
  ...MONTH_NAMES,
  'setiembre',
  ...SHORT_MONTHS.flatMap((m) => [`${m}.`, m]),
])
const DIGITS = ['cero', 'uno', 'dos', 'tres', 'cuatro', 'cinco', 'seis', 'siete', 'ocho', 'nueve']
/** Where a point marks decimals, as in the United States. */
const POINT_REGIONS = ['mx', 'us', 'gt', 'hn', 'ni', 'sv', 'do', 'pa', 'pr', 'pe']

const m = (one: string, many = `${one}s`): Noun => ({ one, many, gender: 'm' })
const f = (one: string, many = `${one}s`): Noun => ({ one, many, gender: 'f' })
const money = (unit: Noun, cent: Noun): Currency => ({ unit, cent })

export type SpanishVariant = 'es-ES' | 'es-MX' | 'es-US' | 'es-419'

/** @param region of a BCP 47 tag, in lower case */
export function spanishVariant(region: string | undefined): SpanishVariant {
  if (region === undefined || region === 'es') return 'es-ES'
  if (region === 'mx') return 'es-MX'
  return POINT_REGIONS.includes(region) ? 'es-US' : 'es-419'
}

/** Spain and most of Latin America write 1.200,50, Mexico, the United States and their neighbours 1,200.50. */
export function spanish(variant: SpanishVariant): Wording {
  const usesPoint = variant === 'es-MX' || variant === 'es-US'
  const isSpain = variant === 'es-ES'
  return {
    ...SPANISH,
    decimalMark: usesPoint ? '.' : ',',
    groupMark: usesPoint ? '[,\u00a0\u202f]' : '[.\u00a0\u202f]',
    date: (date) => dateWords(date, isSpain),
    words: {
      ...SPANISH.words,
      point: usesPoint ? 'punto' : 'coma',
      hash: isSpain ? 'almohadilla' : 'numeral',
    },
    currencies:
      variant === 'es-MX'
        ? { ...SPANISH.currencies, $: money(m('peso'), m('centavo')) }
        : SPANISH.currencies,
  }
}

const SPANISH: Wording = {
  decimalMark: ',',
  groupMark: '[.\u00a0\u202f]',
  monthFirst: false,
  cardinal,
  decimals: (digits) =>
    digits.length === 2 && !digits.startsWith('0')
      ? cardinal(digits)
      : Array.from(digits, (digit) => DIGITS[Number(digit)]).join(' '),
  isOne: ({ whole, fraction }: Amount) => whole === '1' && fraction === '',
  year: (year) => cardinal(year),
  date: (date) => dateWords(date, true),
  time: timeWords,
  timePattern:
    /(?<![\p{L}\d:.,])(?<hour>[01]?\d|2[0-3])(?::(?<minute>[0-5]\d)(?:\s?(?:horas|hrs?\b\.?|hs?\b\.?))?(?:\s?(?<half>[ap](?:\.\s?m\.|m\b)))?|\s?(?<hourHalf>[ap](?:\.\s?m\.|m\b)))(?![\p{L}\d:])/giu,
  datePatterns: [
    new RegExp(
      String.raw`(?<![\p{L}\d.,:])(?<day>[0-3]?\d)(?:\.?º|ro|er)?(?:\s?(?:[-–—]|al?)\s?(?<toDay>[0-3]?\d))?\s(?:de\s)?(?<month>${MONTH})(?:,?\s(?:del?\s)?(?<year>[12]\d{3}))?(?![\p{L}\d])`,
      'giu',
    ),
  ],
  months: { ...monthTable(MONTH_NAMES, SHORT_MONTHS), setiembre: 9 },
  weekdays: {
    lun: 'lunes',
    mar: 'martes',
    mié: 'miércoles',
    mie: 'miércoles',
    jue: 'jueves',
    vie: 'viernes',
    sáb: 'sábado',
    sab: 'sábado',
    dom: 'domingo',
    L: 'lunes',
    V: 'viernes',
    S: 'sábado',
    D: 'domingo',
  },
  ordinalPattern:
    /(?<![\p{L}\d.,])(?<number>\d{1,4})(?:\.?º|\.?°(?!\s?[CF])|(?<feminine>\.?ª|ra\b|da\b|ta\b)|(?<short>\.?er\b)|ro\b|do\b|to\b)(?!\p{L})/gu,
  ordinal: ordinalWords,
  fraction: fractionWords,
  phonePatterns: [
    String.raw`[6-9]\d{2}[\s.\-]\d{3}[\s.\-]\d{3}`,
    String.raw`[6-9]\d{2}(?:[\s.\-]\d{2}){3}`,
    String.raw`[89]\d[\s.\-]\d{3}[\s.\-]\d{2}[\s.\-]\d{2}`,
    String.raw`\d{2,3}[\s\-]\d{3,4}[\s\-]\d{4}`,
  ],
  currencies: {
    '€': money(m('euro'), m('céntimo')),
    EUR: money(m('euro'), m('céntimo')),
    $: money(m('dólar', 'dólares'), m('centavo')),
    US$: money(m('dólar', 'dólares'), m('centavo')),
    USD: money(m('dólar', 'dólares'), m('centavo')),
    MXN: money(m('peso mexicano', 'pesos mexicanos'), m('centavo')),
    '£': money(f('libra'), m('penique')),
    GBP: money(f('libra'), m('penique')),
    CHF: money(m('franco suizo', 'francos suizos'), m('céntimo')),
    '¥': { unit: m('yen', 'yenes') },
  },
  centJoin: ' con ',
  magnitudes: {
    mil: { one: 'mil', many: 'mil' },
    millón: { one: 'millón', many: 'millones', gender: 'm' },
    millones: { one: 'millón', many: 'millones', gender: 'm' },
    M: { one: 'millón', many: 'millones', gender: 'm' },
  },
  ofMillion: (noun) => ` de ${noun}`,
  counted: (after) => {
    const noun = /^\s(\p{Ll}{3,})/u.exec(after)?.[1]
    if (noun === undefined || NOT_COUNTED.test(noun)) return undefined
    return /(?:as?|ión|iones|dad|dades|noches?|veces|vez)$/.test(noun) &&
      !/(?:días?|mas?)$/.test(noun)
      ? 'f'
      : 'm'
  },
  units: {
    km: m('kilómetro'),
    m: m('metro'),
    cm: m('centímetro'),
    mm: m('milímetro'),
    'm²': m('metro cuadrado', 'metros cuadrados'),
    'km/h': m('kilómetro por hora', 'kilómetros por hora'),
    kg: m('kilo'),
    g: m('gramo'),
    mg: m('miligramo'),
    l: m('litro'),
    L: m('litro'),
    ml: m('mililitro'),
    lb: f('libra'),
    h: f('hora'),
    hrs: f('hora'),
    min: m('minuto'),
    seg: m('segundo'),
    MB: m('megabyte'),
    GB: m('gigabyte'),
    kW: m('kilovatio'),
    kWh: m('kilovatio hora', 'kilovatios hora'),
    '°C': m('grado Celsius', 'grados Celsius'),
    ºC: m('grado Celsius', 'grados Celsius'),
    '°F': m('grado Fahrenheit', 'grados Fahrenheit'),
    '°': m('grado'),
    '%': { one: 'por ciento', many: 'por ciento' },
  },
  perNouns: { h: 'hora', min: 'minuto' },
  abbreviations: SPANISH_ABBREVIATIONS,
  titles: SPANISH_TITLES,
  dotted: [
    'a. m.',
    'p. m.',
    'a.m.',
    'p.m.',
    'núm.',
    'n.º',
    'No.',
    ...SHORT_MONTHS.map((month) => `${month}.`),
    'lun.',
    'mié.',
    'jue.',
    'vie.',
    'sáb.',
    'dom.',
  ],
  dottedOrdinals: false,
  suffixes: [],
  rewrites: [
    [/(?<![\p{L}\d])24\/7(?![\p{L}\d])/gu, 'veinticuatro siete'],
    [/(?<![\p{L}\d])y\/o(?!\p{L})/gu, 'y o'],
    [/(?<![\p{L}\d])(?:n\.?º|N\.?º|n°|N°|núm\.|nro\.|No\.)(?=\s?\d)/gu, 'número '],
    [/(?<=\bnúmero )\s+(?=\d)/gu, ''],
  ],
  codeNouns:
    'código|pin|clave|contraseña|pedido|referencia|confirmación|cuenta|factura|expediente|reserva|extensión|código postal|terminada en|vuelo|ticket',
  words: {
    digits: DIGITS,
    point: 'coma',
    minus: 'menos',
    plus: 'más',
    percent: 'por ciento',
    and: 'y',
    or: 'o',
    at: 'arroba',
    dot: 'punto',
    slash: 'barra',
    dash: 'guion',
    underscore: 'guion bajo',
    to: 'a',
    number: 'número',
    extension: 'extensión',
    per: 'por',
    times: 'por',
    equals: 'igual a',
    lessThan: 'menos de',
    greaterThan: 'más de',
    about: 'unos',
    degrees: 'grados',
    star: 'asterisco',
    hash: 'almohadilla',
  },
}

/** Words after a number that it does not count. */
const NOT_COUNTED =
  /^(?:del?|los|las|con|por|para|que|pero|son|está|más|menos|como|cuando|hasta|desde|entre|sin)$/

/** *veintiuno* alone, *veintiún minutos*, *veintiuna horas*. The accents that the library leaves out are put back. */
function cardinal(whole: string, gender?: Gender): string {
  const words = toCardinal(whole, { gender: gender === 'f' ? 'feminine' : 'masculine' })
    .replaceAll('dieciseis', 'dieciséis')
    .replaceAll('cienta', 'ciento')
    .replaceAll(/veintiuno (?=mil)/g, 'veintiún ')
    .replaceAll(/\buno (?=mil)/g, 'un ')
  if (gender === 'f') return words.replaceAll(/(?<=cient|quinient)os(?!.*mill)/g, 'as')
  return gender === 'm' ? words.replace(/veintiuno$/, 'veintiún').replace(/\buno$/, 'un') : words
}

function dateWords({ day, toDay, month, year }: CalendarDate, isSpain: boolean): string {
  const first = day === 1 && !isSpain ? 'primero' : cardinal(String(day))
  const span = toDay === undefined ? first : `${first} al ${cardinal(String(toDay))}`
  const ofYear = year === undefined ? '' : ` de ${cardinal(year)}`
  return `${span} de ${MONTH_NAMES[month - 1] ?? ''}${ofYear}`
}

function timeWords({ hour, minute, half }: ClockTime): string {
  const spokenHour = cardinal(String(half && hour > 12 ? hour - 12 : hour), 'f')
  const part = half === undefined ? '' : ` de la ${partOfDay(hour, half)}`
  if (!minute) return spokenHour + (part || (hour > 12 || hour === 0 ? ' horas' : ' en punto'))
  const minutes = minute < 10 ? `cero ${cardinal(String(minute))}` : cardinal(String(minute))
  return `${spokenHour} ${minutes}${part}`
}

function partOfDay(hour: number, half: 'am' | 'pm'): string {
  const at = (hour % 12) + (half === 'pm' ? 12 : 0)
  if (at < 6) return 'madrugada'
  if (at < 12) return 'mañana'
  return at < 20 ? 'tarde' : 'noche'
}

/** Beyond the hundredth nobody says ordinals; the number itself is used. */
function ordinalWords({
  number = '',
  feminine,
  short,
}: Readonly<Record<string, string | undefined>>): string | undefined {
  const value = Number(number)
  if (value === 0) return undefined
  if (value > 100) return cardinal(number)
  const words = toOrdinal(value, { gender: feminine ? 'feminine' : 'masculine' })
  return short ? words.replace(/(primer|tercer)o$/, '$1') : words
}

function fractionWords(numerator: number, denominator: number): string | undefined {
  if (denominator < 2 || denominator > 10) return undefined
  const plural = numerator === 1 ? '' : 's'
  const count = cardinal(String(numerator), 'm')
  if (denominator === 2) return numerator === 1 ? 'medio' : `${count} medios`
  if (denominator === 3) return `${count} tercio${plural}`
  return `${count} ${toOrdinal(denominator)}${plural}`
}
