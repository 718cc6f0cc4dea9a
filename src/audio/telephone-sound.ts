import { halfOfTaps } from './low-pass.ts'
import type { Pcm8k } from './samples.ts'
import type { WavSound } from './wav-reader.ts'

const TELEPHONE_HZ = 8000
/** Whole multiples of a telephone's rate. */
export const READABLE_RATES_HZ: readonly number[] = [8000, 16_000, 24_000, 48_000]

/** Taps on either side for each input sample that an output sample stands for: as sharp as the resampler of a call. */
const REACH = 21

/**
 * Any sound of a readable rate as a telephone has it: one channel, the mean of all, at 8 kHz.
 *
 * @throws {RangeError} when the rate is none of `READABLE_RATES_HZ`
 */
export function telephoneSound({ sampleRateHz, channels }: WavSound): Pcm8k {
  if (!READABLE_RATES_HZ.includes(sampleRateHz)) {
    throw new RangeError(
      `sound of ${sampleRateHz} samples a second is not read, only of ${READABLE_RATES_HZ.join(', ')}`,
    )
  }
  const mono = mixed(channels)
  const step = sampleRateHz / TELEPHONE_HZ
  return step === 1 ? mono : decimated(mono, step)
}

function mixed(channels: readonly Int16Array[]): Int16Array {
  const [first = new Int16Array(0)] = channels
  if (channels.length === 1) return first
  return first.map((_, n) =>
    Math.round(channels.reduce((sum, channel) => sum + (channel[n] ?? 0), 0) / channels.length),
  )
}

/** Every `step`th sample of what a low-pass lets through; around the sound there is silence. */
function decimated(samples: Int16Array, step: number): Pcm8k {
  const reach = REACH * step
  const taps = halfOfTaps({
    sampleRateHz: TELEPHONE_HZ * step,
    cutoffHz: 3760,
    reach,
    attenuationDb: 74,
  })
  return Int16Array.from({ length: Math.ceil(samples.length / step) }, (_, n) => {
    const middle = n * step
    let sum = 0
    taps.forEach((tap, k) => {
      const left = samples[middle - k] ?? 0
      sum += k === 0 ? tap * left : tap * (left + (samples[middle + k] ?? 0))
    })
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)))
  })
}
