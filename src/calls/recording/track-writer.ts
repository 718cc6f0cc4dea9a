import { MULAW_BYTES_PER_MS } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import type { RecordingFile } from './recording-file.ts'
import type { SoundTrack } from './sound-track.ts'

/** How often what has been heard is written: a crash costs this and what is held back. */
const WRITE_MS = 400
/** What is younger than this may still be found to lie elsewhere: marks come back by then, and frames that were late. */
const HOLD_MS = 500
/** So long frames of the caller are waited for that do not come. */
const WAIT_FOR_CALLER_MS = 1000
/** Of each side, heard and not in the file. */
const MOST_WAITING_MS = 2000

/** Carries both sides of a call to the file, as the call goes and a little behind it. */
export class TrackWriter {
  readonly #parts: TrackWriterParts
  #cancel: Cancel | undefined
  #lastAt = 0
  /** The last time to write was left out. */
  #hasWaited = false

  constructor(parts: TrackWriterParts) {
    this.#parts = parts
  }

  start(): void {
    const { clock } = this.#parts
    this.#lastAt = clock.now()
    this.#cancel = clock.every(WRITE_MS, () => {
      try {
        this.#write()
      } catch (error) {
        this.#parts.onFailed(error)
      }
    })
  }

  stop(): void {
    this.#cancel?.()
  }

  /** Writes all that is left, up to a sample. */
  async finish(to: number): Promise<void> {
    const { file, caller, agent } = this.#parts
    this.stop()
    await file.idle()
    file.append(caller.take(to), agent.take(to))
    await file.close()
  }

  #write(): void {
    const { clock, now, file, caller, agent } = this.#parts
    const hasStalled = clock.now() - this.#lastAt > 2 * WRITE_MS
    this.#lastAt = clock.now()
    // After a stall what came meanwhile is still in the sockets, and is read before the next time.
    this.#hasWaited = hasStalled && !this.#hasWaited
    if (this.#hasWaited) return
    const to = this.#settledUpTo()
    const samples = to - caller.taken
    if (samples <= 0) return
    const waiting = now() - caller.taken + file.busySamples
    const isSlow = waiting > (MOST_WAITING_MS - WRITE_MS) * MULAW_BYTES_PER_MS
    if (file.busySamples > 0 && !isSlow) return
    const sides = [caller.take(to), agent.take(to)] as const
    if (file.busySamples > 0) file.skip(samples)
    else file.append(...sides)
  }

  /** Up to here nothing is expected to change any more. */
  #settledUpTo(): number {
    const { now, caller, hasLine } = this.#parts
    const settled = now() - HOLD_MS * MULAW_BYTES_PER_MS
    if (!hasLine()) return settled
    const awaited = now() - WAIT_FOR_CALLER_MS * MULAW_BYTES_PER_MS
    return Math.max(awaited, Math.min(settled, caller.end))
  }
}

export type TrackWriterParts = {
  readonly caller: SoundTrack
  readonly agent: SoundTrack
  readonly file: RecordingFile
  readonly clock: Clock
  /** The sample of the time axis that is now. */
  readonly now: () => number
  /** Frames of the caller are expected. */
  readonly hasLine: () => boolean
  readonly onFailed: (error: unknown) => void
}
