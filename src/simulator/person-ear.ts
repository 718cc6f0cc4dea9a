import { MULAW_BYTES_PER_MS } from '../audio/samples.ts'
import type { Mulaw8k } from '../audio/samples.ts'
import { type HeardByte, textOf, ToneListener } from './tone-speech.ts'

/** Something that was said or heard in one go; times are milliseconds since the answer. */
export type Utterance = {
  readonly text: string
  readonly startMs: number
  readonly endMs: number
}

/** A pause after which what is heard is a new utterance. */
const UTTERANCE_GAP = 700 * MULAW_BYTES_PER_MS
/** The same when the person spoke in that pause. A shorter one is the agent talking through an "uh-huh". */
const TURN_GAP = 200 * MULAW_BYTES_PER_MS
/** A pause after which a word is over although no blank was heard. */
const WORD_GAP_MS = 200
/** Silence that is certain to end a burst for the listener; further silence need not be listened to. */
const LISTEN_SILENCE = new Uint8Array(400).fill(0xff)
const BLANK = 0x20

/**
 * The person's ear: makes out words in what the line plays. Positions are samples since the answer. Long silence is
 * counted and not analysed, which is what makes hundreds of calls cheap.
 */
export class Ear {
  readonly #onWord: (word: string) => void
  readonly #listener = new ToneListener((heard) => {
    this.#onByte(heard)
  })
  /** Samples of silence that were counted and not listened to. */
  #skipped = 0
  #silentFor = 0
  #lastSoundEnd = 0
  #utterances: HeardByte[][] = []
  #sinceSpoke: HeardByte[] = []
  /** Text of `#sinceSpoke`, made when asked for. */
  #textSinceSpoke: string | undefined
  #word: HeardByte[] = []
  #newSpeaker = false
  /** The sample at which the line broke, until something is heard that came after it. */
  #brokeAt: number | undefined
  #spoke = { start: -1, end: -1 }

  constructor(onWord: (word: string) => void) {
    this.#onWord = onWord
  }

  get position(): number {
    return this.#listener.position + this.#skipped
  }

  /** Where the last sound ended, whether it was understood or not. */
  get lastSoundEnd(): number {
    return this.#lastSoundEnd
  }

  hear(audio: Mulaw8k): void {
    this.#silentFor = 0
    this.#listen(audio)
  }

  silence(samples: number): void {
    const listened = Math.min(samples, Math.max(0, LISTEN_SILENCE.length - this.#silentFor))
    this.#silentFor += samples
    if (listened > 0) this.#listen(LISTEN_SILENCE.subarray(0, listened))
    this.#skipped += samples - listened
    this.#endWordInSilence()
  }

  /** The person says something of their own: what follows counts as heard since then. */
  spoke(start: number, end: number): void {
    this.#spoke = { start, end }
    this.listenAfresh()
  }

  /** Forgets what was heard while the person was talking. */
  listenAfresh(): void {
    this.#sinceSpoke = []
    this.#textSinceSpoke = undefined
  }

  /** Somebody else is heard from here on: a new utterance begins, whatever the pause. */
  newSpeaker(): void {
    this.#endWord()
    this.#newSpeaker = true
  }

  /** The line breaks: whatever follows, however soon, does not go on with the word that was being heard. */
  lineBroke(): void {
    this.#brokeAt = this.position
  }

  /** What was heard from `sample` on, whoever spoke meanwhile. */
  textSince(sample: number): string {
    const texts = this.#utterances.map((bytes) =>
      textOf(bytes.filter(({ start }) => start >= sample)),
    )
    return collapse(texts.join(' '))
  }

  get textSinceSpoke(): string {
    return (this.#textSinceSpoke ??= collapse(textOf(this.#sinceSpoke)))
  }

  /** Words heard to their end since the person last spoke. */
  get wordsSinceSpoke(): number {
    const text = this.textSinceSpoke
    if (text === '') return 0
    const words = text.split(' ').length
    const lastIsWhole = this.#sinceSpoke.at(-1)?.byte === BLANK || this.#pausedForWord
    return lastIsWhole ? words : words - 1
  }

  get heardSinceSpoke(): boolean {
    return this.#sinceSpoke.length > 0
  }

  get utterances(): readonly Utterance[] {
    return this.#utterances.map((bytes) => ({
      text: collapse(textOf(bytes)),
      startMs: (bytes[0]?.start ?? 0) / MULAW_BYTES_PER_MS,
      endMs: (bytes.at(-1)?.end ?? 0) / MULAW_BYTES_PER_MS,
    }))
  }

  /** Reports a word that the end of the call has cut off. */
  close(): void {
    this.#endWord()
  }

  #listen(audio: Mulaw8k): void {
    const before = this.#listener.lastSoundEnd
    this.#listener.hear(audio)
    const after = this.#listener.lastSoundEnd
    if (after !== before) this.#lastSoundEnd = after + this.#skipped
    this.#endWordInSilence()
  }

  #onByte(raw: HeardByte): void {
    const heard = {
      byte: raw.byte,
      start: raw.start + this.#skipped,
      end: raw.end + this.#skipped,
    }
    const last = this.#utterances.at(-1)
    const lastEnd = last?.at(-1)?.end
    if (last === undefined || lastEnd === undefined || this.#isNew(lastEnd, heard.start)) {
      this.#endWord()
      this.#newSpeaker = false
      this.#utterances.push([heard])
    } else {
      // A word that was cut off does not run into the next one.
      const isLong = heard.start - lastEnd >= WORD_GAP_MS * MULAW_BYTES_PER_MS
      // What was played before the break is understood a moment after it.
      const isAfterBreak = this.#brokeAt !== undefined && heard.start >= this.#brokeAt
      if (isAfterBreak) this.#endWord()
      if (isLong || isAfterBreak) this.#pauseIn(last, lastEnd)
      last.push(heard)
    }
    if (this.#brokeAt !== undefined && heard.start >= this.#brokeAt) this.#brokeAt = undefined
    this.#sinceSpoke.push(heard)
    this.#textSinceSpoke = undefined
    if (heard.byte === BLANK) this.#endWord()
    else this.#word.push(heard)
  }

  #pauseIn(utterance: HeardByte[], at: number): void {
    const blank = { byte: BLANK, start: at, end: at }
    utterance.push(blank)
    this.#sinceSpoke.push(blank)
  }

  #isNew(lastEnd: number, start: number): boolean {
    if (this.#newSpeaker) return true
    const gap = start - lastEnd
    const spokeBetween = this.#spoke.start < start && this.#spoke.end > lastEnd
    return gap >= (spokeBetween ? TURN_GAP : UTTERANCE_GAP)
  }

  get #pausedForWord(): boolean {
    return this.position - this.#lastSoundEnd >= WORD_GAP_MS * MULAW_BYTES_PER_MS
  }

  #endWordInSilence(): void {
    if (this.#word.length > 0 && this.#pausedForWord) this.#endWord()
  }

  #endWord(): void {
    if (this.#word.length === 0) return
    const word = textOf(this.#word)
    this.#word = []
    this.#onWord(word)
  }
}

/** Text without blanks at its ends and with single ones inside. */
function collapse(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
