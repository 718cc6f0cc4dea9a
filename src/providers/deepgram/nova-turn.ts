import type { HearingEvent } from '../../pipeline/ports.ts'
import { startOf, timesOf } from './event-time.ts'
import type { NovaResults, Word } from './messages.ts'
import { pausesBetween } from './pauses.ts'

/**
 * Turns out of Nova's results, which know of none: finals are gathered, and the turn may end at a final that ends speech or
 * at a long enough gap between words; it ends when its owner says so. Pure.
 */
export type NovaTurn = {
  /** The text of the finals, which will not change any more. */
  readonly final: string
  /** The latest interim text after them, which may. */
  readonly interim: string
  /** What was last reported; empty before the first words. */
  readonly reported: string
  /** Where the last word ended, in seconds of audio. */
  readonly lastWordEndS: number | undefined
  /** A signal for the end came. The owner ends the turn now or, as the caller may be pausing, later; more words take it back. */
  readonly ending: boolean
  /** The words of the finals, and of the interim after them. */
  readonly finalWords: readonly Word[]
  readonly interimWords: readonly Word[]
  /** Words before this moment belong to turns that are over: their final may come after the end of their turn. */
  readonly heardUntilS: number
}

export const noTurn: NovaTurn = {
  final: '',
  interim: '',
  reported: '',
  lastWordEndS: undefined,
  ending: false,
  finalWords: [],
  interimWords: [],
  heardUntilS: 0,
}

type Heard = { readonly turn: NovaTurn; readonly events: readonly HearingEvent[] }

/** Words of an interim are timed a little differently in the final. */
const TIMING_TOLERANCE_S = 0.05

/** Something was said that is not over yet. */
export function isOpen(turn: NovaTurn): boolean {
  return turn.reported !== ''
}

export function hearResults(turn: NovaTurn, results: NovaResults): Heard {
  const { text, words, lastWordEndS } = newWords(turn, results)
  const added = results.is_final
    ? {
        final: joined(turn.final, text),
        finalWords: [...turn.finalWords, ...words],
        interim: '',
        interimWords: [],
      }
    : { interim: text, interimWords: words }
  // The same words with other marks or times are no more words.
  const more = (lastWordEndS ?? 0) > (turn.lastWordEndS ?? 0) + TIMING_TOLERANCE_S
  const heard = report({
    ...turn,
    ...added,
    lastWordEndS: lastWordEndS ?? turn.lastWordEndS,
    ending: turn.ending && !more,
  })
  // The end of speech often comes with an empty final. We alone ask for finals, when a turn has to end.
  const ends = results.is_final && (results.speech_final || results.from_finalize)
  if (!ends) return heard
  const ended = results.from_finalize ? endTurn(heard.turn) : keepBack(heard.turn)
  return { turn: ended.turn, events: [...heard.events, ...ended.events] }
}

/** Words paused for as long as we asked for: the turn may end. An older gap is no end: words have come since. */
export function hearUtteranceEnd(turn: NovaTurn, gapAfterS: number): Heard {
  const newestS = turn.lastWordEndS ?? 0
  if (gapAfterS + TIMING_TOLERANCE_S < newestS) return { turn, events: [] }
  return keepBack(turn)
}

/** The turn is over with what was heard of it, if anything was; text that is still an interim counts. */
export function endTurn(turn: NovaTurn): Heard {
  if (!isOpen(turn)) return { turn, events: [] }
  const end: HearingEvent = {
    type: 'turn_end',
    text: textOf(turn),
    ...(turn.lastWordEndS !== undefined && { speechEndMs: Math.round(turn.lastWordEndS * 1000) }),
    ...pausesBetween(wordsOf(turn)),
    ...timesOf(wordsOf(turn)),
  }
  const heardUntilS = Math.max(turn.heardUntilS, turn.lastWordEndS ?? 0)
  return { turn: { ...noTurn, heardUntilS }, events: [end] }
}

function keepBack(turn: NovaTurn): Heard {
  return { turn: { ...turn, ending: isOpen(turn) }, events: [] }
}

function report(turn: NovaTurn): Heard {
  const text = textOf(turn)
  if (text === '' || text === turn.reported) return { turn, events: [] }
  const start = isOpen(turn) ? {} : startOf(wordsOf(turn))
  const words: HearingEvent = { type: 'words', text, ...start, ...timesOf(wordsOf(turn)) }
  return { turn: { ...turn, reported: text }, events: [words] }
}

function wordsOf(turn: NovaTurn): readonly Word[] {
  return [...turn.finalWords, ...turn.interimWords]
}

/** What of a result was not already part of an earlier turn. */
function newWords(
  turn: NovaTurn,
  results: NovaResults,
): { text: string; words: readonly Word[]; lastWordEndS: number | undefined } {
  const best = results.channel.alternatives[0]
  const transcript = best?.transcript.trim() ?? ''
  const words = best?.words ?? []
  const lastWordEndS = words.at(-1)?.end ?? (transcript === '' ? undefined : endOf(results))
  const fresh = words.filter((word) => !isHeard(turn, word))
  if (fresh.length === words.length) {
    const old = words.length === 0 && endOf(results) <= turn.heardUntilS
    return old
      ? { text: '', words: [], lastWordEndS: undefined }
      : { text: transcript, words, lastWordEndS }
  }
  const text = fresh.map((word) => word.punctuated_word ?? word.word).join(' ')
  return { text, words: fresh, lastWordEndS: fresh.length === 0 ? undefined : lastWordEndS }
}

/** By the middle of the word, which a small difference in its timing does not move across a turn's end. */
function isHeard(turn: NovaTurn, { start, end }: Word): boolean {
  return start !== undefined && end !== undefined && (start + end) / 2 < turn.heardUntilS
}

function endOf(results: NovaResults): number {
  return results.start + results.duration
}

function textOf(turn: NovaTurn): string {
  return joined(turn.final, turn.interim)
}

function joined(before: string, after: string): string {
  return before !== '' && after !== '' ? `${before} ${after}` : before + after
}
