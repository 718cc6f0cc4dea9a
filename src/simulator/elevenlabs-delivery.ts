import type { Cancel, Clock } from '../clock.ts'
import type { ElevenLabsKnobs } from './elevenlabs-knobs.ts'

export type VoicePace = Pick<ElevenLabsKnobs, 'firstAudioMs' | 'realTimeFactor'>

/** Sends chunks of audio at the pace of a voice that generates faster than it speaks. */
export class Delivery<Chunk extends { readonly ms: number }> {
  readonly #clock: Clock
  readonly #knobs: VoicePace
  readonly #send: (chunk: Chunk) => void
  readonly #onIdle: () => void
  #queue: { chunk: Chunk; notBefore: number }[] = []
  #freeAt = 0
  #cancelTimer: Cancel | undefined
  #stopped = false

  constructor(options: {
    clock: Clock
    knobs: VoicePace
    send: (chunk: Chunk) => void
    onIdle: () => void
  }) {
    this.#clock = options.clock
    this.#knobs = options.knobs
    this.#send = options.send
    this.#onIdle = options.onIdle
  }

  get idle(): boolean {
    return this.#queue.length === 0 && !this.#stopped
  }

  /** Queues one text's chunks; the first is ready when the voice has had its time to think. */
  add(chunks: readonly Chunk[], lateMs = 0): void {
    const notBefore = this.#clock.now() + this.#knobs.firstAudioMs + lateMs
    for (const chunk of chunks) this.#queue.push({ chunk, notBefore })
    this.#schedule()
  }

  /** Drops all but the next few chunks. */
  keepOnly(count: number): void {
    this.#queue.length = Math.min(this.#queue.length, count)
    if (this.#queue.length === 0) this.#cancelTimer?.()
  }

  /** Sends nothing more, and is never idle again. */
  stop(): void {
    this.#stopped = true
    this.#queue = []
    this.#cancelTimer?.()
  }

  #schedule(): void {
    const next = this.#queue[0]
    if (!next || this.#stopped) return
    this.#cancelTimer?.()
    const due = Math.max(next.notBefore, this.#freeAt)
    this.#cancelTimer = this.#clock.after(Math.max(0, due - this.#clock.now()), () => {
      this.#sendDue()
    })
  }

  #sendDue(): void {
    const now = this.#clock.now()
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const due = Math.max(next.notBefore, this.#freeAt)
      if (due > now) break
      this.#queue.shift()
      this.#freeAt = due + next.chunk.ms / this.#knobs.realTimeFactor
      this.#send(next.chunk)
    }
    if (this.idle) this.#onIdle()
    else this.#schedule()
  }
}
