import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import type { Alignment } from '../ports.ts'
import { sentenceStart } from './sentences.ts'

/** Slower than any voice: what is counted as spoken by its length alone surely was. */
const SLOW_CHAR_MS = 1000 / 12

/** Where the voice spells the text in its own way: with less of it than this, it was broken off. */
const WHOLE_SHARE = 0.5

/** What makes a sound. Timing may leave out the marks behind the last word. */
const SOUNDED = /[\p{L}\p{N}]/u

/** Audio that may be handed on, and the timing of what is spoken in it. */
export type SpokenPiece = {
  readonly audio: Mulaw8k
  readonly alignment: Alignment | undefined
}

/**
 * The text of one speech, and how far its audio was handed on, over as many attempts as it takes to speak it.
 *
 * Characters are counted, white space left out, as voices change nothing else. A word was spoken when something behind it was
 * heard of. Where a voice gives no timing the sentence counts that its audio has probably come to: rather a sentence twice than a
 * word that nobody heard.
 */
export class SpokenText {
  #text = ''
  /** Where each character that is not white space stands in the text, and whether a word begins with it. */
  readonly #chars: { readonly at: number; readonly begins: boolean }[] = []
  /** Characters handed on, of all of the text. */
  #count = 0
  /** Whether the word before `#count` was heard to its end. */
  #ended = true
  /** Characters whose timing was handed on, by any attempt. */
  #told = 0
  /** How many characters the voice of now gives the timing of that were handed on before. */
  #again = 0
  /** Audio whose words are not known. */
  #looseBytes = 0
  #held: SpokenPiece | undefined
  /** Characters whose timing has come in this attempt, counted from the beginning of the text. */
  #seen = 0
  /** All of them are those of the text: what is read out as it is written, numbers and all. */
  #isExact = true
  /** Marks come with their timing, as letters do: the one behind the last word will, too. */
  #timesMarks = false
  /** Characters at which this attempt began. */
  #from = 0
  #isAligned = false

  add(text: string): void {
    for (const { index } of text.matchAll(/\S/gu)) {
      const at = this.#text.length + index
      const before = index === 0 ? this.#text.at(-1) : text[index - 1]
      this.#chars.push({ at, begins: before === undefined || /\s/u.test(before) })
    }
    this.#text += text
  }

  /** What has to be spoken still; whole words. Empty when everything was. */
  get rest(): string {
    return this.#text.slice(this.#restAt)
  }

  /** The voice has given no timing in this attempt, or not for all of it. */
  get isLoose(): boolean {
    return !this.#isAligned || this.#looseBytes > 0
  }

