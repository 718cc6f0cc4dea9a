/** Filters evaluated side by side: each step of one waits for its own last, but not for the others'. */
const LANES = 4

/**
 * Goertzel's algorithm for many evenly spaced frequencies: how much of a block of samples is a tone of each. For a few dozen
 * frequencies of a short block it costs less than a Fourier transform of a convenient length.
 */
export class GoertzelBank {
  readonly #coefficients: Float64Array
  readonly #powers: Float64Array

  /** `count` frequencies from `fromHz` on, `stepHz` apart; at least `LANES` of them. */
  constructor(options: { sampleRateHz: number; fromHz: number; stepHz: number; count: number }) {
    const { sampleRateHz, fromHz, stepHz, count } = options
    const lanes = Math.ceil(count / LANES) * LANES
    this.#coefficients = Float64Array.from({ length: lanes }, (_, i) =>
      coefficient(fromHz + i * stepHz, sampleRateHz),
    )
    this.#powers = new Float64Array(lanes)
  }

  /** `|X|²` of each frequency. The array is the bank's own and holds until the next call. */
  powers(samples: Float64Array): Float64Array {
    for (let lane = 0; lane < this.#powers.length; lane += LANES) this.#runLanes(samples, lane)
    return this.#powers
  }

  #runLanes(samples: Float64Array, first: number): void {
    // The casts spare a check per sample: all indices lie inside the arrays.
    const c0 = this.#coefficients[first] as number
    const c1 = this.#coefficients[first + 1] as number
    const c2 = this.#coefficients[first + 2] as number
    const c3 = this.#coefficients[first + 3] as number
    // One by one: taken out of an array they would be objects, a dozen for each sample.
    let a0 = 0
    let a1 = 0
    let a2 = 0
    let a3 = 0
    let b0 = 0
    let b1 = 0
    let b2 = 0
    let b3 = 0
    for (let n = 0; n < samples.length; n++) {
      const x = samples[n] as number
      const n0 = x + c0 * a0 - b0
      const n1 = x + c1 * a1 - b1
      const n2 = x + c2 * a2 - b2
      const n3 = x + c3 * a3 - b3
      b0 = a0
      b1 = a1
      b2 = a2
      b3 = a3
      a0 = n0
      a1 = n1
      a2 = n2
      a3 = n3
    }
    this.#powers[first] = a0 * a0 + b0 * b0 - c0 * a0 * b0
    this.#powers[first + 1] = a1 * a1 + b1 * b1 - c1 * a1 * b1
    this.#powers[first + 2] = a2 * a2 + b2 * b2 - c2 * a2 * b2
    this.#powers[first + 3] = a3 * a3 + b3 * b3 - c3 * a3 * b3
  }
}

/** `|X|²` of one frequency in a block of samples. */
export function goertzelPower(samples: Float64Array, hz: number, sampleRateHz: number): number {
  const c = coefficient(hz, sampleRateHz)
  let a = 0
  let b = 0
  for (const x of samples) {
    const next = x + c * a - b
    b = a
    a = next
  }
  return a * a + b * b - c * a * b
}

function coefficient(hz: number, sampleRateHz: number): number {
  return 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz)
}
