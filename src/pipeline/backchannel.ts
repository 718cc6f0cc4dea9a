import { baseLanguage } from './language.ts'
import { consistsOf, Lexicon, mayConsistOf, wordsOf } from './lexicon.ts'

/**
 * Backchannels: sounds by which a listener says “go on”, without wanting the floor. Per language, as templates of a
 * `Lexicon`; an utterance is a backchannel when it is made of nothing else. Words that object or ask (“no”, “wait”,
 * “what”) are never in the list.
 */
const PHRASES: Readonly<Record<string, readonly string[]>> = {
  en: [
    'uh huh|uhhuh|uh uh huh|mm hm|mm hmm|mmhm|mmhmm|mhm|mm|hm|hmm|aha|ah|oh|uh|ooh|wow',
    'right|alright|all right|okay|ok|kay|yeah|yea|yes|yep|yup|ya|sure|for sure|of course',
    'i see|i understand|understood|i know|go on|(i|) got it|gotcha|makes sense|(that|it|) makes sense|good to know',
    "(oh|very|that is|that's|sounds|) (great|good|nice|cool|fine|perfect|lovely|wonderful)",
    'true|exactly|absolutely|definitely|indeed|correct|fair enough',
  ],
  de: [
    'mhm|mh|hm|hmm|aha|ah|ach|oh|ähm|uh',
    'ja|jaja|jo|jap|jawohl|jawoll|na klar|klar|alles klar|ja klar|aber ja|eben|genau|ganz genau',
    'okay|ok|gut|sehr gut|ja gut|na gut|schön|prima|super|toll|perfekt|wunderbar|in ordnung|passt',
    'ach so|achso|ich verstehe|verstehe|verstanden|versteh|richtig|stimmt|das stimmt|sicher|natürlich',
  ],
  es: [
    'ajá|aja|mhm|mm|hm|ah|oh|eh|uy',
    'sí|si|claro|claro que sí|por supuesto|vale|ok|okay|bueno|ya|ya veo|dale|eso|eso es|así es',
    '(muy|está|) bien|de acuerdo|entiendo|entendido|comprendo|exacto|exactamente|cierto|correcto',
    'perfecto|genial|estupendo|qué bien|bárbaro|órale|ándale|sale',
  ],
  fr: [
    'mhm|mm|hm|hum|ah|oh|euh|ben|bah',
    "oui|ouais|ouai|si|ok|okay|d'accord|d accord|bien sûr|(très|) bien|ah (oui|bon|d'accord)",
    "voilà|c'est ça|je vois|je comprends|compris|j'ai compris|exact|exactement|tout à fait|en effet",
    'parfait|super|génial|bon|entendu|absolument|effectivement',
  ],
  it: [
    'mhm|mm|hm|ah|oh|eh|beh',
    "sì|si|certo|certamente|ok|okay|va bene|(molto|) bene|d accordo|d'accordo|già|ecco",
    'capisco|ho capito|capito|esatto|esattamente|giusto|perfetto|ottimo|bello|chiaro|infatti',
  ],
  pt: [
    'aham|uhum|mhm|mm|hm|ah|oh|eh|pois|pois é|pois sim',
    'sim|claro|claro que sim|com certeza|ok|okay|tá|tá bom|está bem|está bom|certo|isso|isso mesmo|é',
    '(muito|) bem|entendo|entendi|percebo|percebi|compreendo|exato|exatamente|perfeito|ótimo|beleza|bom|bacana|legal',
  ],
  nl: [
    'mhm|mm|hm|ah|oh|aha|eh',
    'ja|jaja|jawel|ja hoor|oké|ok|okay|prima|(heel|) goed|goed zo|leuk|mooi|fijn|zeker|natuurlijk|tuurlijk',
    'ik snap het|ik begrijp het|begrepen|begrijp ik|snap ik|precies|klopt|dat klopt|inderdaad|juist|oké dan',
  ],
}

/** Longer utterances say something, even when every word of them is small. */
const MOST_WORDS = 4
/** A caller who speaks so soon after a question answers it. */
const WORDS_AFTER_QUESTION = 3

/** Made when a language is first heard. */
const lexicons = new Map<string, Lexicon>()

function lexiconOf(language: string): Lexicon {
  const base = baseLanguage(language)
  const name = Object.hasOwn(PHRASES, base) ? base : 'en'
  const known = lexicons.get(name) ?? new Lexicon(PHRASES[name] ?? [])
  lexicons.set(name, known)
  return known
}

/** The backchannels of one call. */
export class Backchannels {
  readonly #common: Lexicon
  readonly #extra: Lexicon

  /**
   * @param language BCP 47; one that is not known counts as English
   * @param extra words and phrases that count in addition, in any spelling of case
   */
  constructor(language: string, extra: readonly string[] = []) {
    this.#common = lexiconOf(language)
    this.#extra = new Lexicon(extra)
  }

  /** Whether an utterance consists of backchannels only. */
  covers(utterance: string): boolean {
    const words = wordsOf(utterance)
    if (words.length > MOST_WORDS) return false
    return (
      consistsOf(words, { wanted: this.#common, allowed: this.#extra }) ||
      consistsOf(words, { wanted: this.#extra, allowed: this.#common })
    )
  }

  /** Whether an utterance of which this was heard so far may still turn out to be one: “I” of “I see”, “gen” of “genau”. */
  mayCover(begun: string): boolean {
    const words = wordsOf(begun)
    if (words.length === 0 || words.length > MOST_WORDS) return false
    return mayConsistOf(words, { wanted: this.#common, allowed: this.#extra })
  }
}

/** Whether an utterance consists of backchannels of the language (BCP 47) only; for one that is asked once. */
export function isBackchannel(
  text: string,
  language: string,
  extra: readonly string[] = [],
): boolean {
  return new Backchannels(language, extra).covers(text)
}

/** Whether what was heard of an utterance so far may be the beginning of such a one. */
export function mayBecomeBackchannel(
  text: string,
  language: string,
  extra: readonly string[] = [],
): boolean {
  return new Backchannels(language, extra).mayCover(text)
}

/**
 * Whether a short “yes” at this point of the agent's speech would be an answer rather than a backchannel: a question was
 * just asked, or most of one has been heard. Where Spanish marks the beginning of a question by “¿”, it begins there.
 *
 * @param heard the agent's words up to here
 * @param text all of them, as far as they are written
 */
export function isQuestionOpen(heard: string, text: string): boolean {
  const asked = Math.max(heard.lastIndexOf('?'), heard.lastIndexOf('？'))
  if (asked !== -1 && countWords(heard.slice(asked + 1)) < WORDS_AFTER_QUESTION) return true
  const begin = sentenceStart(heard)
  const sentence = sentenceAt(text, begin)
  if (!/[?？]["'”»’)\]]*$/u.test(sentence)) return false
  const mark = sentence.lastIndexOf('¿')
  const question = begin + Math.max(0, mark)
  const words = countWords(heard.slice(question))
  return words > 0 && words * 2 >= countWords(text.slice(question, begin + sentence.length))
}

/** Where the sentence begins that is being heard: marks inside of numbers and names (“2.30”) end none. */
function sentenceStart(heard: string): number {
  const end = /^.*[.?!？。！…]["'”»’)\]]*\s/su.exec(heard)?.[0]
  return end === undefined ? 0 : end.length
}

function sentenceAt(text: string, begin: number): string {
  // French and typography put spaces, also narrow ones, before the mark.
  return /^.*?[.?!？。！…]["'”»’)\]]*(?=\s|$)/su.exec(text.slice(begin))?.[0] ?? ''
}

function countWords(text: string): number {
  return wordsOf(text).length
}
