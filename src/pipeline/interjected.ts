/** Words that filled a wait, as far as they were heard. */
export type HeardFiller = { readonly text: string; readonly whole: boolean }

type Piece = {
  readonly text: string
  readonly startByte: number
  bytes: number
  /** How much of it was heard at most: it was cut off there. */
  mostBytes: number
  isWhole: boolean
}

/**
 * The audio among that of a reply which is none of its own: words that only filled a wait. Places in all that was sent, and
 * places in the reply's own audio, which its text and alignment count by, are told apart here.
 */
export class Interjected {
  readonly #pieces: Piece[] = []

  begin(text: string, startByte: number): void {
    this.#pieces.push({ text, startByte, bytes: 0, mostBytes: Infinity, isWhole: false })
  }

  add(bytes: number): void {
    const piece = this.#pieces.at(-1)
    if (piece) piece.bytes += bytes
  }

  /** All of the last one is there. */
  finish(): void {
    const piece = this.#pieces.at(-1)
    if (piece) piece.isWhole = true
  }

  /** The line was silenced when so much had been played: what was not heard of them by then never is. */
  cut(played: number): void {
    for (const piece of this.#pieces) {
      const heard = Math.max(0, played - piece.startByte)
      if (heard >= piece.bytes) continue
      piece.mostBytes = Math.min(piece.mostBytes, heard)
      piece.isWhole = false
    }
  }

  /** Whether it is one of them that is heard at this place. */
  covers(byte: number): boolean {
    return this.#pieces.some(
      ({ startByte, bytes }) => byte >= startByte && byte <= startByte + bytes,
    )
  }

  /** How much of the reply's own audio lies before this place. */
  own(byte: number): number {
    return this.#pieces.reduce(
      (own, { startByte, bytes }) => own - Math.min(bytes, Math.max(0, byte - startByte)),
      byte,
    )
  }

  /** The place at which so much of the reply's own audio has gone by, and what was said there to fill a wait. */
  place(own: number): number {
    return this.#pieces.reduce(
      (place, { startByte, bytes }) => (place >= startByte ? place + bytes : place),
      own,
    )
  }

  /** What was heard of each when so much had been played: a word counts when most of it was. */
  heard(played: number): readonly HeardFiller[] {
    return this.#pieces.map(({ text, startByte, bytes, mostBytes, isWhole }) => {
      const heard = Math.min(mostBytes, bytes, Math.max(0, played - startByte))
      const share = bytes === 0 ? 0 : heard / bytes
      return share === 1 && isWhole
        ? { text, whole: true }
        : { text: wordsWithin(text, share), whole: false }
    })
  }
}

function wordsWithin(text: string, share: number): string {
  let end = 0
  for (const { 0: word, index } of text.matchAll(/\S+/gu)) {
    if (index + word.length / 2 > text.length * share) break
    end = index + word.length
  }
  return text.slice(0, end)
}
