/** An agent turn of a call's record, as far as it must agree with what was heard. */
export type SpokenTurn = { readonly text: string; readonly interrupted: boolean }

/**
 * Compares what a call's record says that the agent said with what the person heard, word for word.
 *
 * Where the agent was cut off, the record may be one word ahead or behind, and the word that was being spoken may have
 * been heard in part.
 *
 * @returns what differs, as sentences; empty when nothing does
 */
export function differencesHeard(turns: readonly SpokenTurn[], heard: string): string[] {
  const ear = wordsOf(heard)
  const differences: string[] = []
  let at = 0
  turns.forEach((turn, index) => {
    const words = wordsOf(turn.text)
    words.forEach((word, i) => {
      const atCut = turn.interrupted && i === words.length - 1
      // Where the agent paused for an “uh-huh”, it began the word anew; rarely one that was just over.
      const begunAnew = isCutForm(ear[at], word) || ear[at] === ear[at - 1]
      if (ear[at] !== word && ear[at + 1] === word && begunAnew) at++
      if (ear[at] === word) at++
      else if (atCut) at += isCutForm(ear[at], word) ? 1 : 0
      else {
        differences.push(
          `turn ${index + 1} says "${word}", and "${ear[at] ?? '(nothing)'}" was heard`,
        )
        at++
      }
    })
    const next = wordsOf(turns[index + 1]?.text ?? '')[0]
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

function isCutForm(heard: string | undefined, word: string): boolean {
  return heard !== undefined && heard !== '' && word.startsWith(heard)
}
