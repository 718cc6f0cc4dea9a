import { pcmToMulaw } from '../audio/mulaw.ts'
import { MULAW_BYTES_PER_MS, MULAW_SILENCE } from '../audio/samples.ts'
import type { Mulaw8k } from '../audio/samples.ts'

/**
 * Sounds on a telephone line that are no speech, as μ-law. All but noise have a margin of silence at both ends: a listener
 * would otherwise take them for a garbled part of the word before or after.
 */
const MARGIN_MS = 200
const SAMPLES_PER_MS = 8
const SAMPLES_PER_SECOND = 8000
/** −12 dBFS. */
const TONE_AMPLITUDE = 8200
/** Tones fade in and out over this long, so that they do not click. */
const RAMP_MS = 5

const BEEP_HZ = 1000

/** An answering machine's tone. */
export function beep(durationMs: number, hz = BEEP_HZ): Mulaw8k {
  return withMargins(tone(durationMs, hz))
}

/** How long before the end of a sound with margins the sound itself is over, in samples. */
export const MARGIN_SAMPLES = MARGIN_MS * SAMPLES_PER_MS

/** ITU-T T.30: the answer tone (CED) lasts 2.6 to 4 s; a machine that nobody answers begins again. */
const ANSWERING_FAX = { hz: 2100, toneMs: 3300, gapMs: 1000 }
/** The calling tone (CNG): half a second, every three and a half. */
const CALLING_FAX = { hz: 1100, toneMs: 500, gapMs: 3000 }

/** A fax machine that was called, or one that calls. */
export function fax(durationMs: number, isCalling = false): Mulaw8k {
  const { hz, toneMs, gapMs } = isCalling ? CALLING_FAX : ANSWERING_FAX
  const cycle = new Int16Array((toneMs + gapMs) * SAMPLES_PER_MS)
  cycle.set(tone(toneMs, hz))
  return withMargins(looped(cycle, durationMs))
}

/** ITU-T E.180: three rising tones, of a third of a second each. */
const SIT_HZ = [950, 1400, 1800]
const SIT_TONE_MS = 330

/** The special information tones before an announcement of the network. */
export function specialTones(): Mulaw8k {
  const samples = SIT_TONE_MS * SAMPLES_PER_MS
  const pcm = new Int16Array(SIT_HZ.length * samples)
  SIT_HZ.forEach((hz, i) => {
    pcm.set(tone(SIT_TONE_MS, hz), i * samples)
  })
  return withMargins(pcm)
}

/** C major, A minor, F major and G major, each for as long. */
const CHORDS_HZ = [
  [523.25, 659.26, 783.99],
  [440, 523.25, 659.26],
  [440, 523.25, 698.46],
  [493.88, 587.33, 783.99],
]
const CHORD_MS = 600
const NOTE_AMPLITUDE = 3000
/** Under the chords, so that they never fade into silence where their notes cancel each other out. */
const DRONE_HZ = 196
const DRONE_AMPLITUDE = 3000

/** Music on hold: chords without a pause in between. */
export function music(durationMs: number): Mulaw8k {
  const chordSamples = CHORD_MS * SAMPLES_PER_MS
  const loop = Int16Array.from({ length: CHORDS_HZ.length * chordSamples }, (_, n) => {
    const chord = CHORDS_HZ[Math.floor(n / chordSamples)] ?? []
    const notes = chord.reduce((sum, hz) => sum + NOTE_AMPLITUDE * wave(hz, n), 0)
    return Math.round(notes + DRONE_AMPLITUDE * wave(DRONE_HZ, n))
  })
  return withMargins(looped(loop, durationMs))
}

/** A wordless sound: white noise from a fixed seed, so that every run makes the same. */
export function noise(durationMs: number): Mulaw8k {
  let seed = 1
  const pcm = Int16Array.from({ length: Math.round(durationMs * SAMPLES_PER_MS) }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return (seed % 8000) - 4000
  })
  return pcmToMulaw(pcm)
}

function tone(durationMs: number, hz: number): Int16Array {
  const length = Math.round(durationMs * SAMPLES_PER_MS)
  const ramp = RAMP_MS * SAMPLES_PER_MS
  return Int16Array.from({ length }, (_, n) => {
    const envelope = Math.min(1, (n + 1) / ramp, (length - n) / ramp)
    return Math.round(TONE_AMPLITUDE * envelope * wave(hz, n))
  })
}

function wave(hz: number, n: number): number {
  return Math.sin((2 * Math.PI * hz * n) / SAMPLES_PER_SECOND)
}

/** The beginning of `loop`, over and over. */
function looped(loop: Int16Array, durationMs: number): Int16Array {
  const length = Math.round(durationMs * SAMPLES_PER_MS)
  return Int16Array.from({ length }, (_, n) => loop[n % loop.length] ?? 0)
}

function withMargins(pcm: Int16Array): Mulaw8k {
  const margin = MARGIN_MS * MULAW_BYTES_PER_MS
  const out = new Uint8Array(pcm.length + 2 * margin).fill(MULAW_SILENCE)
  out.set(pcmToMulaw(pcm), margin)
  return out
}
