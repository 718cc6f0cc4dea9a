import { tidy } from './words.ts'

/** Stage directions of a model that plays a part: dropped wherever they stand between marks. */
const ACTS = [
  String.raw`smiles|smiling|laughs|laughing|laughter|chuckles|chuckling|giggles|sighs|sighing|pauses|pausing|nods|nodding|grins|grinning|shrugs|winks|gasps|coughs|inhales|exhales|hums|types|typing|whispers|whispering|clears (?:his |her |their |my )?throat|clearing (?:his |her |their |my )?throat`,
  'lächelt|lacht|seufzt|nickt|schmunzelt|flüstert|räuspert sich|tippt',
  'sonríe|ríe|risas|suspira|asiente|susurra|se aclara la garganta',
  'sourit|rit|rires|soupire|acquiesce|chuchote|se racle la gorge',
].join('|')
/** … and those that are ordinary words too: dropped only between sentences. */
const MOODS =
  'pause|short pause|long pause|beat|silence|softly|warmly|cheerfully|gently|excitedly|smile|laugh|sigh|lächelnd|lachend|sanft|pausa|silencio|sonriendo|en souriant|doucement|silence'

const BETWEEN_MARKS = new RegExp(
  String.raw`(?<open>\*{1,2}|_{1,2}|\[|\()\s*(?:${ACTS})(?![\p{L}\d])(?:[^*_[\]()]{0,80}?)(?:\*{1,2}|_{1,2}|\]|\))`,
  'giu',
)
const BETWEEN_SENTENCES = new RegExp(
  String.raw`(?<=^\s*|[.!?…]\s*)(?:\*{1,2}|_{1,2}|\[|\()\s*(?:${MOODS})\s*(?:\*{1,2}|_{1,2}|\]|\))(?=\s*$|\s+\p{Lu})`,
  'giu',
)
/** A direction that goes on in the next phrase. */
const UNCLOSED = new RegExp(String.raw`(?:\*|\[)\s*(?:${ACTS})(?![\p{L}\d])[^*[\]]*$`, 'iu')

const EMOJI =
  /(?:\p{Regional_Indicator}{1,2}|\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)*(?:\u200d\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f)*)*|\p{Emoji_Modifier})/gu
/** What only steers how characters look; the joiners between letters of some scripts are spelling and stay. */
const INVISIBLE =
  /\u00ad|\u200b|\u200e|\u200f|\u2060|\ufeff|[\ufe0e-\ufe0f]|\u20e3|(?<!\p{L}|\p{M})\u200d|[\u{e0020}-\u{e007f}]/gu
const EMOTICON = /(?<=^|\s)[:;]-?[)(DP](?=\s|$|[.,!?])/gu

