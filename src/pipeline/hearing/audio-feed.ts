import type { RecentAudio } from '../../audio/recent-audio.ts'
import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import type { CallerSound } from './caller-sound.ts'

/** The most that Deepgram takes of a backlog (its “Recovering From Connection Errors & Timeouts”). */
const REPLAY_RATE = 1.25
const PIECE_MS = 20
/** A stall of our own is not made up for by a burst longer than this. */
const MAX_BURST_MS = 500
/** What is left of a silence that is skipped, after what was said and before what is said next: enough to end a turn. */
const AFTER_SPEECH_MS = 500
const BEFORE_SPEECH_MS = 200

export type AudioFeedParts = {
  readonly recent: RecentAudio
  readonly sound: CallerSound
  readonly clock: Clock
  readonly send: (audio: Mulaw8k) => void
}

/**
 * Gives a recogniser the call's audio from some point in the past on, faster than it was spoken until it has caught up, and
 * then as it comes. Silence is what keeps it from lagging for long: while it is behind, the middle of every pause is left out.
 */
export class AudioFeed {
  readonly #parts: AudioFeedParts
  readonly #startMs: number
  #atMs: number
  #sentMs = 0
  /** From this much of the sent audio on, the call's audio is so much later. */
  readonly #offsets: { readonly sentMs: number; readonly offsetMs: number }[]
  #allowedMs = PIECE_MS
  #pumpedAt: number
  #cancel: Cancel | undefined

  constructor(parts: AudioFeedParts, fromMs: number) {
    const { recent, clock } = parts
    this.#parts = parts
    this.#startMs = this.#atMs = recent.since(fromMs, 0).startMs
    this.#offsets = [{ sentMs: 0, offsetMs: this.#atMs }]
    this.#pumpedAt = clock.now()
    this.#pump()
    if (this.lagMs > 0) this.#cancel = clock.every(PIECE_MS, this.#pump.bind(this))
  }

  /** How far it is behind the caller. */
  get lagMs(): number {
    return this.#parts.recent.endMs - this.#atMs
  }

  /** The newest audio, which is already among the recent. */
  push(frame: Mulaw8k): void {
    if (this.#cancel) return
    this.#parts.send(frame)
    this.#note(frame)
  }

  /** Where in the call's audio something is that the recogniser counts as so many ms of what it was sent. */
  callMs(sentMs: number): number {
    const offset = this.#offsets.findLast((each) => each.sentMs <= sentMs)
    return sentMs + (offset?.offsetMs ?? this.#startMs)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #pump(): void {
    const { recent, clock } = this.#parts
    const now = clock.now()
    this.#allowedMs += Math.min(MAX_BURST_MS, now - this.#pumpedAt) * REPLAY_RATE
    this.#pumpedAt = now
    while (this.#allowedMs >= PIECE_MS) {
      this.#skipSilence()
      const { startMs, audio } = recent.since(this.#atMs, PIECE_MS)
      if (audio.length === 0) {
        this.stop()
        return
      }
      // What was not kept for long enough is missing.
      if (startMs > this.#atMs) this.#jump(startMs)
      this.#allowedMs -= audio.length / MULAW_BYTES_PER_MS
      this.#parts.send(audio)
      this.#note(audio)
    }
  }

  #skipSilence(): void {
    const silence = this.#parts.sound.silenceAt(this.#atMs)
    if (!silence || this.#atMs < Math.max(silence.fromMs, this.#startMs) + AFTER_SPEECH_MS) return
    const toMs = Math.floor(silence.toMs) - BEFORE_SPEECH_MS
    if (toMs > this.#atMs) this.#jump(toMs)
  }

  #jump(toMs: number): void {
    this.#atMs = toMs
    this.#offsets.push({ sentMs: this.#sentMs, offsetMs: toMs - this.#sentMs })
  }

  #note(audio: Mulaw8k): void {
    const ms = audio.length / MULAW_BYTES_PER_MS
    this.#atMs += ms
    this.#sentMs += ms
  }
}
