import { baseLanguage } from '../language.ts'
import type { AnsweredBy } from './answered-by.ts'
import { type Cues, MACHINES, type SpokenMachine } from './cues.ts'
import { english } from './cues-english.ts'
import { french } from './cues-french.ts'
import { german } from './cues-german.ts'
import { spanish } from './cues-spanish.ts'
import { countWords, plainGreeting } from './greeting-text.ts'

/**
 * What the words of a greeting say about who speaks. `sure`: words that nothing else would say, at whatever point of the
 * greeting; otherwise the likelier of what is still possible.
 */
export type GreetingVerdict = { readonly verdict: AnsweredBy; readonly sure: boolean }

/** A greeting of more words than this without any cue may be anything; a shorter one is how people answer. */
const MOST_WORDS_OF_A_PERSON = 14

const MOST_WORDS_OF_A_HELLO = 6
/** Of a longer greeting only the last characters are looked at: what is said last is what counts. */
const MOST_CHARACTERS = 2000

const languages: Readonly<Record<string, Cues>> = {
  en: english,
  de: german,
  es: spanish,
  fr: french,
}

/**
 * Tells people from machines by the words of a greeting, or by as many of them as there are so far.
 *
 * @param text a transcript of any quality: punctuation, capitals and accents do not matter
 * @param language BCP 47. Its own cues go first; those of the other languages count where they find nothing, for networks
 *   and mailboxes speak the language of their country.
 * @returns undefined while there is nothing to go by
 */
export function classifyGreeting(text: string, language: string): GreetingVerdict | undefined {
  const plain = plainGreeting(text.slice(-MOST_CHARACTERS))
  if (plain === '') return undefined
  const own = languages[baseLanguage(language)]
  const others = Object.values(languages).filter((cues) => cues !== own)
  const cues = own ? [own, ...others] : others
  return (
    firstOf(cues, (one) => clearMachine(one, plain)) ??
    firstOf(cues, (one) => personIn(one, plain)) ??
    firstOf(cues, (one) => likelyMachine(one, plain)) ??
    (countWords(plain) <= MOST_WORDS_OF_A_PERSON ? { verdict: 'person', sure: false } : undefined)
  )
}

/**
 * Whether that is all that somebody says who picks up and waits to hear who it is. It tells a person only when nothing follows:
 * machines begin so, too.
 */
export function isHello(text: string, language: string): boolean {
  const words = plainGreeting(text).split(' ')
  const known = languages[baseLanguage(language)]?.hello
  return (
    words.length <= MOST_WORDS_OF_A_HELLO &&
    words.every((word) => known?.has(word) === true || english.hello.has(word))
  )
}

/** Whether a greeting says that a tone will follow, after which one is to speak. */
export function announcesTone(text: string): boolean {
  const plain = plainGreeting(text.slice(-MOST_CHARACTERS))
  return Object.values(languages).some(({ tone }) => tone.test(plain))
}

function firstOf(
  all: readonly Cues[],
  judge: (cues: Cues) => GreetingVerdict | undefined,
): GreetingVerdict | undefined {
  for (const cues of all) {
    const verdict = judge(cues)
    if (verdict) return verdict
  }
  return undefined
}

function clearMachine(cues: Cues, plain: string): GreetingVerdict | undefined {
  for (const kind of MACHINES) {
    const end = endOfLast(cues.clear[kind], plain)
    if (end === undefined) continue
    // Somebody who picks up late talks over the machine, in one transcript with it.
    const since = plain.slice(end)
    const pickedUp = cues.pickUp.some((pattern) => pattern.test(since))
    return { verdict: pickedUp ? 'person' : kind, sure: true }
  }
  return undefined
}

function personIn(cues: Cues, plain: string): GreetingVerdict | undefined {
  const found = cues.person.some((pattern) => pattern.test(plain))
  return found ? { verdict: 'person', sure: true } : undefined
}

/** Two hints, or one in a greeting that is longer than people's are. */
function likelyMachine(cues: Cues, plain: string): GreetingVerdict | undefined {
  const isLong = countWords(plain) > MOST_WORDS_OF_A_PERSON
  let best: { kind: SpokenMachine; hints: number } | undefined
  for (const kind of MACHINES) {
    const hints = (cues.hints[kind] ?? []).filter((pattern) => pattern.test(plain)).length
    if (hints > (best?.hints ?? 0)) best = { kind, hints }
  }
  if (best === undefined || (best.hints === 1 && !isLong)) return undefined
  return { verdict: best.kind, sure: false }
}

/** Where the last match of any of the patterns ends. */
function endOfLast(patterns: readonly RegExp[], plain: string): number | undefined {
  const ends = patterns.flatMap((pattern) => {
    const match = pattern.exec(plain)
    return match ? [match.index + match[0].length] : []
  })
  return ends.length === 0 ? undefined : Math.max(...ends)
}
