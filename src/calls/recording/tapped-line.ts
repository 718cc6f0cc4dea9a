import type { Mulaw8k } from '../../audio/samples.ts'
import type { Line, LineListener } from '../../pipeline/ports.ts'

/** Hears what goes through a line, in the order in which it does; it must not throw. */
export type LineTap = {
  heard(frame: Mulaw8k, timestampMs: number): void
  /** Told before the sound goes out; a mark of its own may go ahead of it. */
  sends(audio: Mulaw8k): void
  flushes(): void
  marks(name: string): void
  /** @returns whether the mark is the tap's own, of which nobody else knows */
  marked(name: string): boolean
  clears(): void
  /** The line is closed, by either side. */
  gone(): void
}

/** The line as the call is to use it. */
export function tappedLine(line: Line, tap: LineTap): Line {
  return {
    id: line.id,
    send: (audio) => {
      tap.sends(audio)
      line.send(audio)
    },
    flush: () => {
      tap.flushes()
      line.flush()
    },
    mark: (name) => {
      tap.marks(name)
      line.mark(name)
    },
    clear: () => {
      tap.clears()
      line.clear()
    },
    close: () => {
      tap.gone()
      line.close()
    },
  }
}

/** What the line is to tell, in place of the call's own listener. */
export function tappedListener(listener: LineListener, tap: LineTap): LineListener {
  return {
    audio: (frame, timestampMs) => {
      tap.heard(frame, timestampMs)
      listener.audio(frame, timestampMs)
    },
    mark: (name) => {
      if (!tap.marked(name)) listener.mark(name)
    },
    digit: (digit) => {
      listener.digit(digit)
    },
    closed: (cause) => {
      tap.gone()
      listener.closed(cause)
    },
  }
}
