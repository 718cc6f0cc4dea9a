import { energyOf } from './mulaw.ts'
import { MULAW_BYTES_PER_MS, type Mulaw8k } from './samples.ts'

/** Speech on a telephone line lies between −35 and −10 dBFS; lines hiss below −50. */
const LOUD_DBFS = -40
/** Shorter sounds are clicks. */
const SOUND_MS = 80

const loudSquare = (32_768 * 10 ** (LOUD_DBFS / 20)) ** 2

/** Whether this much audio, 20 ms or so, is as loud as speech. */
export function isLoud(frame: Mulaw8k): boolean {
  return energyOf(frame) > loudSquare * frame.length
}

/** Notices the beginning of the first sound on a line, well before anybody can tell what it is. */
export class FirstSound {
  #loudBytes = 0
  #isOver = false

  /** True once: when this frame makes the first sound of the line long enough. */
  push(frame: Mulaw8k): boolean {
    if (this.#isOver || frame.length === 0) return false
    this.#loudBytes = isLoud(frame) ? this.#loudBytes + frame.length : 0
    this.#isOver = this.#loudBytes >= SOUND_MS * MULAW_BYTES_PER_MS
    return this.#isOver
  }
}
