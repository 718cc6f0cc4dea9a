import { MULAW_SILENCE, type Mulaw8k } from '../../audio/samples.ts'

type Piece = { at: number; audio: Mulaw8k }

/**
 * One side of a call on the time axis of its recording: pieces of sound, each at its exact sample, in order and never one
 * over the other. What lies between them is silence. Positions are whole samples since the beginning.
 */
export class SoundTrack {
  #pieces: Piece[] = []
  #end = 0
  #taken = 0

  /** The sample behind the last sound. */
  get end(): number {
    return this.#end
  }

  /** Up to here the track was given away: nothing changes there any more. */
  get taken(): number {
    return this.#taken
  }

  /** Lays sound at a sample. What of it falls on earlier sound, or on what was taken, is left out. */
  place(at: number, audio: Mulaw8k): void {
    const from = Math.max(at, this.#end, this.#taken)
    const rest = audio.subarray(Math.min(from - at, audio.length))
    if (rest.length === 0) return
    this.#pieces.push({ at: from, audio: rest })
    this.#end = from + rest.length
  }

  /** Nothing sounds from this sample on. */
  cut(at: number): void {
    if (at >= this.#end) return
    this.#pieces = this.#pieces.flatMap((piece) => {
      if (piece.at >= at) return []
      return [{ at: piece.at, audio: piece.audio.subarray(0, at - piece.at) }]
    })
    this.#end = Math.max(at, 0)
  }

  /**
   * Moves all sound from a sample on by so many samples; earlier only as far as there is room. What was taken stays.
   *
   * @returns how far it was moved
   */
  shift(from: number, by: number): number {
    const start = Math.max(from, this.#taken)
    const before: Piece[] = []
    const moved: Piece[] = []
    for (const piece of this.#pieces) {
      const inside = start - piece.at
      if (inside >= piece.audio.length) before.push(piece)
      else if (inside <= 0) moved.push(piece)
      else {
        before.push({ at: piece.at, audio: piece.audio.subarray(0, inside) })
        moved.push({ at: start, audio: piece.audio.subarray(inside) })
      }
    }
    const first = moved[0]
    if (!first) return 0
    const step = Math.max(by, endOf(before.at(-1), this.#taken) - first.at)
    for (const piece of moved) piece.at += step
    this.#pieces = [...before, ...moved]
    this.#end += step
    return step
  }

  /** The track from where it was last taken up to `to`, which is then forgotten. */
  take(to: number): Mulaw8k {
    const from = this.#taken
    const out = new Uint8Array(Math.max(0, to - from)).fill(MULAW_SILENCE)
    this.#taken = from + out.length
    this.#pieces = this.#pieces.flatMap((piece) => {
      const inside = Math.min(Math.max(0, this.#taken - piece.at), piece.audio.length)
      out.set(piece.audio.subarray(0, inside), Math.min(piece.at - from, out.length))
      if (inside === piece.audio.length) return []
      return [{ at: piece.at + inside, audio: piece.audio.subarray(inside) }]
    })
    return out
  }
}

function endOf(piece: Piece | undefined, otherwise: number): number {
  return piece ? piece.at + piece.audio.length : otherwise
}
