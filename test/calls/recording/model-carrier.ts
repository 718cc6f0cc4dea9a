import {
  FRAME_BYTES,
  MULAW_BYTES_PER_MS,
  MULAW_SILENCE,
  type Mulaw8k,
} from '../../../src/audio/samples.ts'
import type { Clock } from '../../../src/clock.ts'
import type { Line, LineListener } from '../../../src/pipeline/ports.ts'
import { PlaybackBuffer } from '../../../src/simulator/playback-buffer.ts'

/** What a carrier's network is like, in ms: each way, and by how much a message may be later than that. */
export type Network = {
  readonly toCarrierMs: number
  readonly fromCarrierMs: number
  /** The next message's extra delay; order is kept all the same. */
  readonly jitterMs: () => number
}

type Side = Map<number, Mulaw8k>

/**
 * A carrier with a network between it and us: knows to the sample what the person has said and heard, on its own time axis.
 * It sends frames and marks, plays what comes, and drops what waits when it is told to.
 */
export class ModelCarrier implements Line {
  readonly id = 'model'
  /** Sample of the carrier's time → what was said, or heard, from there on. */
  readonly said: Side = new Map()
  readonly heard: Side = new Map()
  readonly #clock: Clock
  readonly #network: Network
  readonly #startedAt: number
  readonly #playback: PlaybackBuffer
  readonly #ticks: (() => void)[]
  #listener: LineListener | undefined
  /** What is no whole frame yet. */
  #held: Uint8Array = new Uint8Array(0)
  #toCarrierAt = 0
  #fromCarrierAt = 0
  #frames = 0
  #isOver = false

  constructor(clock: Clock, network: Network, options: { says: (frame: number) => Mulaw8k }) {
    this.#clock = clock
    this.#network = network
    this.#startedAt = clock.now()
    this.#playback = new PlaybackBuffer({
      played: (audio) => this.heard.set(this.#playback.position - audio.length, audio),
      silence: () => undefined,
      mark: (name) => {
        this.#fromCarrier(() => this.#listener?.mark(name))
      },
    })
    this.#ticks = [
      clock.every(20, () => {
        this.#speak(options.says(this.#frames))
      }),
      clock.every(1, () => {
        this.#playback.advance(this.#sample)
      }),
    ]
  }

  /** The stream is open: what the person says is sent from here on. */
  deliverTo(listener: LineListener): void {
    this.#listener = listener
  }

  send(audio: Mulaw8k): void {
    const all = Buffer.concat([this.#held, audio])
    const whole = all.subarray(0, all.length - (all.length % FRAME_BYTES))
    this.#held = all.subarray(whole.length)
    this.#toCarrier(() => this.#playback.write(whole))
  }
  flush(): void {
    if (this.#held.length === 0) return
    this.send(new Uint8Array(FRAME_BYTES - this.#held.length).fill(MULAW_SILENCE))
  }
  mark(name: string): void {
    this.#toCarrier(() => {
      this.#playback.mark(name)
    })
  }
  clear(): void {
    this.#held = new Uint8Array(0)
    // Marks of dropped sound are not reported by a `Line`.
    this.#toCarrier(() => {
      this.#playback.drop()
    })
  }
  close(): void {
    this.#isOver = true
    for (const cancel of this.#ticks) cancel()
    this.#listener = undefined
  }

  get #sample(): number {
    return Math.round((this.#clock.now() - this.#startedAt) * MULAW_BYTES_PER_MS)
  }

  #speak(frame: Mulaw8k): void {
    const number = this.#frames++
    this.said.set(number * FRAME_BYTES, frame)
    this.#fromCarrier(() => this.#listener?.audio(frame, 150 + number * 20))
  }

  #toCarrier(what: () => void): void {
    const { toCarrierMs, jitterMs } = this.#network
    const at = Math.max(this.#toCarrierAt, this.#clock.now() + toCarrierMs + jitterMs())
    this.#toCarrierAt = at
    this.#clock.after(at - this.#clock.now(), () => {
      if (this.#isOver) return
      this.#playback.advance(this.#sample)
      what()
    })
  }

  #fromCarrier(what: () => void): void {
    const { fromCarrierMs, jitterMs } = this.#network
    const at = Math.max(this.#fromCarrierAt, this.#clock.now() + fromCarrierMs + jitterMs())
    this.#fromCarrierAt = at
    this.#clock.after(at - this.#clock.now(), what)
  }
}

/** Sound that is like no other: the bytes of a seeded generator, none of them silence. */
export function noise(seed: number, length = FRAME_BYTES): Mulaw8k {
  let state = seed * 2_654_435_761 + 1
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return (state >>> 16) % 0x7f
  })
}

/**
 * Where the sound of one side lies in a recording, compared with where it was: the distance in samples of each of its
 * pieces that is found there whole.
 */
export function distances(truth: Side, recorded: Mulaw8k): number[] {
  const haystack = Buffer.from(recorded)
  return [...truth].flatMap(([at, audio]) => {
    if (audio.includes(MULAW_SILENCE)) return []
    const found = haystack.indexOf(audio)
    return found === -1 ? [] : [found - at]
  })
}
