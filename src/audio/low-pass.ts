/**
 * A symmetric low-pass filter: a sinc cut short by a Kaiser window, which is the simplest design whose stop band can be
 * chosen freely.
 */
export type LowPass = {
  readonly sampleRateHz: number
  /** Half of the height is reached here, in the middle of the transition band. */
  readonly cutoffHz: number
  /** Taps on either side of the middle one: also the filter's delay in samples. */
  readonly reach: number
  /** How far the window pushes down the stop band; more of it widens the transition band. */
  readonly attenuationDb: number
}

/** The middle tap, followed by those on one side of it; the other side mirrors them. Gain at 0 Hz is 1. */
export function halfOfTaps({ sampleRateHz, cutoffHz, reach, attenuationDb }: LowPass): number[] {
  // Kaiser's own fit of the window's shape to the attenuation, for 50 dB and more.
  const shape = 0.1102 * (attenuationDb - 8.7)
  const cutoff = (2 * Math.PI * cutoffHz) / sampleRateHz
  const taps = Array.from({ length: reach + 1 }, (_, k) => {
    const sinc = k === 0 ? cutoff : Math.sin(cutoff * k) / k
    return sinc * besselI0(shape * Math.sqrt(1 - (k / reach) ** 2))
  })
  const gain = taps.reduce((sum, tap, k) => sum + (k === 0 ? tap : 2 * tap), 0)
  return taps.map((tap) => tap / gain)
}

/** The modified Bessel function of order zero, by its power series. */
function besselI0(x: number): number {
  let sum = 1
  for (let term = 1, k = 1; term > sum * Number.EPSILON; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}
