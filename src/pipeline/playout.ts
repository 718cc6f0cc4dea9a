import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../audio/samples.ts'
import type { Cancel, Clock } from '../clock.ts'
import { HeardText, type Heard } from './heard-text.ts'
import { Interjected } from './interjected.ts'
import type { Alignment, Line } from './ports.ts'

export type PlayoutListener = {
  /** The first audio of the reply went to the line, or more of it after it had run dry. */
  audio(reply: number): void
  /** Words that fill the wait for the reply are on their way to the line. */
  filler(reply: number): void
  /** Everything sent of the reply was played, and more is to come. */
  dry(reply: number): void
  /** The person has heard the first `ms` of the reply, as the line acknowledged just now. */
  heardFirst(reply: number, ms: number): void
  /** All audio of the reply went to the line. */
  sent(reply: number): void
  /** The person has heard all of the reply. */
  heard(reply: number): void
}

/** How much audio lies between two marks: they correct the playout clock, and cost a message each way. */
const MARK_EVERY_BYTES = 500 * MULAW_BYTES_PER_MS
/** The first mark comes early, because it tells when the person began to hear the reply. */
const FIRST_MARK_BYTES = 100 * MULAW_BYTES_PER_MS
/** A mark's way back may take this long before it counts as a sign that playing has fallen behind our clock. */
const MARK_RETURN_MS = 150
/**
 * A line that does not return the last mark is believed to have played everything by then: later than a line that plays
 * nothing is given up.
 */
const LAST_MARK_GRACE_MS = 6000
/**
 * When a mark is this late, our clock is not believed any more: what no mark has acknowledged may not have been played. How
 * long the way there and back takes is not known before the first one …
 */
const FIRST_OVERDUE_BYTES = 1000 * MULAW_BYTES_PER_MS
/** … and is reckoned with after it. What the person says comes through the same socket, behind the marks of what they heard. */
const OVERDUE_BYTES = 300 * MULAW_BYTES_PER_MS

/**
 * One reply on its way to the person's ear: what was sent, and what of it has been played.
 *
 * The carrier plays what it gets in order, so the playout clock knows when the audio sent will be over
 * (`max(now, end) + length`). Marks that come back bound it: what lies before one was heard for certain, and one that is
 * late means that the carrier ran dry or lags behind.
 */
export class Playback {
  readonly reply: number
  readonly #clock: Clock
  readonly #line: () => Line | undefined
  readonly #listener: PlayoutListener
  readonly #ledger = new HeardText()
  readonly #interjected = new Interjected()
  /** All audio of the reply: what is not heard may have to be sent again. */
  #kept: { readonly audio: Mulaw8k; readonly isFiller: boolean }[] = []
  #keptBytes = 0
  /** Its own audio before this place was heard for certain: a filler was heard behind it. */
  #certainBytes = 0
  /** The filler that comes now goes to the line. */
  #fills = false
  /** Nothing goes to the line for now. */
  #held: boolean
  /** What had been played when the reply was paused; undefined while it is not. */
  #pausedBytes: number | undefined
  /** How far the person had heard it before it was paused: it may go on from somewhat before that. */
  #reachedBytes = 0
  /** Where it went on after the last pause: of what lies before that, nothing went to the line since. */
  #resumedBytes = 0
  /** No more audio comes. */
  #finished = false
  /** … because all of the text was spoken. */
  #whole = false
  #begun = false
  /** Audio of its own is being played, as far as is known. */
  #flows = false
  #cancelDry: Cancel | undefined
  #over = false
  #sentBytes = 0
  #markedBytes = 0
  #ackedBytes = 0
  /** Places of the marks that have not come back. */
  #marks: number[] = []
  /** Clock time at which everything sent has been played. */
  #endsAt = 0
  #cancelDeadline: Cancel | undefined

  constructor(options: {
    reply: number
    held: boolean
    clock: Clock
    line: () => Line | undefined
    listener: PlayoutListener
  }) {
    this.reply = options.reply
    this.#held = options.held
    this.#clock = options.clock
    this.#line = options.line
    this.#listener = options.listener
  }

  /** True from the first audio sent until all of it was heard or cut; a pause does not change it. */
  get audible(): boolean {
    return this.#begun && !this.#over
  }

  /** The reply's text, as far as it is written. */
  get text(): string {
    return this.#ledger.text
  }

  /** Text on its way to the voice; `spoken` where the voice is given another spelling of it. */
  addText(written: string, spoken?: string): void {
    this.#ledger.addText(written, spoken)
  }

