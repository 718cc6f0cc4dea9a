import { MULAW_BYTES_PER_MS } from '../../audio/samples.ts'
import type { Clock } from '../../clock.ts'
import type { Line, LineListener } from '../../pipeline/ports.ts'
import { AgentSide, isOwnMark } from './agent-side.ts'
import { CallerSide } from './caller-side.ts'
import { RecordingFile, type RecordingFileParts } from './recording-file.ts'
import { SoundTrack } from './sound-track.ts'
import { TrackWriter } from './track-writer.ts'
import { type LineTap, tappedLine, tappedListener } from './tapped-line.ts'

/**
 * Keeps the sound of one call, both sides on one time axis: the caller as the line brings them, the agent as the carrier
 * plays it. The axis begins when the first line is attached; whatever line follows goes on at its place, and the time
 * between two is silence.
 *
 * It stands in the middle of the call's sound and neither waits nor throws there. A failure is told once, and ends the
 * recording, not the call.
 */
export class CallRecorder {
  readonly #parts: CallRecorderParts
  readonly #callerTrack = new SoundTrack()
  readonly #agentTrack = new SoundTrack()
  readonly #agent = new AgentSide(this.#agentTrack)
  readonly #file: RecordingFile
  readonly #writer: TrackWriter
  #startedAt: number | undefined
  #line: Line | undefined
  #isOver = false
  #hasFailed = false
  #closed: Promise<void> | undefined

  constructor(parts: CallRecorderParts) {
    this.#parts = parts
    const onFailed = (error: unknown) => {
      this.#fail(error)
    }
    this.#file = new RecordingFile({ ...parts, onFailed })
    this.#writer = new TrackWriter({
      caller: this.#callerTrack,
      agent: this.#agentTrack,
      file: this.#file,
      clock: parts.clock,
      now: () => this.#now,
      hasLine: () => this.#line !== undefined,
      onFailed,
    })
  }

  /** Milliseconds of the call that are silence in the file because the disk was too slow for them. */
  get lostMs(): number {
    return this.#file.lostSamples / MULAW_BYTES_PER_MS
  }

  /**
   * Attaches a line through the recorder.
   *
   * @param attach gets the line that is to be used in place of this one
   * @returns the listener that the line is to tell
   */
  tap(line: Line, attach: (line: Line) => LineListener): LineListener {
    this.#safely(() => {
      this.#begin(line)
    })
    const tap = this.#tapOf(line)
    return tappedListener(attach(tappedLine(line, tap)), tap)
  }

  /** The call is over: writes the rest. Never rejects; may be called again. Without a line there is no file. */
  close(): Promise<void> {
    return (this.#closed ??= this.#finish())
  }

  /** Hears all that goes through a line, as long as this line is the one that is recorded. */
  #tapOf(line: Line): LineTap {
    const caller = new CallerSide(this.#callerTrack)
    const agent = this.#agent
    const note = (what: (now: number) => void) => {
      if (this.#line !== line) return
      this.#safely(() => {
        what(this.#now)
      })
    }
    return {
      heard: (frame, timestampMs) => {
        note((now) => {
          caller.receive(frame, timestampMs, now)
        })
      },
      sends: (audio) => {
        note((now) => {
          const mark = agent.send(audio, now)
          if (mark !== undefined) line.mark(mark)
        })
      },
      flushes: () => {
        note(() => {
          agent.flush()
        })
      },
      marks: (name) => {
        note(() => {
          agent.mark(name)
        })
      },
      marked: (name) => {
        note((now) => {
          agent.marked(name, now)
        })
        return isOwnMark(name)
      },
      clears: () => {
        note((now) => {
          agent.clear(now)
        })
      },
      gone: () => {
        note((now) => {
          this.#leave(now)
        })
      },
    }
  }

  /** The sample of the axis that is now. */
  get #now(): number {
    const { clock } = this.#parts
    return Math.round((clock.now() - (this.#startedAt ?? clock.now())) * MULAW_BYTES_PER_MS)
  }

  #begin(line: Line): void {
    if (this.#isOver) return
    const { clock } = this.#parts
    if (this.#line) this.#leave(this.#now)
    this.#line = line
    if (this.#startedAt !== undefined) return
    this.#startedAt = clock.now()
    this.#writer.start()
  }

  #leave(now: number): void {
    this.#agent.end(now)
    this.#line = undefined
  }

  async #finish(): Promise<void> {
    const now = this.#now
    this.#safely(() => {
      if (this.#line) this.#leave(now)
    })
    this.#stop()
    try {
      await this.#writer.finish(now)
    } catch (error) {
      this.#fail(error)
    }
    this.#parts.onClosed()
  }

  #stop(): void {
    this.#isOver = true
    this.#line = undefined
    this.#writer.stop()
  }

  #safely(what: () => void): void {
    if (this.#isOver) return
    try {
      what()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#stop()
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#parts.onFailed(error)
  }
}

export type CallRecorderParts = RecordingFileParts & {
  readonly clock: Clock
  /** All that there is was written. */
  readonly onClosed: () => void
}
