import type { HearingEvent } from '../../pipeline/ports.ts'
import type { TimedWord } from './channel.ts'
import { startOf } from './event-time.ts'
import { pausesBetween } from './pauses.ts'

/** What a vendor has made of a piece of audio. */
export type HeardPiece = {
  readonly text: string
  /** As far as the vendor tells words apart. */
  readonly words: readonly PieceWord[]
  /** Where the piece ends, in seconds of audio; undefined when the vendor does not say. */
  readonly endS: number | undefined
  /** Its text will not change any more. */
  readonly isFinal: boolean
  /** With this final, speech has paused. */
  readonly endsSpeech: boolean
  /** The final was asked for, because the turn has to end. */
  readonly wasAskedFor: boolean
}

export type PieceWord = TimedWord & {
  /** With the punctuation it is written with. */
  readonly text: string
}

/**
 * Turns out of the results of a vendor that knows of none: finals are gathered, and the turn may end at a final that ends
 * speech or at a long enough gap between words; it ends when its owner says so. Pure.
 */
export type FinalsTurn = {
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
  readonly finalWords: readonly PieceWord[]
  readonly interimWords: readonly PieceWord[]
  /** Words before this moment belong to turns that are over: their final may come after the end of their turn. */
  readonly heardUntilS: number
}

export const noTurn: FinalsTurn = {
  final: '',
  interim: '',
  reported: '',
  lastWordEndS: undefined,
  ending: false,
  finalWords: [],
  interimWords: [],
  heardUntilS: 0,
}

type Heard = { readonly turn: FinalsTurn; readonly events: readonly HearingEvent[] }

/** Words of an interim are timed a little differently in the final. */
const TIMING_TOLERANCE_S = 0.05

/** Something was said that is not over yet. */
export function isOpen(turn: FinalsTurn): boolean {
  return turn.reported !== ''
}

export function hearPiece(turn: FinalsTurn, piece: HeardPiece): Heard {
  const { text, words, lastWordEndS } = newWords(turn, piece)
  const added = piece.isFinal
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
  const ends = piece.isFinal && (piece.endsSpeech || piece.wasAskedFor)
  if (!ends) return heard
  const ended = piece.wasAskedFor ? endTurn(heard.turn) : keepBack(heard.turn)
  return { turn: ended.turn, events: [...heard.events, ...ended.events] }
}

/** Words paused for as long as we asked for: the turn may end. An older gap is no end: words have come since. */
export function hearGap(turn: FinalsTurn, gapAfterS: number): Heard {
  const newestS = turn.lastWordEndS ?? 0
  if (gapAfterS + TIMING_TOLERANCE_S < newestS) return { turn, events: [] }
  return keepBack(turn)
}

/** The turn is over with what was heard of it, if anything was; text that is still an interim counts. */
export function endTurn(turn: FinalsTurn): Heard {
  if (!isOpen(turn)) return { turn, events: [] }
  const end: HearingEvent = {
    type: 'turn_end',
    text: textOf(turn),
    ...(turn.lastWordEndS !== undefined && { speechEndMs: Math.round(turn.lastWordEndS * 1000) }),
    ...pausesBetween([...turn.finalWords, ...turn.interimWords]),
  }
  const heardUntilS = Math.max(turn.heardUntilS, turn.lastWordEndS ?? 0)
  return { turn: { ...noTurn, heardUntilS }, events: [end] }
}

function keepBack(turn: FinalsTurn): Heard {
  return { turn: { ...turn, ending: isOpen(turn) }, events: [] }
}

function report(turn: FinalsTurn): Heard {
  const text = textOf(turn)
  if (text === '' || text === turn.reported) return { turn, events: [] }
  const start = isOpen(turn) ? {} : startOf([...turn.finalWords, ...turn.interimWords])
  return { turn: { ...turn, reported: text }, events: [{ type: 'words', text, ...start }] }
}

/** What of a piece was not already part of an earlier turn. */
function newWords(
  turn: FinalsTurn,
  { text, words, endS }: HeardPiece,
): { text: string; words: readonly PieceWord[]; lastWordEndS: number | undefined } {
  const lastWordEndS = words.at(-1)?.end ?? (text === '' ? undefined : endS)
  const fresh = words.filter((word) => !isHeard(turn, word))
  if (fresh.length === words.length) {
    const isOld = words.length === 0 && endS !== undefined && endS <= turn.heardUntilS
    return isOld ? { text: '', words: [], lastWordEndS: undefined } : { text, words, lastWordEndS }
  }
  const rest = fresh.map((word) => word.text).join(' ')
  return { text: rest, words: fresh, lastWordEndS: fresh.length === 0 ? undefined : lastWordEndS }
}

/** By the middle of the word, which a small difference in its timing does not move across a turn's end. */
function isHeard(turn: FinalsTurn, { start, end }: PieceWord): boolean {
  return start !== undefined && end !== undefined && (start + end) / 2 < turn.heardUntilS
}

function textOf(turn: FinalsTurn): string {
  return joined(turn.final, turn.interim)
}

function joined(before: string, after: string): string {
  return before !== '' && after !== '' ? `${before} ${after}` : before + after
}
