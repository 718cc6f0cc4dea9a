/** An agent turn of a call's record, as far as it must agree with what was heard. */
export type SpokenTurn = { readonly text: string; readonly interrupted: boolean }

/**
 * Compares what a call's record says that the agent said with what the person heard, word for word.
 *
 * Where the agent was cut off, the record may be one word ahead or behind, and the word that was being spoken may have
 * been heard in part. Where it paused for an “uh-huh” it may have said the last words once more. A word in which its voice
 * broke off may have been begun before it was said.
 *
 * @param wherever it may be stopped, and taken to another line, anywhere: in a full stop, or right behind the last word of a turn,
 *   so that words which end one are said once more. In a call to which that does not happen these are faults: a line that cuts off the
 *   last sound of every turn.
 * @returns what differs, as sentences; empty when nothing does
 */
export function differencesHeard(
  turns: readonly SpokenTurn[],
  heard: string,
  { wherever = false } = {},
): string[] {
  const ear = wordsOf(heard)
  const differences: string[] = []
  let at = 0
  turns.forEach((turn, index) => {
    const words = wordsOf(turn.text)
    words.forEach((word, i) => {
      const atCut = turn.interrupted && i === words.length - 1
      if (ear[at] !== word) at += begunAnew(ear, at, words.slice(0, i + 1))
      const isAsSaid = ear[at] === word || isSaidAgain(ear[at], word)
      if (isAsSaid || (wherever && isAllButItsMark(ear[at], word))) at++
      else if (atCut) at += isCutForm(ear[at], word) ? 1 : 0
      else {
        differences.push(
          `turn ${index + 1} says "${word}", and "${ear[at] ?? '(nothing)'}" was heard`,
        )
        at++
      }
    })
    const next = wordsOf(turns[index + 1]?.text ?? '')[0]
    if (wherever && ear[at] !== next) {
      at += endedAnew(ear, at, { words, isCut: turn.interrupted, next })
    }
    if (turn.interrupted && ear[at] !== undefined && ear[at] !== next) at++
  })
  if (at < ear.length)
    differences.push(`"${ear.slice(at).join(' ')}" was heard and is not on record`)
  return differences
}

/**
 * Compares the caller's turns on record with what the person said. Of the last thing said, words may be missing: the
 * call may have ended over it.
 *
 * @returns what differs, as sentences; empty when nothing does
 */
export function differencesSaid(turns: readonly string[], said: readonly string[]): string[] {
  const record = wordsOf(turns.join(' '))
  const spoken = wordsOf(said.join(' '))
  const differences = record.flatMap((word, i) =>
    spoken[i] === word
      ? []
      : [`the record has "${word}", and "${spoken[i] ?? '(nothing)'}" was said`],
  )
  const expected = wordsOf(said.slice(0, -1).join(' ')).length
  const lost = spoken.slice(record.length, Math.max(record.length, expected))
  return lost.length === 0
    ? differences
    : [...differences, `"${lost.join(' ')}" was said and is not on record`]
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/u).filter((word) => word !== '')
}

/** How many words an agent may say again when it goes on after a pause. */
const MOST_REPEATED = 2

/**
 * How far on in the ear the last of `words` is, when the agent stopped before or in it, and said some words again.
 * 0 when that is not what happened.
 */
function begunAnew(ear: readonly string[], at: number, words: readonly string[]): number {
  const partial = isCutForm(ear[at], words.at(-1) ?? '') ? 1 : 0
  for (let again = 0; again <= MOST_REPEATED; again++) {
    const repeated = words.slice(Math.max(0, words.length - 1 - again))
    const heard = ear.slice(at + partial, at + partial + repeated.length)
    if (heard.join(' ') === repeated.join(' ')) return partial + repeated.length - 1
  }
  return 0
}

/**
 * How many words are heard here that have ended the turn already: the agent stopped behind the last one, or in it, and went on
 * before it; it may have been stopped again there. A whole turn is not said twice, but for the beginning of one that was cut.
 *
 * @param next the word that follows the turn on record
 */
function endedAnew(
  ear: readonly string[],
  at: number,
  { words, isCut, next }: { words: readonly string[]; isCut: boolean; next: string | undefined },
): number {
  const most = Math.min(MOST_REPEATED + 1, isCut ? words.length : words.length - 1)
  for (let again = 1; again <= most; again++) {
    const repeated = words.slice(-again)
    const different = repeated.findIndex((word, i) => ear[at + i] !== word)
    if (different === -1) return again
    const isCutThere = isCutForm(ear[at + different], repeated[different] ?? '')
    const heard = different + (isCutThere ? 1 : 0)
    if (heard > 0 && ear[at + heard] === next) return heard
  }
  return 0
}

/** What it was stopped in is the full stop, which tones can be heard to say and people cannot. */
function isAllButItsMark(heard: string | undefined, word: string): boolean {
  return heard !== '' && word.replace(/\p{P}+$/u, '') === heard
}

/** The voice broke off in the word, and said it from its beginning: `heheard`. */
function isSaidAgain(heard: string | undefined, word: string): boolean {
  if (!heard?.endsWith(word)) return false
  const begun = heard.slice(0, -word.length)
  return begun.length < word.length && word.startsWith(begun)
}

function isCutForm(heard: string | undefined, word: string): boolean {
  if (heard === undefined || heard === '') return false
  if (word.startsWith(heard)) return true
  // A letter that takes several symbols may have been cut in the middle, and is not understood then.
  const letters = heard.replace(/\uFFFD$/u, '')
  return (
    letters !== heard &&
    word.startsWith(letters) &&
    /[^\p{ASCII}]/u.test(word.charAt(letters.length))
  )
}
