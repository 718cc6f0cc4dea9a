import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../audio/samples.ts'
import type { Clock } from '../clock.ts'
import type { Line } from '../pipeline/ports.ts'

/** Shorter ones are the pauses of ordinary speech, and of the network. */
const GAP_MS = 200
/** Pieces of audio of one turn that are remembered; a voice sends some five a second. */
const MAX_PIECES = 4096

/** A piece of audio on its way to the person, in times of the clock. */
type Piece = { readonly sentMs: number; readonly playsMs: number }

/** What the line was given to play in one turn of the agent. */
export type TurnAir = {
  /** Silences of `GAP_MS` and more in the middle of it, in ms. */
  readonly gapsMs: readonly number[]
  /** In the order in which they were sent. */
  readonly pieces: readonly Piece[]
}

/**
 * The air time of one call: when what is sent to its line is played. The carrier plays what it gets in order, so a piece
 * begins when it is sent or when the one before it is over.
 *
 * Silences are those that the agent is to blame for: not the time between turns, nor what follows a `clear`, when the
 * caller speaks.
 */
export class LineAir {
  readonly #clock: Clock
  #attachedMs: number | undefined
  #endsMs = 0
  /** The next piece does not follow the one before it. */
  #fresh = true
  #gapsMs: number[] = []
  #pieces: Piece[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** When there was a line for the first time, as a time of the clock. */
  get attachedMs(): number | undefined {
    return this.#attachedMs
  }

  /** The same line; what it is given to play is noted. Call it when the line is attached to the call. */
  tap(line: Line): Line {
    this.#attachedMs ??= this.#clock.now()
    this.#fresh = true
    return {
      get id() {
        return line.id
      },
      send: (audio: Mulaw8k) => {
        this.#sent(audio.length)
        line.send(audio)
      },
      flush: () => {
        line.flush()
      },
      mark: (name) => {
        line.mark(name)
      },
      clear: () => {
        this.#fresh = true
        line.clear()
      },
      close: () => {
        line.close()
      },
    }
  }

  /** What was sent since the last time; the next piece belongs to another turn. */
  takeTurn(): TurnAir {
    const turn = { gapsMs: this.#gapsMs, pieces: this.#pieces }
    this.#gapsMs = []
    this.#pieces = []
    this.#fresh = true
    return turn
  }

  #sent(bytes: number): void {
    const now = this.#clock.now()
    if (this.#fresh) this.#endsMs = now
    else if (now - this.#endsMs >= GAP_MS) this.#gapsMs.push(now - this.#endsMs)
    this.#fresh = false
    const playsMs = Math.max(now, this.#endsMs)
    this.#endsMs = playsMs + bytes / MULAW_BYTES_PER_MS
    if (this.#pieces.length < MAX_PIECES) this.#pieces.push({ sentMs: now, playsMs })
  }
}
