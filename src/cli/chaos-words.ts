import { differencesHeard, differencesSaid, type SpokenTurn } from '../simulator/judge.ts'
import type { Utterance } from '../simulator/person-ear.ts'

/** What may be said twice, in words: the beginning of a sentence in which the voice broke off … */
export const SENTENCE_AGAIN = 30
/** … and where a line broke off. */
export const CUT_AGAIN = 3

/**
 * What the record has of the agent and the ear has not, or the other way round.
 *
 * @param lastWords what the carrier may have said in our place at the end; the record does not have it
 * @param again how many words may have been said again, each time that something broke off
 */
export function agentWordsWrong(
  turns: readonly SpokenTurn[],
  heard: string,
  { lastWords, again }: { lastWords: string; again: readonly number[] },
): string[] {
  const ear = apart(turns, heard)
  const wrong = differencesHeard(turns, ear)
  if (wrong.length === 0) return wrong
  if (ear.endsWith(lastWords) && turns.at(-1)?.text.endsWith(lastWords) !== true) {
    const before = ear.slice(0, -lastWords.length).trim()
    return agentWordsWrong(turns, before, { lastWords: NOTHING, again })
  }
  if (withoutBeginnings(turns, ear).some((rest) => differencesHeard(turns, rest).length === 0)) {
    return []
  }
  const [words, ...more] = again
  if (words === undefined) return wrong
  const isRight = (once: string) =>
    agentWordsWrong(turns, once, { lastWords, again: more }).length === 0
  return withoutRepeats(ear, words).some(isRight) ? [] : wrong
}

/** A reply that was cut off in the first half of its first word is not on record; no more than so much of it was heard. */
const BEGINNING_CHARS = 2

/** Every way to take out such a beginning, which stands before the first word of a turn. */
function withoutBeginnings(turns: readonly SpokenTurn[], heard: string): string[] {
  const words = wordsOf(heard)
  const firsts = new Set(turns.map(({ text }) => wordsOf(text)[0]))
  return words.flatMap((word, at) => {
    const isBeginning = word.length <= BEGINNING_CHARS && firsts.has(words[at + 1])
    return isBeginning ? [words.toSpliced(at, 1).join(' ')] : []
  })
}

/**
 * The same for a line from which nothing came back for a while: what was heard in that time may be missing on record, and may
 * have been said again. What is on record was heard all the same.
 */
export function unacknowledgedWordsWrong(
  turns: readonly SpokenTurn[],
  heard: readonly Utterance[],
  outages: readonly Outage[],
): string[] {
  const words = heard.flatMap((utterance) => {
    const isExcused = isInOutage(utterance, outages)
    return wordsOf(utterance.text).map((word) => ({ word, isExcused }))
  })
  const record = turns.flatMap(({ text, interrupted }) => {
    const [last = '', ...before] = wordsOf(text).reverse()
    // The word at a cut may have been heard in part.
    return [...before.reverse(), ...(interrupted ? [] : [last])]
  })
  const cut = turns.flatMap(({ text, interrupted }) => (interrupted ? wordsOf(text).slice(-1) : []))
  const { onlyFirst, onlySecond } = difference(record, words)
  return [
    ...onlyFirst.map((word) => `the record has "${word}", which was not heard`),
    ...onlySecond
      .filter(({ word, isExcused }) => !isExcused && !cut.some((whole) => isPartOf(word, whole)))
      .map(({ word }) => `"${word}" was heard and is not on record`),
  ]
}

/** Ends no text. */
const NOTHING = '\u0000'

/** Whether the person heard these words one after the other, give or take what was said again where something broke off. */
export function wasHeard(text: string, heard: string, again: readonly number[]): boolean {
  // The first word may have followed half of another one without a gap.
  if (wordsOf(heard).join(' ').includes(text)) return true
  const [words, ...more] = again
  if (words === undefined) return false
  return withoutRepeats(heard, words).some((once) => wasHeard(text, once, more))
}

/** A turn that begins where another one was cut leaves no gap between half a word and its own first. */
function apart(turns: readonly SpokenTurn[], heard: string): string {
  return turns.reduce((ear, turn, index) => {
    const [first = ''] = wordsOf(turn.text)
    const cut = wordsOf(turns[index - 1]?.text ?? '').at(-1)
    if (cut === undefined || first === '') return ear
    return wordsOf(ear)
      .map((word) => {
        const half = word.slice(0, -first.length)
        const isCut = turns[index - 1]?.interrupted === true || isPartOf(half, cut)
        const isBoth = word.endsWith(first) && half !== '' && isCut
        return isBoth ? `${half} ${first}` : word
      })
      .join(' ')
  }, heard)
}

