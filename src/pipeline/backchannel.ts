/**
 * Backchannels: sounds by which a listener says “go on”, without wanting the floor. Per language, lower case, one word each;
 * an utterance is a backchannel when it is made of nothing else. Words that object or ask (“no”, “wait”, “what”) are never in
 * the list.
 */
const WORDS: Readonly<Record<string, string>> = {
  en: 'uh huh mm hm mhm mmhm hmm uhhuh right okay ok yeah yes yep yup sure alright i see got it oh ah aha great good nice cool true exactly',
  de: 'mhm hm aha ja jaja genau okay ok gut klar verstehe ach so richtig stimmt alles schön prima',
  es: 'ajá mhm hm sí si claro vale ok okay bueno ya entiendo bien exacto perfecto',
  fr: 'mhm hm oui ouais ok okay bien daccord d accord voilà je vois ah exactement parfait',
}

/** Longer utterances say something, even when every word of them is small. */
const MOST_WORDS = 4
/** A caller who speaks so soon after a question answers it. */
const WORDS_AFTER_QUESTION = 3

const sets = new Map(
  Object.entries(WORDS).map(([language, words]) => [language, new Set(words.split(' '))]),
)

/** Whether an utterance consists of backchannels of the language (BCP 47) only; `extra` adds words to its list. */
export function isBackchannel(
  text: string,
  language: string,
  extra: readonly string[] = [],
): boolean {
  const known = sets.get(language.toLowerCase().split('-')[0] ?? '') ?? sets.get('en')
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  return (
    words.length > 0 &&
    words.length <= MOST_WORDS &&
    words.every((word) => known?.has(word) === true || extra.includes(word))
  )
}

/**
 * Whether a short “yes” at this point of the agent's speech would be an answer rather than a backchannel: a question was
 * just asked, or most of one has been heard.
 *
 * @param heard the agent's words up to here
 * @param text all of them, as far as they are written
 */
export function isQuestionOpen(heard: string, text: string): boolean {
  const asked = heard.lastIndexOf('?')
  if (asked !== -1 && countWords(heard.slice(asked + 1)) < WORDS_AFTER_QUESTION) return true
  const begin = sentenceStart(heard)
  const sentence = /^[^.?!]*[.?!]?/u.exec(text.slice(begin))?.[0] ?? ''
  return sentence.endsWith('?') && countWords(heard.slice(begin)) * 2 >= countWords(sentence)
}

function sentenceStart(heard: string): number {
  const end = /^.*[.?!]\s/su.exec(heard)?.[0]
  return end === undefined ? 0 : end.length
}

function countWords(text: string): number {
  return text.match(/\S+/gu)?.length ?? 0
}
