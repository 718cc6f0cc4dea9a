import { HeardText, type Heard } from './heard-text.ts'
import type { Alignment } from './ports.ts'

type Piece = {
  readonly startByte: number
  readonly ledger: HeardText
  isWhole: boolean
}

/**
 * The audio among that of a reply which is none of its own: words that only filled a wait. Places in all that was sent, and
 * places in the reply's own audio, which its text and alignment count by, are told apart here.
 */
export class Interjected {
  #pieces: Piece[] = []
  /** Of those before, what was heard for good. */
  #settled: Heard[] = []

  begin(text: string, startByte: number): void {
    const ledger = new HeardText()
    ledger.addText(text)
    this.#pieces.push({ startByte, ledger, isWhole: false })
  }

  add(bytes: number, alignment?: Alignment): void {
    this.#pieces.at(-1)?.ledger.addAudio(bytes, alignment)
  }

  /** All of the last one is there. */
  finish(): void {
    const piece = this.#pieces.at(-1)
    if (piece) piece.isWhole = true
  }

  /** They are audio of the reply no longer: what was not heard of them when so much had been played never is. */
  settle(played: number): void {
    this.#settled = [...this.heard(played)]
    this.#pieces = []
  }

  /** What was heard of those that are settled does not count as heard. */
  forget(): void {
    this.#settled = this.#settled.map(() => ({ text: '', whole: false }))
  }

  /** Whether it is one of them that is heard at this place. */
  covers(byte: number): boolean {
    return this.#pieces.some(
      ({ startByte, ledger }) => byte >= startByte && byte <= startByte + ledger.audioBytes,
    )
  }

  /** How much of the reply's own audio lies before this place. */
  own(byte: number): number {
    return this.#pieces.reduce(
      (own, { startByte, ledger }) =>
        own - Math.min(ledger.audioBytes, Math.max(0, byte - startByte)),
      byte,
    )
  }

  /** What was heard of each when so much had been played: a word counts when most of it was. */
  heard(played: number): readonly Heard[] {
    const heard = this.#pieces.map((piece) => heardOf(piece, played))
    return [...this.#settled, ...heard]
  }
}

function heardOf({ startByte, ledger, isWhole }: Piece, played: number): Heard {
  return ledger.at(Math.min(ledger.audioBytes, Math.max(0, played - startByte)), isWhole)
}
