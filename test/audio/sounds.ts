import { pcmToMulaw } from '../../src/audio/mulaw.ts'

/** Samples at 8 kHz; 1 is full scale. */
export type Sound = Float64Array

const RATE_HZ = 8000
const FULL_SCALE = 32_124 // μ-law's largest sample

export function levelOf(dbfs: number): number {
  return 10 ** (dbfs / 20)
}

/** A steady tone; `dbfs` is its amplitude. Without a ramp it clicks at both ends, as some machines do. */
export function tone(
  ms: number,
  hz: number,
  { dbfs = -12, rampMs = 3, phase = 0 }: { dbfs?: number; rampMs?: number; phase?: number } = {},
): Sound {
  const length = samples(ms)
  const ramp = Math.max(1, samples(rampMs))
  const peak = levelOf(dbfs)
  return sampled(length, (n) => {
    const envelope = Math.min(1, (n + 1) / ramp, (length - n) / ramp)
    return peak * envelope * Math.sin((2 * Math.PI * hz * n) / RATE_HZ + phase)
  })
}

export function silence(ms: number): Sound {
  return new Float64Array(samples(ms))
}

/** White noise; `dbfs` is its root mean square, so that it is as strong as a tone of 3 dB more. */
export function noise(ms: number, dbfs: number, seed = 1): Sound {
  const random = randomFrom(seed)
  const peak = levelOf(dbfs) * Math.sqrt(3)
  return sampled(samples(ms), () => peak * (2 * random() - 1))
}

export function joined(...sounds: readonly Sound[]): Sound {
  const whole = new Float64Array(sounds.reduce((length, sound) => length + sound.length, 0))
  let at = 0
  for (const sound of sounds) {
    whole.set(sound, at)
    at += sound.length
  }
  return whole
}

/** Sounds at the same time; as long as the longest. */
export function mixed(...sounds: readonly Sound[]): Sound {
  const sum = new Float64Array(Math.max(...sounds.map((sound) => sound.length)))
  for (const sound of sounds) for (let n = 0; n < sound.length; n++) sum[n]! += sound[n]!
  return sum
}

export function mulaw(sound: Sound): Uint8Array {
  const pcm = new Int16Array(sound.length)
  for (let n = 0; n < pcm.length; n++) {
    pcm[n] = Math.round(FULL_SCALE * Math.max(-1, Math.min(1, sound[n]!)))
  }
  return pcmToMulaw(pcm)
}

/** Formants of vowels, in Hz: “ah”, “ee”, “oo”, “oh”, “eh”. */
const VOWELS = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [570, 840, 2410],
  [530, 1840, 2480],
]

/**
 * Something like speech: pulses of a voice whose pitch wanders, through the resonances of one vowel after the other, with
 * consonants of noise and pauses in between.
 */
export function voice(ms: number, { pitchHz, seed }: { pitchHz: number; seed: number }): Sound {
  const random = randomFrom(seed)
  const sounds: Sound[] = []
  for (let doneMs = 0; doneMs < ms;) {
    const syllableMs = 80 + 320 * random()
    const vowel = VOWELS[Math.floor(random() * VOWELS.length)] ?? []
    const from = pitchHz * (0.85 + 0.3 * random())
    sounds.push(noise(20 + 60 * random(), -35, seed + doneMs))
    sounds.push(sungVowel(syllableMs, vowel, { from, to: from * (0.9 + 0.2 * random()) }))
    const pauseMs = random() < 0.3 ? 150 : 10
    sounds.push(silence(pauseMs))
    doneMs += syllableMs + pauseMs + 50
  }
  return joined(...sounds)
}

/** A vowel on a gliding pitch, as loud as people talk. */
export function sungVowel(
  ms: number,
  formants: readonly number[],
  { from, to }: { from: number; to: number },
): Sound {
  const length = samples(ms)
  let sound = new Float64Array(length)
  let phase = 0
  for (let n = 0; n < length; n++) {
    phase += (from + ((to - from) * n) / length) / RATE_HZ
    if (phase >= 1) {
      phase -= 1
      sound[n] = 1
    }
  }
  // The glottis' own slope, and the resonances one after the other.
  sound = resonated(resonated(sound, 0, 150), 0, 150)
  for (const hz of formants) sound = resonated(sound, hz, 60 + hz / 20)
  const loudest = sound.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-9)
  return sound.map((x, n) => {
    const envelope = Math.min(1, n / 160, (length - n) / 160)
    return (levelOf(-9) * envelope * x) / loudest
  })
}

function resonated(sound: Sound, hz: number, bandwidthHz: number): Float64Array<ArrayBuffer> {
  const r = Math.exp((-Math.PI * bandwidthHz) / RATE_HZ)
  const a = 2 * r * Math.cos((2 * Math.PI * hz) / RATE_HZ)
  let y1 = 0
  let y2 = 0
  return sampled(sound.length, (n) => {
    const y = sound[n]! + a * y1 - r * r * y2
    y2 = y1
    y1 = y
    return y
  })
}

/** As `Float64Array.from` does, which takes ten times as long. */
function sampled(length: number, sample: (n: number) => number): Float64Array<ArrayBuffer> {
  const sound = new Float64Array(length)
  for (let n = 0; n < length; n++) sound[n] = sample(n)
  return sound
}

function samples(ms: number): number {
  return Math.round((ms * RATE_HZ) / 1000)
}

/** Numbers from 0 to 1 that are the same in every run. */
function randomFrom(seed: number): () => number {
  let state = Math.imul(Math.trunc(seed), 2_654_435_761) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
