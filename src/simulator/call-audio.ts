import { FRAME_BYTES, MULAW_BYTES_PER_MS } from '../audio/samples.ts'
import type { Mulaw8k } from '../audio/samples.ts'
import { SideRecording, type TwoSides } from './call-recording.ts'
import { Ear } from './person-ear.ts'
import { Mouth } from './person-mouth.ts'
import { PlaybackBuffer } from './playback-buffer.ts'

/** A media stream as the call's audio sees it. */
export type AudioStream = {
  /** The next 20 ms of the person, undefined for silence; `endMs` since the answer is when they were over. */
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
  #stream: AudioStream | undefined
  #awaited: { readonly fulfilled: () => boolean; readonly resolve: () => void } | undefined

  constructor(options: { record: boolean; onWord: (word: string) => void }) {
    this.#record = options.record
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
      const frame = this.mouth.takeFrame()
      if (frame && this.#record) this.#callerSide.add(start, frame)
      this.#stream?.callerFrame(frame, (start + FRAME_BYTES) / MULAW_BYTES_PER_MS)
    }
    if (this.#awaited?.fulfilled()) this.#awaited.resolve()
  }

  /** Resolves when the person has heard enough; looked at on every `advance`. One such wait at a time. */
  async until(fulfilled: () => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    try {
      await new Promise<void>((resolve, reject) => {
        this.#awaited = { fulfilled, resolve }
        signal.addEventListener(
          'abort',
          () => {
            reject(signal.reason as Error)
          },
          { once: true },
        )
      })
    } finally {
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
