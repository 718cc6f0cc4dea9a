import { GoertzelBank } from '../audio/goertzel.ts'
import { mulawSample, pcmToMulaw } from '../audio/mulaw.ts'
import { type Mulaw8k, MULAW_SILENCE, type Pcm24kBytes } from '../audio/samples.ts'

/**
 * Simulated speech: text carried inside audio. Every UTF-8 byte is a burst of two tones (its low and its high half) of
 * 40 ms followed by 10 ms of silence, so 20 characters a second, in the voice band. Each burst is found by its own
 * onset, so a listener needs no clock shared with the speaker: audio may start anywhere, pause anywhere, and be cut at
 * any sample. A broken codec, resampler or frame order is heard as `�` or as wrong words.
 */
export const SYMBOL_MS = 50
const BURST_MS = 40
const LOW = { fromHz: 400, stepHz: 75, count: 16 }
const HIGH = { fromHz: 1700, stepHz: 100, count: 16 }
/** Per tone; the sum of both stays well inside 16 bits. */
const AMPLITUDE = 7000
/** Bursts fade in and out over this long, so that they do not click outside their band. */
const RAMP_MS = 2

const LISTEN_HZ = 8000
/** Samples in one step of the burst detector: 2.5 ms. */
const STEP = 20
/** Mean magnitude of a step above which somebody makes a sound; μ-law silence is 0. */
const SOUND = 400
/** Steps of silence that end a burst. */
const GAP_STEPS = 2
/** A burst shorter than this is one that was cut: not heard. */
const MIN_BURST_STEPS = 10
/** A burst longer than this is no single symbol. */
const MAX_BURST_STEPS = 19
/** How much stronger the best tone of a half must be than the second best. */
const DOMINANCE = 4

const encoder = new TextEncoder()

function makeSymbols(sampleRateHz: number): (byte: number) => Int16Array {
  const cache: (Int16Array | undefined)[] = []
  const length = (SYMBOL_MS * sampleRateHz) / 1000
  const burst = (BURST_MS * sampleRateHz) / 1000
  const ramp = (RAMP_MS * sampleRateHz) / 1000
  return (byte) => {
    const cached = cache[byte]
    if (cached) return cached
    const samples = new Int16Array(length)
    const low = (2 * Math.PI * (LOW.fromHz + LOW.stepHz * (byte & 15))) / sampleRateHz
    const high = (2 * Math.PI * (HIGH.fromHz + HIGH.stepHz * (byte >> 4))) / sampleRateHz
    for (let n = 0; n < burst; n++) {
      const envelope = Math.min(1, (n + 1) / ramp, (burst - n) / ramp)
      samples[n] = Math.round(AMPLITUDE * envelope * (Math.sin(low * n) + Math.sin(high * n)))
    }
    cache[byte] = samples
    return samples
  }
}

const symbol8k = makeSymbols(8000)
const symbol24k = makeSymbols(24_000)
const mulawSymbols: (Uint8Array | undefined)[] = []

/** `text` as μ-law 8 kHz, 400 bytes for each of its UTF-8 bytes. */
export function speakMulaw(text: string): Mulaw8k {
  const bytes = encoder.encode(text)
  const length = (SYMBOL_MS * 8000) / 1000
  const out = new Uint8Array(bytes.length * length)
  bytes.forEach((byte, i) => {
    out.set((mulawSymbols[byte] ??= pcmToMulaw(symbol8k(byte))), i * length)
  })
  return out
}

/** `text` as PCM S16LE 24 kHz, 2,400 bytes for each of its UTF-8 bytes. */
export function speakPcm24k(text: string): Pcm24kBytes {
  const bytes = encoder.encode(text)
  const length = (SYMBOL_MS * 24_000) / 1000
  const out = new Int16Array(bytes.length * length)
  bytes.forEach((byte, i) => {
    out.set(symbol24k(byte), i * length)
  })
  return new Uint8Array(out.buffer)
}

/** How long `text` takes to say, in milliseconds. */
export function speechMs(text: string): number {
  return encoder.encode(text).length * SYMBOL_MS
}

export type HeardByte = {
  /** One byte of UTF-8 text; 0x1A (“substitute”) when a sound of a symbol's length could not be understood. */
  readonly byte: number
  /** Sample at which the symbol's sound began and ended, counted from the first sample heard. */
  readonly start: number
  readonly end: number
}

