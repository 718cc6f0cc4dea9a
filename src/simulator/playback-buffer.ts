import { MULAW_BYTES_PER_MS } from '../audio/samples.ts'
import type { Mulaw8k } from '../audio/samples.ts'

/** What comes out of a playback buffer, in the order in which the person would notice it. */
export type PlaybackListener = {
  played(audio: Mulaw8k): void
  /** So many samples in which nothing was left to play. */
  silence(samples: number): void
  /** Playback has reached this mark, or `clear` has flushed it. */
  mark(name: string): void
}

/** Beyond ten minutes of waiting audio Twilio discards what comes (warning 31931). */
export const PLAYBACK_LIMIT_BYTES = 10 * 60 * 1000 * MULAW_BYTES_PER_MS

type Item = { readonly audio: Mulaw8k } | { readonly mark: string }

/**
 * What Twilio holds between a media stream and the telephone: audio and marks in one queue, played at one byte a
 * sample. It knows no clock: `advance` says how far the line's time has come, and everything that arrives takes its
 * place at that moment.
 */
export class PlaybackBuffer {
  readonly #listener: PlaybackListener
  #queue: Item[] = []
  /** Bytes of the first item that were played already. */
  #offset = 0
  #waitingBytes = 0
  #position: number

  constructor(listener: PlaybackListener, startSample = 0) {
    this.#listener = listener
    this.#position = startSample
  }

  /** The sample up to which the line has been played. */
  get position(): number {
    return this.#position
  }

  get waitingBytes(): number {
    return this.#waitingBytes
  }

  /** Plays on up to `sample`; a sample in the past changes nothing. */
  advance(sample: number): void {
    this.#passMarks()
    while (this.#position < sample) {
      const head = this.#queue[0]
      if (head === undefined || 'mark' in head) {
        this.#listener.silence(sample - this.#position)
        this.#position = sample
        return
      }
      this.#play(head.audio, sample - this.#position)
      this.#passMarks()
    }
  }

  /** Queues audio; false when it was discarded because the buffer is full. */
  write(audio: Mulaw8k): boolean {
    if (this.#waitingBytes + audio.length > PLAYBACK_LIMIT_BYTES) return false
    if (audio.length === 0) return true
    this.#queue.push({ audio })
    this.#waitingBytes += audio.length
    return true
  }

  /** Reported when everything before it has been played: at once if nothing is waiting. */
  mark(name: string): void {
    this.#queue.push({ mark: name })
    this.#passMarks()
  }

  /** Drops the audio that waits, and reports the marks that wait, in order. */
  clear(): void {
    const dropped = this.#queue
    this.drop()
    for (const item of dropped) if ('mark' in item) this.#listener.mark(item.mark)
  }

  /** Drops everything without a word: the stream that filled the buffer is gone. */
  drop(): void {
    this.#queue = []
    this.#offset = 0
    this.#waitingBytes = 0
  }

  #play(audio: Mulaw8k, atMost: number): void {
    const piece = audio.subarray(this.#offset, this.#offset + atMost)
    this.#position += piece.length
    this.#waitingBytes -= piece.length
    this.#offset += piece.length
    if (this.#offset === audio.length) {
      this.#queue.shift()
      this.#offset = 0
    }
    this.#listener.played(piece)
  }

  #passMarks(): void {
    let head = this.#queue[0]
    while (head !== undefined && 'mark' in head) {
      this.#queue.shift()
      this.#listener.mark(head.mark)
      head = this.#queue[0]
    }
  }
}
