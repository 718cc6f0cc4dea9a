import { halfOfTaps } from './low-pass.ts'
import type { Pcm24kBytes, Pcm8k } from './samples.ts'

/** 24,000 samples a second become 8,000. */
const STEP = 3

/**
 * 127 taps are the fewest with which a Kaiser window keeps 3.4 kHz within 0.1 dB and holds everything from 4.2 kHz (what
 * would fold back below 3.8 kHz) 70 dB down: 0.065 dB and 73 dB, at a delay of 2.6 ms. The cut-off lies below the
 * middle of the two because the pass band may ripple far more than the stop band may leak.
 */
const REACH = 63
const TAPS = Float64Array.from(
  halfOfTaps({ sampleRateHz: 24_000, cutoffHz: 3760, reach: REACH, attenuationDb: 74 }),
)
/** Input samples that one output sample is made of. */
const WINDOW = 2 * REACH + 1
/** Output samples computed side by side: each then shares all but two loads a tap with its neighbours, at twice the speed. */
const BLOCK = 4
/** A block may look this far past the input that there is; what it computes from it is not used. */
const SLACK = STEP * (BLOCK - 1)

/**
 * PCM 24 kHz to 8 kHz as a stream: chunks of any length, even ending inside a sample, give bit for bit the output of the
 * whole. Sample n of the output stands where sample 3n of the input stood, so a stream keeps its length and its timing.
 */
export class Resampler24kTo8k {
  /** The next output sample is in the middle of the first WINDOW of these. */
  #samples = new Float64Array(WINDOW + SLACK)
  #filled = REACH
  #oddByte: number | undefined

  push(pcm: Pcm24kBytes): Pcm8k {
    this.#append(pcm)
    return this.#take()
  }

  /** The end of the stream: what the filter still holds. The next `push` begins a new stream. */
  flush(): Pcm8k {
    this.#reserve(REACH)
    this.#samples.fill(0, this.#filled, this.#filled + REACH)
    this.#filled += REACH
    const tail = this.#take()
    this.#samples.fill(0)
    this.#filled = REACH
    this.#oddByte = undefined
    return tail
  }

  #append(pcm: Pcm24kBytes): void {
    if (pcm.length === 0) return
    this.#reserve((pcm.length + 1) >> 1)
    const samples = this.#samples
    let filled = this.#filled
    let next = 0
    if (this.#oddByte !== undefined) {
      samples[filled++] = sampleOf(this.#oddByte, byteAt(pcm, next++))
    }
    const last = pcm.length - 1
    for (; next < last; next += 2) {
      samples[filled++] = sampleOf(byteAt(pcm, next), byteAt(pcm, next + 1))
    }
    this.#oddByte = next === last ? byteAt(pcm, next) : undefined
    this.#filled = filled
  }

  #reserve(count: number): void {
    const needed = this.#filled + count + SLACK
    if (needed <= this.#samples.length) return
    const larger = new Float64Array(needed)
    larger.set(this.#samples.subarray(0, this.#filled))
    this.#samples = larger
  }

  #take(): Pcm8k {
    const count = Math.max(0, Math.floor((this.#filled - WINDOW) / STEP) + 1)
    const blocks = new Int16Array(Math.ceil(count / BLOCK) * BLOCK)
    for (let n = 0; n < blocks.length; n += BLOCK) filterBlock(this.#samples, n, blocks)
    this.#samples.copyWithin(0, STEP * count, this.#filled)
    this.#filled -= STEP * count
    return blocks.subarray(0, count)
  }
}

/**
 * Computes output samples `n` to `n + 3`. Going out from the middle in steps of 3, an input sample that one of them needs
 * is the one that its neighbour needed a step before, so it is handed on in a variable. Each sum adds its terms in the
 * same order wherever in a block it stands, which is what makes the result independent of the chunking.
 */
function filterBlock(samples: Float64Array, n: number, out: Int16Array): void {
  const middle = REACH + STEP * n
  const peak = at(TAPS, 0)
  let sum0 = peak * at(samples, middle)
  let sum1 = peak * at(samples, middle + 3)
  let sum2 = peak * at(samples, middle + 6)
  let sum3 = peak * at(samples, middle + 9)
  for (let phase = 1; phase <= STEP; phase++) {
    let left1 = at(samples, middle - phase + 3)
    let left2 = at(samples, middle - phase + 6)
    let left3 = at(samples, middle - phase + 9)
    let right0 = at(samples, middle + phase)
    let right1 = at(samples, middle + phase + 3)
    let right2 = at(samples, middle + phase + 6)
    for (let k = phase; k <= REACH; k += STEP) {
      const tap = at(TAPS, k)
      const left0 = at(samples, middle - k)
      const right3 = at(samples, middle + k + 9)
      sum0 += tap * (left0 + right0)
      sum1 += tap * (left1 + right1)
      sum2 += tap * (left2 + right2)
      sum3 += tap * (left3 + right3)
      left3 = left2
      left2 = left1
      left1 = left0
      right0 = right1
      right1 = right2
      right2 = right3
    }
  }
  out[n] = inRange(sum0)
  out[n + 1] = inRange(sum1)
  out[n + 2] = inRange(sum2)
  out[n + 3] = inRange(sum3)
}

/** A loud signal may overshoot in the filter; an `Int16Array` would wrap it to the opposite sign. */
function inRange(sum: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(sum)))
}

function sampleOf(low: number, high: number): number {
  return ((high << 24) >> 16) | low
}

// The bounds of the loops keep every index inside its array.
function at(values: Float64Array, index: number): number {
  return values[index] as number
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number
}
