/** Words that a person says when a call is over; per language, lower case. */
const FAREWELL_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: (
    'bye goodbye byebye thanks thank you too so much very ok okay alright all right great good perfect cool yes yeah ' +
    'yep sure have a nice day one evening weekend see soon then take care cheers and the same to talk later mhm uh huh'
  ).split(' '),
}

/**
 * Whether an utterance over the agent's goodbye is itself no more than a goodbye (or nothing), so that the call may end.
 */
export function isFarewell(text: string): boolean {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  const known = new Set(Object.values(FAREWELL_WORDS).flat())
  return words.every((word) => known.has(word))
}
