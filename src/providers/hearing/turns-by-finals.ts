import { MULAW_BYTES_PER_MS } from '../../audio/samples.ts'
import type { Cancel, Clock } from '../../clock.ts'
import { NORMAL_PAUSE_MS } from '../../pipeline/patience.ts'
import type { HearingEvent } from '../../pipeline/ports.ts'
import {
  endTurn,
  type FinalsTurn,
  hearGap,
  hearPiece,
  type HeardPiece,
  isOpen,
  noTurn,
} from './finals-turn.ts'

/** Interims come about once a second: so much later than the gap between words, the end of the turn was missed. */
const MISSED_MS = 1500
/** How long a vendor may take to answer when it is asked for a final; with little audio waiting there it may not answer at all. */
const FINALIZE_MS = 1000

export type TurnsByFinalsParts = {
  readonly clock: Clock
  /** The gap between words after which the vendor should have ended the turn. */
  readonly gapMs: number
  /** Asks the vendor to make final what it has. */
  readonly askForFinal: () => void
  readonly heard: (event: HearingEvent) => void
}

/**
 * When a turn ends that a vendor tells of by finals. What the vendor takes for the end of speech cannot be changed while it
 * listens: to be patient, its signals are kept back until there was so much audio without words. Noise can suppress every
 * signal; then a turn to which no words were added for long enough is ended by us.
 */
export class TurnsByFinals {
  readonly #parts: TurnsByFinalsParts
  #turn: FinalsTurn = noTurn
  #pauseMs = 0
  /** Where a sound began that may become words, in seconds of audio. */
  #soundS = 0
  /** How much audio there was when words were told last: where they end, if nobody says. */
  #toldS = 0
  #sentBytes = 0
  #cancelMissed: Cancel | undefined

  constructor(parts: TurnsByFinalsParts) {
    this.#parts = parts
  }

  setPatience(pauseMs: number): void {
    // A turn that may end by it does so with the next audio: whoever calls this is in the middle of something.
    this.#pauseMs = pauseMs > NORMAL_PAUSE_MS ? pauseMs : 0
  }

  /** So much audio has gone to the vendor. */
  sent(bytes: number): void {
    this.#sentBytes += bytes
    this.#endIfDue()
  }

  /** The vendor heard a sound begin, in seconds of audio; undefined: with the audio that was sent last. */
  sounded(atS: number | undefined): void {
    this.#soundS = atS ?? this.#sentS
  }

  piece(piece: HeardPiece): void {
    this.#report(hearPiece(this.#turn, piece))
  }

  /** Words have paused; `lastWordEndS` tells after which of them. */
  gap(lastWordEndS: number): void {
    this.#report(hearGap(this.#turn, lastWordEndS))
  }

  stop(): void {
    this.#cancelMissed?.()
  }

  get #sentS(): number {
    return this.#sentBytes / MULAW_BYTES_PER_MS / 1000
  }

  #report({ turn, events }: { turn: FinalsTurn; events: readonly HearingEvent[] }): void {
    this.#turn = turn
    if (!isOpen(turn)) this.#cancelMissed?.()
    else if (events.length > 0) this.#waitForMissed()
    for (const event of events) {
      if (event.type === 'words') this.#toldS = this.#sentS
      this.#parts.heard(event)
    }
    this.#endIfDue()
  }

  /** Ends a turn that may end and was given its time. Its last words were told before: they may have changed our patience. */
  #endIfDue(): void {
    const { ending, lastWordEndS = this.#toldS } = this.#turn
    if (!ending) return
    // Words come up to a second after their sound.
    const quietMs = (this.#sentS - Math.max(lastWordEndS, this.#soundS)) * 1000
    if (this.#pauseMs === 0 || quietMs >= this.#pauseMs) this.#report(endTurn(this.#turn))
  }

  #waitForMissed(): void {
    const { clock, gapMs, askForFinal } = this.#parts
    this.#cancelMissed?.()
    this.#cancelMissed = clock.after(Math.max(gapMs, this.#pauseMs) + MISSED_MS, () => {
      // Its answer ends the turn, with the final words.
      askForFinal()
      this.#cancelMissed = clock.after(FINALIZE_MS, () => {
        this.#report(endTurn(this.#turn))
      })
    })
  }
}