/** Every way to take out words that were said again right after them, the last of them perhaps in part. */
function withoutRepeats(heard: string, most: number): string[] {
  const words = heard.split(/\s+/u)
  const shorter: string[] = []
  for (let from = 0; from < words.length; from++) {
    const longest = Math.min(most, Math.ceil((words.length - from) / 2))
    for (let count = 1; count <= longest; count++) {
      const first = words.slice(from, from + count)
      const isAgain = first.every((word, i) => {
        const again = words[from + count + i] ?? ''
        return i === count - 1 ? isPartOf(word, again) : word === again
      })
      if (isAgain) shorter.push(words.toSpliced(from, count).join(' '))
    }
  }
  return shorter
}

function isPartOf(cut: string, whole: string): boolean {
  return cut !== '' && whole.startsWith(cut.replace(/\uFFFD+$/u, ''))
}

/** A time without a connection, in milliseconds since the answer. */
export type Outage = { readonly fromMs: number; readonly toMs: number }

export function isInOutage(said: Outage | Utterance, outages: readonly Outage[]): boolean {
  const [from, to] = 'startMs' in said ? [said.startMs, said.endMs] : [said.fromMs, said.toMs]
  return outages.some(({ fromMs, toMs }) => from <= toMs && to >= fromMs)
}

/**
 * What the record has of the person and they did not say, or the other way round. Words that were spoken into a dead line may
 * be missing, and the pieces of them that were still heard may be on record.
 */
export function callerWordsWrong(
  turns: readonly string[],
  said: readonly Utterance[],
  outages: readonly Outage[],
): string[] {
  const record = withItsMarks(turns)
  const wrong = differencesSaid(
    record,
    said.map(({ text }) => text),
  )
  if (wrong.length === 0 || !said.some((utterance) => isInOutage(utterance, outages))) return wrong
  const spoken = said.flatMap((utterance) => {
    const isExcused = isInOutage(utterance, outages) || utterance === said.at(-1)
    return wordsOf(utterance.text).map((word) => ({ word, isExcused }))
  })
  const { onlyFirst, onlySecond } = difference(wordsOf(record.join(' ')), spoken)
  const excused = spoken.filter(({ isExcused }) => isExcused).map(({ word }) => word)
  return [
    ...onlySecond
      .filter(({ isExcused }) => !isExcused)
      .map(({ word }) => `"${word}" was said and is not on record`),
    ...onlyFirst
      .filter((heard) => !isOfPieces(heard, excused))
      .map((word) => `the record has "${word}", which nobody said`),
  ]
}

/** Nobody says a full stop: only where a simulated ear was changed in the middle of one does it stand by itself. */
function withItsMarks(turns: readonly string[]): string[] {
  return turns.reduce<string[]>((joined, turn) => {
    const last = joined.at(-1)
    const isMark = /^[.,!?]+$/.test(turn)
    return isMark && last !== undefined ? [...joined.slice(0, -1), last + turn] : [...joined, turn]
  }, [])
}

/** A word that was cut at either end, or what was left of several when the words between them were lost. */
function isOfPieces(heard: string, words: readonly string[]): boolean {
  const isPiece = (piece: string) => words.some((word) => word.includes(piece))
  return heard.split(/\uFFFD+/u).every((piece) => {
    const places = Array.from({ length: piece.length + 1 }, (_, at) => at)
    return places.some((at) => isPiece(piece.slice(0, at)) && isPiece(piece.slice(at)))
  })
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '')
}

/** What is left of each when the longest sequence that both have in common is taken out. */
function difference<Word extends { readonly word: string }>(
  first: readonly string[],
  second: readonly Word[],
): { onlyFirst: string[]; onlySecond: Word[] } {
  const common = Array.from({ length: first.length + 1 }, () =>
    new Array<number>(second.length + 1).fill(0),
  )
  const at = (i: number, j: number) => common[i]?.[j] ?? 0
  for (let i = first.length - 1; i >= 0; i--) {
    for (let j = second.length - 1; j >= 0; j--) {
      const isSame = first[i] === second[j]?.word
      const row = common[i]
      if (row) row[j] = isSame ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const onlyFirst: string[] = []
  const onlySecond: Word[] = []
  let i = 0
  let j = 0
  while (i < first.length || j < second.length) {
    const mine = first[i]
    const theirs = second[j]
    if (mine !== undefined && mine === theirs?.word) {
      i++
      j++
    } else if (theirs === undefined || (mine !== undefined && at(i + 1, j) >= at(i, j + 1))) {
      if (mine !== undefined) onlyFirst.push(mine)
      i++
    } else {
      onlySecond.push(theirs)
      j++
    }
  }
  return { onlyFirst, onlySecond }
}