const lowTones = new GoertzelBank({ sampleRateHz: LISTEN_HZ, ...LOW })
const highTones = new GoertzelBank({ sampleRateHz: LISTEN_HZ, ...HIGH })

/** Understands simulated speech in μ-law 8 kHz audio, whatever pieces it comes in. */
export class ToneListener {
  readonly #onByte: (heard: HeardByte) => void
  /** The sound that is being heard, as samples. A sound that goes on for ever must not fill the memory. */
  readonly #burst = new Float64Array(STEP * (MAX_BURST_STEPS + GAP_STEPS))
  /** How many of them are there, without the step that is not whole yet. */
  #burstLength = 0
  #burstStart = 0
  readonly #step = new Float64Array(STEP)
  #filled = 0
  /** Sum of the magnitudes of the step so far. */
  #magnitude = 0
  /** Samples heard so far. */
  #position = 0
  #soundSteps = 0
  #silentSteps = 0
  /** Sample at which the last sound, understood or not, ended. */
  #lastSoundEnd = 0

  constructor(onByte: (heard: HeardByte) => void) {
    this.#onByte = onByte
  }

  /** Samples heard so far. */
  get position(): number {
    return this.#position
  }

  get lastSoundEnd(): number {
    return this.#lastSoundEnd
  }

  hear(audio: Mulaw8k): void {
    // Most of what a telephone carries is silence.
    const start = this.#soundSteps === 0 && this.#filled === 0 ? silentSamples(audio) : 0
    this.#position += start
    for (let at = start; at < audio.length; at++) {
      const sample = mulawSample(audio[at] as number)
      this.#step[this.#filled++] = sample
      this.#magnitude += Math.abs(sample)
      this.#position++
      if (this.#filled === STEP) this.#endStep()
    }
  }

  #endStep(): void {
    const sounding = this.#magnitude / STEP > SOUND
    this.#filled = 0
    this.#magnitude = 0
    if (sounding) {
      if (this.#soundSteps === 0) {
        this.#burstLength = 0
        this.#burstStart = this.#position - STEP
      }
      this.#soundSteps++
      this.#silentSteps = 0
      this.#lastSoundEnd = this.#position
    } else if (this.#soundSteps > 0) {
      this.#silentSteps++
    } else return
    if (this.#burstLength < this.#burst.length) {
      this.#burst.set(this.#step, this.#burstLength)
      this.#burstLength += STEP
    }
    if (this.#silentSteps >= GAP_STEPS) this.#endBurst()
  }

  #endBurst(): void {
    const steps = this.#soundSteps
    this.#soundSteps = 0
    this.#silentSteps = 0
    if (steps < MIN_BURST_STEPS) return
    const start = this.#burstStart
    const end = this.#lastSoundEnd
    const burst = this.#burst.subarray(0, this.#burstLength)
    const low = loudest(lowTones.powers(burst))
    const high = loudest(highTones.powers(burst))
    if (steps > MAX_BURST_STEPS || low === undefined || high === undefined) {
      this.#onByte({ byte: 0x1a, start, end })
    } else {
      this.#onByte({ byte: (high << 4) | low, start, end })
    }
  }
}

/** How many whole steps of silence `audio` begins with, in samples. */
function silentSamples(audio: Mulaw8k): number {
  let silent = 0
  while (silent < audio.length && audio[silent] === MULAW_SILENCE) silent++
  return silent - (silent % STEP)
}

/** Index of the tone that dominates the burst, or undefined when none does. */
function loudest(powers: Float64Array): number | undefined {
  let best = -1
  let bestPower = 0
  let secondPower = 0
  powers.forEach((power, i) => {
    if (power > bestPower) {
      secondPower = bestPower
      bestPower = power
      best = i
    } else if (power > secondPower) secondPower = power
  })
  return bestPower > DOMINANCE * secondPower ? best : undefined
}

const decoder = new TextDecoder()

/** Text of heard bytes: unknown symbols and halves of characters become `�`. */
export function textOf(bytes: readonly HeardByte[]): string {
  return decoder.decode(
    Uint8Array.from(bytes, (heard) => (heard.byte === 0x1a ? 0xff : heard.byte)),
  )
}