/** What may be markup; text without any of it is left alone. */
const SUSPECT =
  /[*_`~#<>[\]|•▪◦‣]|\n\s*(?:[-+]|\d{1,2}[.)])\s|^\s*[-+]\s|[:;]-?[)(DP]|\((?=\p{Ll})|\p{Extended_Pictographic}|\p{Regional_Indicator}|\p{Emoji_Modifier}|\p{Default_Ignorable_Code_Point}|\u20e3/u

const INLINE: readonly (readonly [RegExp, string])[] = [
  // Fences with the name of their language; what is between them is read.
  [/```[a-z]*\n?/giu, ''],
  [/!?\[(?<text>[^\]]*)\]\([^)\s]*(?:\s"[^"]*")?\)/gu, '$<text>'],
  // A link whose text was spoken with the phrase before.
  [/\]\([^)\s]*\)/gu, ''],
  [/<(?<address>https?:\/\/[^\s<>]+|[^\s<>@]+@[^\s<>]+)>/gu, '$<address>'],
  [/<\/?[a-z][^<>]*>/giu, ''],
  [/(?<=\d)\s?\*\s?(?=\d)/gu, '×'],
  // A star by itself is a key of the phone.
  [/(?<!\S\s)\*+|\*+(?!\d*(?:[\s.,;:!?)]|$))|\*{2,}/gu, ''],
  [/~~|`+/gu, ''],
  [/(?<![\p{L}\d])_+|_+(?![\p{L}\d])/gu, ''],
  // An unknown word in brackets is read without them.
  [/[[\]]/gu, ''],
  [INVISIBLE, ''],
]

/**
 * Takes out of a reply what is written for the eye: markdown, HTML, emoji, stage directions. Remembers what the next
 * phrase of the same reply goes on with.
 */
export class Markup {
  #atLineStart = true
  #inDirection = false

  /** The phrase without its markup; its leading and trailing white space stays. */
  strip(phrase: string): string {
    const startsLine = this.#atLineStart
    this.#atLineStart = /\n\s*$/.test(phrase)
    const text = this.#endDirection(phrase)
    if (!SUSPECT.test(text)) return text
    const [, lead = '', body = '', trail = ''] = /^(\s*)([\s\S]*?)(\s*)$/u.exec(text) ?? []
    const isFirst = startsLine || lead.includes('\n')
    let plain = this.#beginDirection(withoutDirections(body))
    // Markup that stood within markup shows when that is gone.
    for (let pass = 0, before = ''; pass < PASSES && plain !== before; pass++) {
      before = plain
      plain = withoutMarks(plain, isFirst)
    }
    return lead + plain.trim() + trail
  }

  #endDirection(phrase: string): string {
    if (!this.#inDirection) return phrase
    this.#inDirection = false
    const rest = /^[^*[\]]*[*\]]\s*/u.exec(phrase)
    return rest ? phrase.slice(rest[0].length) : phrase
  }

  #beginDirection(body: string): string {
    const unclosed = UNCLOSED.exec(body)
    if (!unclosed) return body
    this.#inDirection = true
    return body.slice(0, unclosed.index)
  }
}

const PASSES = 4

function withoutMarks(text: string, startsLine: boolean): string {
  const lines = withoutLineMarks(text, startsLine)
  const inline = INLINE.reduce((result, [pattern, to]) => result.replaceAll(pattern, to), lines)
  const plain = inline.replaceAll(EMOJI, '').replaceAll(EMOTICON, '')
  return plain === text ? text : tidy(plain).trim()
}

function withoutDirections(body: string): string {
  const spoken = body
    .replaceAll(BETWEEN_MARKS, (all, open: string) => (matches(open, all) ? '' : all))
    .replaceAll(BETWEEN_SENTENCES, '')
  return spoken === body ? body : tidy(spoken).trim()
}

const CLOSING: Readonly<Record<string, string>> = { '[': ']', '(': ')' }

function matches(open: string, all: string): boolean {
  return all.endsWith(CLOSING[open] ?? open)
}

const RULE = /^\s*(?:[-*_]\s?){3,}$/u
const TABLE_RULE = /^\s*\|?(?:\s*:?-{2,}:?\s*\|)+[\s:|-]*$/u
const HEADING = /^\s*#{1,6}\s+/u
const ITEM = /^\s*(?:>\s?)*(?:[-*+•▪◦‣]\s+(?:\[[ xX]\]\s)?|>\s?)/u
const NUMBERED = /^\s*(?<number>\d{1,2})[.)]\s/u

/** Headings, lists, quotes and tables; their line breaks become pauses, because nothing else parts them. */
function withoutLineMarks(body: string, startsLine: boolean): string {
  const lines = body.split('\n').map((line, i) => readLine(line, i > 0 || startsLine))
  let text = ''
  lines.forEach((line, i) => {
    const next = lines[i + 1]
    text += line.text
    if (next === undefined) return
    const parted = line.kind !== 'text' || next.kind !== 'text'
    const open = parted && /[\p{L}\p{N})'’"”*_%]\s*$/u.test(line.text)
    text += (open ? (line.kind === 'heading' ? '.' : ',') : '') + '\n'
  })
  return text
}

type ReadLine = { readonly kind: 'text' | 'heading' | 'item'; readonly text: string }

function readLine(line: string, isStart: boolean): ReadLine {
  if (!isStart) return { kind: 'text', text: line }
  if (RULE.test(line) || TABLE_RULE.test(line)) return { kind: 'text', text: '' }
  if (HEADING.test(line))
    return { kind: 'heading', text: line.replace(HEADING, '').replace(/\s#+$/, '') }
  if (ITEM.test(line)) return { kind: 'item', text: line.replace(ITEM, '') }
  if (NUMBERED.test(line)) return { kind: 'item', text: line.replace(NUMBERED, '$<number>. ') }
  if (/^\s*\|.*\|\s*$/u.test(line)) {
    const cells = line.split('|').map((cell) => cell.trim())
    return { kind: 'item', text: cells.filter((cell) => cell !== '').join(', ') }
  }
  return { kind: 'text', text: line }
}
