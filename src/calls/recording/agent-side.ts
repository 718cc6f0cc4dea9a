import {
  FRAME_BYTES,
  MULAW_BYTES_PER_MS,
  MULAW_SILENCE,
  type Mulaw8k,
} from '../../audio/samples.ts'
import type { SoundTrack } from './sound-track.ts'

/**
 * Marks that come back so much later than the sound before them should be over, two in a row: the carrier ran dry. One
 * alone may have been held up on its way.
 */
const RAN_DRY = 150 * MULAW_BYTES_PER_MS
/** No network takes longer there and back for as long as a call lasts. */
const LONGEST_DELAY = 500 * MULAW_BYTES_PER_MS
/** So many beginnings tell how long the way there and back takes: the fastest one met no delay of its own. */
const RUNS_TO_JUDGE = 4

const OWN_MARK = /^recording \d+$/

/** Whether a mark is one of the recording's own, which no conversation knows. */
export function isOwnMark(name: string): boolean {
  return OWN_MARK.test(name)
}

/** Sound that goes on without a pause. */
type Run = {
  readonly sentAt: number
  start: number
  /** A mark of it has come back. */
  isConfirmed: boolean
}

/**
 * The agent, as the carrier plays it: sound goes behind the sound before it, or begins when it has come to the carrier. A
 * mark comes back as late as the caller's frames do, so the moment of its return is the place of its sound next to the
 * caller's, whatever the way there and back takes.
 *
 * Whenever the line was silent a mark of our own goes ahead of the sound: it comes back at once, and tells where that sound
 * begins before any of it is in the file.
 */
export class AgentSide {
  readonly #track: SoundTrack
  /** Marks that have not come back, in order, each with the sample at which it should. */
  #marks: { readonly name: string; at: number }[] = []
  #ownMarks = 0
  /** Samples from sending to the return of a mark, when nothing is played: of the last runs. */
  #delays: readonly number[] = []
  #run: Run = { sentAt: 0, start: 0, isConfirmed: false }
  /** Nothing was sent since the line was cleared, or was there. */
  #isSilent = true
  /** By how much the last mark was late. */
  #lateBefore = 0
  /** Up to here the sound has certainly been played. */
  #confirmed = 0
  /** Bytes that the line holds back until they are a whole frame. */
  #held = 0

  constructor(track: SoundTrack) {
    this.#track = track
  }

  /** @returns the name of a mark that must go to the line before this sound, if one must */
  send(audio: Mulaw8k, now: number): string | undefined {
    if (audio.length === 0) return undefined
    const start = Math.max(now + this.#delay, this.#track.end)
    const isRun = this.#isSilent || start > this.#track.end
    this.#isSilent = false
    // A copy: the sender may use its buffer again.
    this.#track.place(start, audio.slice())
    this.#held = (this.#held + audio.length) % FRAME_BYTES
    if (!isRun) return undefined
    this.#run = { sentAt: now, start, isConfirmed: false }
    this.#lateBefore = 0
    const name = `recording ${++this.#ownMarks}`
    this.#marks.push({ name, at: start })
    return name
  }

  /** The line sends what it holds back, filled up with silence. */
  flush(): void {
    if (this.#held === 0) return
    const filling = new Uint8Array(FRAME_BYTES - this.#held).fill(MULAW_SILENCE)
    this.#track.place(this.#track.end, filling)
    this.#held = 0
  }

  mark(name: string): void {
    // It overtakes what is held back.
    this.#marks.push({ name, at: this.#track.end - this.#held })
  }

  marked(name: string, now: number): void {
    const index = this.#marks.findIndex((mark) => mark.name === name)
    const mark = this.#marks[index]
    if (!mark) return
    if (mark.at >= this.#run.start) {
      const late = now - mark.at
      this.#lateBefore = late - this.#correct(late)
      this.#run.isConfirmed = true
    }
    this.#confirmed = mark.at
    this.#marks.splice(0, index + 1)
  }

  /** The line drops what has not been played; its order takes as long to get there as sound does. */
  clear(now: number): void {
    this.#track.cut(Math.min(now + this.#delay, this.#track.end - this.#held))
    this.#forget()
  }

  /** The line is gone, and all that was not played with it. */
  end(now: number): void {
    this.#track.cut(now)
    this.#forget()
  }

  get #delay(): number {
    return this.#delays.length === 0 ? 0 : Math.min(LONGEST_DELAY, ...this.#delays)
  }

  /** @returns how far the sound was moved for a mark that was late, or early */
  #correct(late: number): number {
    const run = this.#run
    const { isConfirmed } = run
    // As long as all of it is still to be written it may begin at another moment.
    const isUnwritten = this.#track.taken <= run.start
    const twiceLate = Math.min(late, this.#lateBefore)
    let moved = 0
    if (late < 0 || (isUnwritten && !isConfirmed)) {
      moved = this.#shift(run.start, late)
      if (isUnwritten) run.start += moved
    } else if (twiceLate > RAN_DRY) moved = this.#shift(this.#confirmed, twiceLate)
    if (late < 0 || !isConfirmed) this.#learn(run.start - run.sentAt + (late - moved))
    return moved
  }

  #learn(delay: number): void {
    const { isConfirmed } = this.#run
    const others = isConfirmed ? this.#delays.slice(0, -1) : this.#delays
    const least = isConfirmed ? Math.min(delay, this.#delays.at(-1) ?? delay) : delay
    this.#delays = [...others, Math.max(0, least)].slice(-RUNS_TO_JUDGE)
  }

  #shift(from: number, by: number): number {
    const start = Math.max(from, this.#track.taken)
    const moved = this.#track.shift(start, by)
    for (const mark of this.#marks) if (mark.at >= start) mark.at += moved
    return moved
  }

  #forget(): void {
    this.#marks = []
    this.#held = 0
    this.#isSilent = true
  }
}
