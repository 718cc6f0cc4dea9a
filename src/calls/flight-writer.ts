import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { FlightNote, FlightRecord, FlightStep } from '../pipeline/flight-record.ts'
import { redactMachine, redactNote } from '../pipeline/flight-redaction.ts'
import { initialTurn } from '../pipeline/turn.ts'
import type { TurnEffect, TurnEvent, TurnState } from '../pipeline/turn-events.ts'
import { VERSION } from '../version.ts'
import { FLIGHT_VERSION, type FlightHeader } from './flight-lines.ts'
import type { LineFile } from './line-file.ts'

export type RecordedCall = {
  readonly callId: string
  readonly direction: 'outbound' | 'inbound'
  /** BCP 47 */
  readonly language: string
  /** How old the call is that another process has carried so far. */
  readonly resumedAtMs?: number | undefined
}

export type FlightWriterParts = {
  readonly lines: Pick<LineFile, 'write'>
  readonly clock: Clock
  readonly log: Logger
  readonly pii: boolean
  /** The last line was written. */
  readonly onEnd: () => void
}

/** Makes the lines of one call's flight record (`flight-lines.ts`), redacted unless `pii` is set. */
export class FlightWriter implements FlightRecord {
  readonly #parts: FlightWriterParts
  readonly #call: RecordedCall
  readonly #startedAt: number
  #steps = 0
  #state: TurnState = initialTurn
  #lost = { lines: 0, steps: 0 }
  #isOver = false

  constructor(parts: FlightWriterParts, call: RecordedCall) {
    this.#parts = parts
    this.#call = call
    this.#startedAt = parts.clock.now()
    this.#write(() => [this.#header()])
  }

  step({ atMs, event, state, effects }: FlightStep): void {
    if (this.#isOver) return
    this.#steps++
    const taken = this.#add(() => ({
      type: 'step',
      n: this.#steps,
      at_ms: this.#since(atMs),
      event: this.#machine(event),
      effects: effects.map((effect) => this.#machine(effect)),
      phase: state.phase,
    }))
    if (!taken) this.#lost.steps++
    // A gap is told of before the next line: its state is the one after the last step that is missing.
    this.#state = state
  }

  note(note: FlightNote): void {
    if (this.#isOver) return
    this.#add(() => ({
      type: 'note',
      at_ms: this.#now,
      note: this.#parts.pii ? note : redactNote(note),
    }))
  }

  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#add(() => ({ type: 'end', at_ms: this.#now, steps: this.#steps }), { always: true })
    this.#parts.onEnd()
  }

  get #now(): number {
    return this.#since(this.#parts.clock.now())
  }

  #since(atMs: number): number {
    return Math.round(atMs - this.#startedAt)
  }

  /** Something of the turn machine as it is to be read. */
  #machine(value: TurnEvent | TurnEffect | TurnState): unknown {
    return this.#parts.pii ? value : redactMachine(value)
  }

  /** Takes a line, together with one before it that says how many are missing there. */
  #add(line: () => unknown, options?: { always: boolean }): boolean {
    const taken = this.#write(
      () => (this.#lost.lines === 0 ? [line()] : [this.#gap(), line()]),
      options,
    )
    this.#lost = taken ? { lines: 0, steps: 0 } : { ...this.#lost, lines: this.#lost.lines + 1 }
    return taken
  }

  /** What cannot be written as JSON is a fault of ours, and none of the call's. */
  #write(lines: () => readonly unknown[], options?: { always: boolean }): boolean {
    try {
      const text = lines().map((line) => JSON.stringify(line))
      return this.#parts.lines.write(text.join('\n'), options)
    } catch (error) {
      const { callId } = this.#call
      this.#parts.log.error({ err: error, callId }, 'line of a flight record cannot be made')
      return false
    }
  }

  #header(): FlightHeader {
    const { callId, direction, language } = this.#call
    return {
      type: 'call',
      version: FLIGHT_VERSION,
      parley: VERSION,
      call_id: callId,
      started_at: this.#parts.clock.date().toISOString(),
      direction,
      language,
      redacted: !this.#parts.pii,
    }
  }

  #gap(): unknown {
    return { type: 'gap', at_ms: this.#now, ...this.#lost, state: this.#machine(this.#state) }
  }
}
