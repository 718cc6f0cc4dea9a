/** The end of a sentence, with the white space behind it. */
const END = /[.!?…。！？]["'”’)\]]*\s+/gu

/** Where the sentence begins in which `place` lies. */
export function sentenceStart(text: string, place: number): number {
  let start = 0
  for (const { 0: end, index } of text.matchAll(END)) {
    if (index + end.length > place) break
    start = index + end.length
  }
  return start
}

/** The sentences of a text; joined, they are the text. */
export function sentencesOf(text: string): string[] {
  const sentences: string[] = []
  let start = 0
  for (const { 0: end, index } of text.matchAll(END)) {
    sentences.push(text.slice(start, index + end.length))
    start = index + end.length
  }
  if (start < text.length) sentences.push(text.slice(start))
  return sentences
}
