import { FRAME_BYTES, MULAW_BYTES_PER_MS } from '../audio/samples.ts'
import type { Mulaw8k } from '../audio/samples.ts'
import { SideRecording, type TwoSides } from './call-recording.ts'
import { Ear } from './person-ear.ts'
import { Mouth } from './person-mouth.ts'
import { PlaybackBuffer } from './playback-buffer.ts'
import { RoomNoise } from './room-noise.ts'
import { RoughLine } from './rough-line.ts'
import type { Person } from './scenario.ts'

/** A media stream as the call's audio sees it. */
export type AudioStream = {
  /**
   * 20 ms of the person, undefined for silence; `endMs` since the answer is when they were over. In order, but not always
   * each: the line may lose some.
   */
  callerFrame(frame: Mulaw8k | undefined, endMs: number): void
  markPlayed(name: string): void
}

/**
 * The sound of one call since its answer, both ways, in samples: what the person says leaves in 20 ms frames, what the
 * agent sends waits in the playback buffer and is heard. Nothing happens between two calls of `advance`, which takes the
 * audio up to a moment, exactly.
 */
export class CallAudio {
  readonly ear: Ear
  readonly mouth = new Mouth()
  readonly #playback: PlaybackBuffer
  readonly #callerSide = new SideRecording()
  readonly #agentSide = new SideRecording()
  readonly #record: boolean
  readonly #room: RoomNoise | undefined
  readonly #line: RoughLine | undefined
  #stream: AudioStream | undefined
  #awaited: { readonly fulfilled: () => boolean; readonly resolve: () => void } | undefined

  constructor(options: {
    record: boolean
    onWord: (word: string) => void
    around?: Pick<Person, 'noise' | 'line'>
  }) {
    this.#record = options.record
    const { noise, line } = options.around ?? {}
    this.#room = noise && new RoomNoise(noise.levelDbfs)
    this.#line =
      line &&
      new RoughLine(line, ({ audio, endMs }) => {
        this.#stream?.callerFrame(audio, endMs)
      })
    this.ear = new Ear(options.onWord)
    this.#playback = new PlaybackBuffer({
      played: (audio) => {
        if (this.#record) this.#agentSide.add(this.ear.position, audio)
        this.ear.hear(audio)
      },
      silence: (samples) => {
        this.ear.silence(samples)
      },
      mark: (name) => this.#stream?.markPlayed(name),
    })
  }

  /** Everything up to `ms` since the answer happens. */
  advance(ms: number): void {
    const sample = Math.floor(ms * MULAW_BYTES_PER_MS)
    this.#playback.advance(sample)
    while (this.mouth.position + FRAME_BYTES <= sample) {
      const start = this.mouth.position
      const spoken = this.mouth.takeFrame()
      const audio = this.#room ? this.#room.around(spoken) : spoken
      if (audio && this.#record) this.#callerSide.add(start, audio)
      const endMs = (start + FRAME_BYTES) / MULAW_BYTES_PER_MS
      if (this.#line) this.#line.send({ audio, endMs }, spoken === undefined)
      else this.#stream?.callerFrame(audio, endMs)
    }
    this.#line?.advance(ms)
    if (this.#awaited?.fulfilled()) this.#awaited.resolve()
  }

  /** Resolves when the person has heard enough; looked at on every `advance`. One such wait at a time. */
  async until(fulfilled: () => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const giveUp = () => {
      reject(signal.reason)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    this.#awaited = {
      fulfilled,
      resolve: () => {
        resolve(undefined)
      },
    }
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', giveUp)
      this.#awaited = undefined
    }
  }

  /** From now on the person's frames go to this stream, and marks are reported to it. */
  attach(stream: AudioStream): void {
    this.#stream = stream
  }

  /** The stream is gone, and what it had sent and was not played goes with it. */
  detach(): void {
    this.#stream = undefined
    this.drop()
  }

  /** What was not played yet never will be. */
  drop(): void {
    this.#playback.drop()
  }

  play(audio: Mulaw8k): boolean {
    return this.#playback.write(audio)
  }

  mark(name: string): void {
    this.#playback.mark(name)
  }

  clear(): void {
    this.#playback.clear()
  }

  get waitingMs(): number {
    return this.#playback.waitingBytes / MULAW_BYTES_PER_MS
  }

  recording(): TwoSides {
    const samples = this.#playback.position
    return {
      caller: this.#callerSide.render(samples),
      agent: this.#agentSide.render(samples),
    }
  }
}
