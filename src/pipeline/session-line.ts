import type { Clock } from '../clock.ts'
import type { CallPast } from './call-past.ts'
import type { FlightRecord } from './flight-record.ts'
import type { Keys } from './keys.ts'
import { parseMark } from './playout.ts'
import type { Line, LineListener } from './ports.ts'
import type { SessionHearing } from './session-hearing.ts'
import type { SessionReplies } from './session-replies.ts'
import type { FirstSpeaker, TurnEvent } from './turn-events.ts'

/** The line that a call talks through just now; there may be none, and another one later. */
export class SessionLine {
  readonly #parts: SessionLineParts
  #current: Line | undefined
  /** When there was a line for the first time, also if that was in another process. */
  #attachedAt: number | undefined
  #isKnown = false

  constructor(parts: SessionLineParts) {
    this.#parts = parts
    if (parts.past) this.#attachedAt = parts.clock.now() - parts.past.elapsedMs
  }

  get current(): Line | undefined {
    return this.#current
  }

  /** There is a line, or has been one in this process. */
  get isKnown(): boolean {
    return this.#isKnown
  }

  /** A time of the clock as milliseconds since there was a line for the first time; negative before. */
  since(time: number): number {
    return time - (this.#attachedAt ?? time)
  }

  /** What goes through an older line is not listened to any more. */
  attach(line: Line): LineListener {
    const { hearing, replies, keys, record, dispatch, clock, firstSpeaker } = this.#parts
    const before = this.#current
    this.#current = line
    before?.close()
    this.#attachedAt ??= clock.now()
    this.#isKnown = true
    record.note({ type: 'stream', what: 'opened', id: line.id })
    dispatch({ type: 'line_attached', firstSpeaker })
    const isCurrent = () => this.#current === line
    return {
      audio: (frame) => {
        if (isCurrent()) hearing.receive(frame)
      },
      mark: (name) => {
        const mark = parseMark(name)
        if (mark && isCurrent()) replies.acknowledge(mark)
      },
      digit: (key) => {
        if (isCurrent()) keys.press(key)
      },
      closed: (cause) => {
        record.note({ type: 'stream', what: 'closed', id: line.id, cause })
        if (!isCurrent()) return
        this.#current = undefined
        dispatch({ type: cause === 'lost' ? 'line_lost' : 'line_closed' })
      },
    }
  }

  /** The line is gone for the carrier. */
  lose(): void {
    const line = this.#current
    if (!line) return
    this.#current = undefined
    line.close()
    this.#parts.dispatch({ type: 'line_lost' })
  }

  close(): void {
    this.#current?.close()
    this.#current = undefined
  }
}

export type SessionLineParts = {
  /** Of a call that another process has carried so far. */
  readonly past?: CallPast | undefined
  readonly hearing: SessionHearing
  readonly replies: SessionReplies
  readonly keys: Keys
  readonly record: FlightRecord
  readonly clock: Clock
  readonly firstSpeaker: FirstSpeaker
  readonly dispatch: (event: TurnEvent) => void
}