  /** The part of this attempt's text whose timing has come, handed on or held back: 0 to 1. */
  get share(): number {
    const chars = this.#chars.length - this.#from
    return chars === 0 ? 1 : Math.min(1, (this.#seen - this.#from) / chars)
  }

  /** A speech that ends here has left out words, or a part of one, as far as its timing can tell. */
  get isBrokenOff(): boolean {
    if (this.isLoose) return false
    return this.#isExact
      ? (this.#timesMarks ? /\S/u : SOUNDED).test(this.#unseen)
      : this.share < WHOLE_SHARE
  }

  /** Another voice, or the same anew, is given `rest`: what is held back of the one before is dropped. */
  beginAnew(): void {
    const at = this.#restAt
    const from = this.#chars.findIndex((char) => char.at >= at)
    const begin = from === -1 ? this.#chars.length : from
    // What was told of a word that is begun anew must not be told twice.
    this.#again = Math.max(0, this.#told - begin)
    this.#count = begin
    this.#from = begin
    this.#seen = begin
    this.#isExact = true
    this.#ended = true
    this.#looseBytes = 0
    this.#isAligned = false
    this.#held = undefined
  }

  /**
   * Takes what the voice says and returns what of it is handed on.
   *
   * @param mayHold whether the line has something to play: a word that is not complete then waits for its end, so that no half
   *   of it is heard should the voice break off
   */
  push(audio: Mulaw8k, alignment: Alignment | undefined, mayHold: boolean): SpokenPiece {
    if (alignment) this.#see(alignment)
    const piece = joined(this.#held, { audio, alignment })
    this.#held = undefined
    if (piece.alignment === undefined) {
      this.#looseBytes += piece.audio.length
      return piece
    }
    this.#isAligned = true
    // Timing of audio from before: now it is known what that was.
    const isLate = (piece.alignment.startMs[0] ?? 0) < 0
    if (isLate) this.#looseBytes = 0
    const cut = mayHold && !isLate ? this.#cutOf(piece.alignment) : undefined
    if (cut === undefined) return this.#handOn(piece, endsBlank(piece.alignment))
    const [now, later] = split(piece, cut)
    this.#held = later
    // The word before one that has begun is over.
    this.#ended = true
    return this.#handOn(now, true)
  }

  /** What was held back, when nothing more comes. */
  flush(): SpokenPiece | undefined {
    return this.#release(true)
  }

  /** What was held back, if it is all that there is to say for now: the end of its last word may never be told. */
  releaseLast(): SpokenPiece | undefined {
    const { alignment } = this.#held ?? {}
    return this.share === 1 && alignment ? this.#release(endsBlank(alignment)) : undefined
  }

  #release(ended: boolean): SpokenPiece | undefined {
    const held = this.#held
    this.#held = undefined
    return held && this.#handOn(held, ended)
  }

  #see({ chars }: Alignment): void {
    for (const char of chars.join('').replaceAll(/\s+/gu, '')) {
      const at = this.#chars[this.#seen]?.at
      this.#isExact &&= at !== undefined && this.#text.startsWith(char, at)
      this.#timesMarks ||= this.#isExact && !SOUNDED.test(char)
      this.#seen++
    }
  }

  get #unseen(): string {
    return this.#text.slice(this.#chars[this.#seen]?.at ?? this.#text.length)
  }

  #handOn({ audio, alignment }: SpokenPiece, ended: boolean): SpokenPiece {
    if (!alignment || alignment.chars.length === 0) return { audio, alignment }
    const told = withoutFirst(alignment, this.#again)
    const chars = inkOf(alignment)
    this.#again = Math.max(0, this.#again - chars)
    this.#count = Math.min(this.#chars.length, this.#count + chars)
    this.#told = Math.max(this.#told, this.#count)
    this.#ended = ended
    return { audio, alignment: told }
  }

  /** The entry with which the last word begins, if it begins in here: not before the next does is it over for certain. */
  #cutOf({ chars }: Alignment): number | undefined {
    let count = this.#count
    let cut: number | undefined
    chars.forEach((entry, i) => {
      const ink = inkLength(entry)
      if (ink > 0 && this.#chars[count]?.begins) cut = i
      count += ink
    })
    return cut
  }

  get #restAt(): number {
    const aligned = this.#wordAt(this.#count)
    if (!this.#isExact && aligned < this.#text.length) {
      // The count may be ahead: the sentence is begun anew, if this attempt has begun it.
      const begin = this.#chars[this.#from]?.at ?? this.#text.length
      return Math.max(Math.min(begin, aligned), sentenceStart(this.#text, aligned))
    }
    if (this.#looseBytes === 0) return aligned
    const spoken = Math.floor(this.#looseBytes / MULAW_BYTES_PER_MS / SLOW_CHAR_MS)
    const place = this.#chars[Math.min(this.#count + spoken, this.#chars.length - 1)]?.at ?? 0
    return Math.max(aligned, sentenceStart(this.#text, place))
  }

  /** Where the first word begins that was not spoken to its end by this character. */
  #wordAt(count: number): number {
    const next = this.#chars[count]
    if (this.#ended && (next === undefined || next.begins)) return next?.at ?? this.#text.length
    const word = this.#chars.slice(0, count).findLast(({ begins }) => begins)
    return word?.at ?? 0
  }
}

function joined(held: SpokenPiece | undefined, piece: SpokenPiece): SpokenPiece {
  if (!held) return piece
  const audio = new Uint8Array(held.audio.length + piece.audio.length)
  audio.set(held.audio)
  audio.set(piece.audio, held.audio.length)
  const shiftMs = held.audio.length / MULAW_BYTES_PER_MS
  const { chars = [], startMs = [], durationMs = [] } = held.alignment ?? {}
  return {
    audio,
    alignment: {
      chars: [...chars, ...(piece.alignment?.chars ?? [])],
      startMs: [...startMs, ...(piece.alignment?.startMs.map((ms) => ms + shiftMs) ?? [])],
      durationMs: [...durationMs, ...(piece.alignment?.durationMs ?? [])],
    },
  }
}

function split({ audio, alignment }: SpokenPiece, at: number): [SpokenPiece, SpokenPiece] {
  const { chars = [], startMs = [], durationMs = [] } = alignment ?? {}
  const bytes = Math.min(
    audio.length,
    Math.max(0, Math.floor((startMs[at] ?? 0) * MULAW_BYTES_PER_MS)),
  )
  const shiftMs = bytes / MULAW_BYTES_PER_MS
  return [
    {
      audio: audio.subarray(0, bytes),
      alignment: {
        chars: chars.slice(0, at),
        startMs: startMs.slice(0, at),
        durationMs: durationMs.slice(0, at),
      },
    },
    {
      audio: audio.subarray(bytes),
      alignment: {
        chars: chars.slice(at),
        startMs: startMs.slice(at).map((ms) => ms - shiftMs),
        durationMs: durationMs.slice(at),
      },
    },
  ]
}

/** The same without the entries of its first `count` characters. */
function withoutFirst(alignment: Alignment, count: number): Alignment {
  if (count === 0) return alignment
  let left = count
  const from = alignment.chars.findIndex((entry) => {
    left -= inkLength(entry)
    return left < 0
  })
  const at = from === -1 ? alignment.chars.length : from
  return {
    chars: alignment.chars.slice(at),
    startMs: alignment.startMs.slice(at),
    durationMs: alignment.durationMs.slice(at),
  }
}

/** Something behind the last word was heard of. */
function endsBlank({ chars }: Alignment): boolean {
  return /^\s*$/u.test(chars.at(-1) ?? '')
}

function inkOf({ chars }: Alignment): number {
  return chars.reduce((sum, entry) => sum + inkLength(entry), 0)
}

/** Characters that are not white space. */
function inkLength(entry: string): number {
  return Array.from(entry.replaceAll(/\s+/gu, '')).length
}
