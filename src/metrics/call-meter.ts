import type { Clock } from '../clock.ts'
import type { Line } from '../pipeline/ports.ts'
import type { TurnTimings } from '../pipeline/timings.ts'
import { STILL_RUNNING, type Turn } from '../pipeline/transcript.ts'
import { LineAir } from './line-air.ts'
import { type ToolSpan, turnFigures, type TurnFigures } from './turn-figures.ts'

/** What is measured of one live call. Times of the clock, in milliseconds. */
export class CallMeter {
  readonly direction: 'inbound' | 'outbound'
  readonly #clock: Clock
  readonly #createdMs: number
  readonly #air: LineAir
  #answeredMs: number | undefined
  /** What the times of a call are counted from that another process has carried so far. */
  #originMs: number | undefined
  /** Of the turn that the agent is in. */
  #tools: ToolSpan[] = []
  #wasCutOff: boolean | undefined

  /** @param elapsedMs since the answer, for a call that another process has carried so far */
  constructor(direction: 'inbound' | 'outbound', clock: Clock, elapsedMs?: number) {
    this.direction = direction
    this.#clock = clock
    this.#createdMs = clock.now()
    this.#air = new LineAir(clock)
    if (elapsedMs === undefined) return
    this.#originMs = this.#createdMs - elapsedMs
    this.#answeredMs = this.#originMs
  }

  /** @returns how long it took; undefined when it was answered before */
  answered(): number | undefined {
    if (this.#answeredMs !== undefined) return undefined
    this.#answeredMs = this.#clock.now()
    return this.#answeredMs - this.#createdMs
  }

  /** How long it has lasted; undefined when nobody has answered. */
  get durationMs(): number | undefined {
    return this.#answeredMs === undefined ? undefined : this.#clock.now() - this.#answeredMs
  }

  tap(line: Line): Line {
    return this.#air.tap(line)
  }

  /** @returns how long a tool has run, when the turn is the result of one */
  turn(turn: Turn): number | undefined {
    if (turn.role === 'agent') this.#wasCutOff = turn.interrupted
    // What is carried out after speaking is written down with its result, and takes no time.
    if (turn.role !== 'tool' || turn.result === STILL_RUNNING || turn.endMs <= turn.startMs) {
      return undefined
    }
    this.#tools.push(turn)
    return turn.endMs - turn.startMs
  }

  /** The agent's turn is over. `cutOff`: by the caller, for good. */
  turnOver(times: TurnTimings): TurnFigures & { readonly cutOff: boolean } {
    const origin = this.#originMs ?? this.#air.attachedMs ?? 0
    const { gapsMs, pieces } = this.#air.takeTurn()
    const air = {
      gapsMs,
      pieces: pieces.map(({ sentMs, playsMs }) => ({
        sentMs: sentMs - origin,
        playsMs: playsMs - origin,
      })),
    }
    const figures = turnFigures(times, { air, tools: this.#tools })
    // A turn of which no word was heard is on no record, and was cut off for certain.
    const cutOff = figures.stopMs !== undefined && (this.#wasCutOff ?? true)
    this.#tools = []
    this.#wasCutOff = undefined
    return { ...figures, cutOff }
  }
}
