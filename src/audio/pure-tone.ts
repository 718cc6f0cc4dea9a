import { goertzelPower, GoertzelBank } from './goertzel.ts'

const RATE_HZ = 8000
/** 25 ms: the longest block of which a tone of 120 ms fills three, wherever it begins. */
export const BLOCK_SAMPLES = 200
/** 5 ms: short enough to see two tones beat. */
export const STEP_SAMPLES = 40
export const STEPS = BLOCK_SAMPLES / STEP_SAMPLES

/** The frequencies of a block of this length that do not leak into each other. */
const BIN_HZ = RATE_HZ / BLOCK_SAMPLES
const FROM_HZ = 160
/** Up to 2,200 Hz: answer tones of fax machines are at 2,100. */
const BINS = 52
const LOWEST_TONE_HZ = 340
const HIGHEST_TONE_HZ = 2160

/** Mean square of a tone of −40 dBFS. What is quieter is not looked at. */
const QUIET = 53_000
/**
 * How much of a block's power must be in its one tone. Noise 6 dB below the tone leaves it 80 %; of two tones that are equally
 * loud, as in keys, rings and chords, each has half.
 */
const LEAST_SHARE = 0.72
/**
 * No other tone may have more, so that a key with one tone 8 dB louder than the other (as much as ITU-T Q.24 allows) is none,
 * nor a vowel with one strong harmonic.
 */
const MOST_OF_ANOTHER = 0.06
/** Bins around the tone into which it leaks. */
const LEAK_BINS = 3
/** Power of the weakest and the strongest step of a steady tone, as a share of their mean. */
const WEAKEST_STEP = 0.45
const STRONGEST_STEP = 1.7

export type PureTone = {
  readonly hz: number
  /** Mean square of the block: half the square of a tone’s amplitude. */
  readonly power: number
}

const bank = new GoertzelBank({
  sampleRateHz: RATE_HZ,
  fromHz: FROM_HZ,
  stepHz: BIN_HZ,
  count: BINS,
})

/** The mean squares of a block's steps, written into `steps`. */
export function measureSteps(samples: Float64Array, steps: Float64Array): void {
  for (let step = 0; step < STEPS; step++) {
    let sum = 0
    const end = (step + 1) * STEP_SAMPLES
    for (let n = step * STEP_SAMPLES; n < end; n++) sum += (samples[n] as number) ** 2
    steps[step] = sum / STEP_SAMPLES
  }
}

export function meanOf(steps: Float64Array): number {
  let sum = 0
  for (let i = 0; i < steps.length; i++) sum += steps[i] as number
  return sum / steps.length
}

/**
 * The tone that a block of `BLOCK_SAMPLES` samples at 8 kHz consists of, if it is one, and steady: 340 to 2,160 Hz, −40 dBFS or
 * louder, in noise at least 6 dB below it.
 *
 * @param steps as `measureSteps` gives them for this block
 */
export function pureToneIn(samples: Float64Array, steps: Float64Array): PureTone | undefined {
  const power = meanOf(steps)
  if (power < QUIET) return undefined
  // Most blocks of speech end here, before the filters run.
  if (!isSteady(steps, power)) return undefined
  const powers = bank.powers(samples)
  const best = strongest(powers)
  // The outermost are there to be leaked into.
  if (best === 0 || best === powers.length - 1) return undefined
  const whole = (BLOCK_SAMPLES ** 2 * power) / 2
  if (strongestOther(powers, best) > MOST_OF_ANOTHER * whole) return undefined
  const hz = frequencyIn(samples, powers, best)
  if (hz < LOWEST_TONE_HZ || hz > HIGHEST_TONE_HZ) return undefined
  if (goertzelPower(samples, hz, RATE_HZ) < LEAST_SHARE * whole) return undefined
  return { hz, power }
}

function isSteady(steps: Float64Array, mean: number): boolean {
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i] as number
    if (step < WEAKEST_STEP * mean || step > STRONGEST_STEP * mean) return false
  }
  return true
}

function strongest(powers: Float64Array): number {
  let best = 0
  for (let i = 1; i < powers.length; i++) {
    if ((powers[i] as number) > (powers[best] as number)) best = i
  }
  return best
}

/** A tone between two bins shows in both, by how far it is from each; in noise, the wrong neighbour may be the stronger one. */
function frequencyIn(samples: Float64Array, powers: Float64Array, best: number): number {
  const candidates = [-1, 1].map((side) => {
    const neighbour = Math.sqrt(powers[best + side] as number)
    const offset = neighbour / (neighbour + Math.sqrt(powers[best] as number))
    const hz = FROM_HZ + BIN_HZ * (best + side * offset)
    return { hz, power: goertzelPower(samples, hz, RATE_HZ) }
  })
  return candidates.reduce((a, b) => (b.power > a.power ? b : a)).hz
}

/** Two bins together: between them, a tone is in both. */
function strongestOther(powers: Float64Array, best: number): number {
  let most = 0
  for (let i = 0; i + 1 < powers.length; i++) {
    if (i + 1 >= best - LEAK_BINS && i <= best + LEAK_BINS) continue
    most = Math.max(most, (powers[i] as number) + (powers[i + 1] as number))
  }
  return most
}