  push(audio: Mulaw8k, alignment?: Alignment): void {
    if (this.#over) return
    // A piece too short to be heard of yet may be the beginning of a word all the same.
    this.#ledger.addAudio(audio.length, alignment)
    if (audio.length === 0) return
    this.#keep(audio, { isFiller: false })
    if (!this.#held) this.#send(audio)
  }

  /**
   * Words that fill the wait for what is to come, as far as their audio is there; their end is told by `endFiller`. They are
   * for now or never: nothing is heard of those that begin, or are still to be heard, while nothing goes to the line.
   */
  beginFiller(text: string): void {
    this.#fills = !this.#held && !this.#over
    if (!this.#fills) return
    this.#interjected.begin(text, this.#keptBytes)
    this.#listener.filler(this.reply)
  }

  pushFiller(audio: Mulaw8k, alignment?: Alignment): void {
    if (!this.#fills || this.#over) return
    this.#interjected.add(audio.length, alignment)
    this.#keep(audio, { isFiller: true })
    this.#deliver(audio)
  }

  endFiller(): void {
    if (this.#fills) this.#interjected.finish()
  }

  #keep(audio: Mulaw8k, { isFiller }: { isFiller: boolean }): void {
    this.#kept.push({ audio, isFiller })
    this.#keptBytes += audio.length
  }

  /** What was heard of the words that filled waits, in their order. */
  get fillersHeard(): readonly Heard[] {
    return this.#interjected.heard(this.#reached())
  }

  /** How much of the reply's text has gone to the line. */
  get sentText(): string {
    return this.#ledger.at(this.#ledger.audioBytes, false).text
  }

  /** Sends what was held back. */
  release(): void {
    if (!this.#held || this.#over) return
    this.#held = false
    let at = 0
    const from = this.#sentBytes
    for (const { audio } of this.#kept) {
      if (at + audio.length > from) this.#send(audio.subarray(Math.max(0, from - at)))
      at += audio.length
    }
    if (this.#finished) this.#sendEnd()
    else if (this.#begun) this.#watchEnd()
  }

  /**
   * Silences the line at once, and keeps what was not heard for `resume`.
   *
   * @param unheardMs what went to the line for so long until now may not have been played
   */
  pause(unheardMs = 0): void {
    if (this.#held || this.#over) return
    this.#held = true
    this.#cancelDeadline?.()
    this.#cancelDry?.()
    this.#cancelDry = undefined
    const reached = this.#playedBytes()
    const unheard = Math.max(this.#resumedBytes, reached - unheardMs * MULAW_BYTES_PER_MS)
    const played = Math.max(this.#ackedBytes, unheard)
    this.#line()?.clear()
    const own = this.#interjected.own(played)
    this.#reachedBytes = Math.max(this.#reachedBytes, this.#interjected.own(reached))
    // Before words that filled a wait, all of its own was heard.
    if (this.#interjected.covers(played)) this.#certainBytes = own
    const word = Math.max(this.#certainBytes, this.#ledger.wordStart(own))
    this.#sentBytes = Math.min(this.#interjected.own(this.#sentBytes), word)
    this.#dropFillers(reached)
    this.#pausedBytes = own
    this.#resumedBytes = this.#sentBytes
    this.#markedBytes = this.#sentBytes
    this.#ackedBytes = Math.min(this.#ackedBytes, this.#sentBytes)
    this.#marks = []
    this.#endsAt = 0
  }

  /** The reply goes on without them; from here on, places in its audio are places in its own audio. */
  #dropFillers(reached: number): void {
    this.#fills = false
    this.#interjected.settle(reached)
    this.#kept = this.#kept.filter(({ isFiller }) => !isFiller)
    this.#keptBytes = this.#ledger.audioBytes
  }

  /** Goes on from the beginning of the word at which the reply was paused, or from where it was rewound to. */
  resume(): void {
    this.#pausedBytes = undefined
    this.release()
  }

  /** Silences the line and goes back to the first word; what was played does not count as heard. */
  rewind(): void {
    if (this.#over) return
    this.pause()
    this.#interjected.forget()
    this.#pausedBytes = 0
    this.#reachedBytes = 0
    this.#certainBytes = 0
    this.#resumedBytes = 0
    this.#sentBytes = 0
    this.#markedBytes = 0
    this.#ackedBytes = 0
  }

  /** Holds back what is still to come; only of use while nothing was sent. */
  hold(): void {
    this.#held = true
    this.#fills = false
  }

  /** No more audio comes; `whole`: all of the text was spoken, the voice did not break off. */
  finish({ whole }: { whole: boolean }): void {
    if (this.#finished || this.#over) return
    this.#finished = true
    this.#whole = whole
    if (!this.#held) this.#sendEnd()
  }

  /** Silences the line and tells what was heard until now. */
  cut(): Heard {
    const heard = this.heard()
    if (this.audible && this.#pausedBytes === undefined) this.#line()?.clear()
    this.#ackedBytes = this.#pausedBytes ?? this.#playedBytes()
    this.#close()
    return heard
  }

  /** What the person has heard by now. */
  heard(): Heard {
    return this.#ledger.at(this.#interjected.own(this.#reached()), this.#whole)
  }

  /** How far the person has heard it. */
  #reached(): number {
    return Math.max(this.#reachedBytes, this.#pausedBytes ?? this.#playedBytes())
  }

  /** Whether the text up to this place was heard to the end of its last word. */
  hasHeard(textEnd: number): boolean {
    const played = this.#pausedBytes ?? this.#playedBytes()
    return this.#ledger.isOver(textEnd, this.#interjected.own(played))
  }

  /** A mark of this reply came back: everything before `bytes` was heard. */
  acknowledge(bytes: number): void {
    if (this.#over || this.#held) return
    if (this.#ackedBytes === 0) {
      this.#listener.heardFirst(this.reply, bytes / MULAW_BYTES_PER_MS)
    }
    this.#ackedBytes = Math.max(this.#ackedBytes, bytes)
    this.#marks = this.#marks.filter((mark) => mark > bytes)
    const endsAtByMark = this.#clock.now() + (this.#sentBytes - bytes) / MULAW_BYTES_PER_MS
    if (this.#playedBytes() < bytes) this.#endsAt = endsAtByMark
    this.#endsAt = Math.max(this.#endsAt, endsAtByMark - MARK_RETURN_MS)
    if (!this.#finished) return
    if (bytes >= this.#sentBytes) this.#hearAll()
    else this.#expectEnd()
  }

  #send(audio: Mulaw8k): void {
    this.#deliver(audio)
    this.#watchEnd()
    if (this.#flows) return
    this.#flows = true
    this.#listener.audio(this.reply)
  }

  /** Tells when everything sent was played and more is to come. */
  #watchEnd(): void {
    if (this.#cancelDry) return
    this.#cancelDry = this.#clock.after(this.#endsAt - this.#clock.now(), () => {
      this.#cancelDry = undefined
      if (this.#over || this.#held || this.#finished) return
      // More was sent meanwhile, or the line plays later than was thought.
      if (this.#endsAt > this.#clock.now() + 1) this.#watchEnd()
      else {
        this.#flows = false
        this.#listener.dry(this.reply)
      }
    })
  }

  #deliver(audio: Mulaw8k): void {
    const now = this.#clock.now()
    this.#begun = true
    this.#endsAt = Math.max(now, this.#endsAt) + audio.length / MULAW_BYTES_PER_MS
    this.#sentBytes += audio.length
    this.#line()?.send(audio)
    const markAt = this.#markedBytes === 0 ? FIRST_MARK_BYTES : this.#markedBytes + MARK_EVERY_BYTES
    if (this.#sentBytes >= markAt) this.#mark()
  }

  #mark(): void {
    this.#markedBytes = this.#sentBytes
    this.#marks.push(this.#sentBytes)
    this.#line()?.mark(markName(this.reply, this.#sentBytes))
  }

  #sendEnd(): void {
    // A reply without a sound is over at once.
    if (this.#sentBytes === 0) {
      this.#listener.sent(this.reply)
      this.#hearAll()
      return
    }
    const line = this.#line()
    line?.flush()
    this.#mark()
    this.#expectEnd()
    this.#listener.sent(this.reply)
  }

  #expectEnd(): void {
    this.#cancelDeadline?.()
    const left = Math.max(0, this.#endsAt - this.#clock.now())
    this.#cancelDeadline = this.#clock.after(left + LAST_MARK_GRACE_MS, () => {
      this.#hearAll()
    })
  }

  #playedBytes(): number {
    if (this.#over) return this.#ackedBytes
    const played = this.#sentBytes - (this.#endsAt - this.#clock.now()) * MULAW_BYTES_PER_MS
    const [next = Infinity] = this.#marks
    const overdue = this.#ackedBytes === 0 ? FIRST_OVERDUE_BYTES : OVERDUE_BYTES
    if (played > next + overdue) return this.#ackedBytes
    return Math.max(this.#ackedBytes, Math.min(played, this.#sentBytes), 0)
  }

  #hearAll(): void {
    this.#ackedBytes = this.#sentBytes
    this.#close()
    this.#listener.heard(this.reply)
  }

  #close(): void {
    this.#over = true
    this.#kept.length = 0
    this.#cancelDeadline?.()
    this.#cancelDry?.()
  }
}

function markName(reply: number, bytes: number): string {
  return `${reply}:${bytes}`
}

/** Reads a mark that this file named; undefined for any other. */
export function parseMark(name: string): { reply: number; bytes: number } | undefined {
  const match = /^(\d+):(\d+)$/.exec(name)
  return match ? { reply: Number(match[1]), bytes: Number(match[2]) } : undefined
}
