/** Words too common to tell what a question is about. */
const COMMON = new Set(
  (
    'a about an and any are as at be been by can could did do does for from get give had has have how if in is it its ' +
    'know me my of on or please shall should tell than that the their them then there they this to us was we were what ' +
    'when where which who why will with would you your'
  ).split(' '),
)

/** What a sentence has to look like to answer a question that names no word of it. */
const LOOKS: readonly { readonly question: RegExp; readonly answer: RegExp }[] = [
  {
    question: /\b(when|what time|which day|what day)\b/i,
    answer:
      /\d\s?([ap]\.?m\b|o'clock)|\b(mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(today|tomorrow)\b/i,
  },
  {
    question: /\b(where|address|which room|find you)\b/i,
    answer: /\b(suite|street|st|road|rd|avenue|ave|floor|room|building)\b/i,
  },
  { question: /\bwho\b/i, answer: /\b(dr|mr|mrs|ms|prof)\b/i },
  { question: /\b(how much|cost|price|pay|charge)\b/i, answer: /[$€£]|\b(dollars|euros|free)\b/i },
]

/** The sentence of `text` that answers `question` best, if one does at all. */
export function answerFrom(text: string, question: string): string | undefined {
  const sentences = sentencesOf(text)
  const asked = stemsOf(question)
  const scored = sentences.map((sentence) => {
    const stems = stemsOf(sentence)
    return { sentence, score: asked.filter((stem) => stems.includes(stem)).length }
  })
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a), { sentence: '', score: 0 })
  if (best.score > 0) return best.sentence
  const look = LOOKS.find((candidate) => candidate.question.test(question))
  return look && sentences.find((sentence) => look.answer.test(sentence))
}

/** A full stop after a title or an abbreviation ends no sentence. */
function sentencesOf(text: string): string[] {
  return text
    .split(/(?<!\b(?:Dr|Mr|Mrs|Ms|Prof|St|No|vs|e\.g|i\.e)\.)(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')
    .map((sentence) => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`))
}

/** The first letters of each telling word: `reschedule` and `rescheduling` are the same question. */
function stemsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\d]+/gu) ?? []
  return words
    .filter((word) => word.length > 2 && !COMMON.has(word))
    .map((word) => word.slice(0, 5))
}
