import { mulawSample } from './mulaw.ts'
import {
  BLOCK_SAMPLES,
  meanOf,
  measureSteps,
  type PureTone,
  pureToneIn,
  STEPS,
} from './pure-tone.ts'
import { MULAW_BYTES_PER_MS, type Mulaw8k } from './samples.ts'

export type ToneEvent = {
  readonly kind: 'beep' | 'fax' | 'sit'
  /** When it was over, in milliseconds since the first sample; a fax machine's answer is reported while it goes on. */
  readonly atMs: number
  /** How long it has lasted, to some 10 ms. */
  readonly durationMs: number
  /** Of special information tones, that of the first. */
  readonly frequencyHz: number
}

/** A steady tone; `endMs` so far. */
type Tone = {
  hz: number
  readonly startMs: number
  endMs: number
  power: number
  blocks: number
  /** Began right after another one ended: part of a melody or of a signal. */
  readonly follows: boolean
  isReported: boolean
}

const BLOCK_MS = BLOCK_SAMPLES / MULAW_BYTES_PER_MS
const STEP_MS = BLOCK_MS / STEPS

/** Within this, and a factor of `LEVEL_CHANGE` in power, the next block is the same tone. */
const SAME_HZ = 20
const LEVEL_CHANGE = 2.5
/** A tone with a gap no longer than this is one: a frame was lost, or something clicked. */
const GAP_MS = 60
/** Ramps at both ends leave so much of a beep of 120 ms. */
const SHORTEST_MS = 100
const LEAST_BLOCKS = 3

/** Longer ones are dial tones; of the beeps that mailboxes use, none is longer. */
const LONGEST_BEEP_MS = 2500
const HIGHEST_BEEP_HZ = 2000
/** So long nothing else follows a beep, or it is part of something. Until then one cannot tell. */
const SETTLE_MS = 100
/** What is left of a beep's power when it is over: noise 6 dB below it, which was part of it, and a little more. */
const SILENCE = 0.3

/** ITU-T T.30: the machine that calls sends 1,100 Hz for half a second (±15 %), the one that answers 2,100 Hz for seconds. */
const CNG = { hz: 1100, withinHz: 20, fromMs: 425, toMs: 575 }
/** V.34 modems turn the phase over every 450 ms, which ends a tone. */
const CED = { hz: 2100, withinHz: 25, fromMs: 350 }
/** ITU-T E.180 and Telcordia: three tones, each of 276 or 380 ms, the first two in two variants. */
const SIT_HZ: readonly (readonly [number, number])[] = [
  [880, 1020],
  [1330, 1470],
  [1730, 1830],
]
const SIT_MS = { from: 200, to: 450 }

/**
 * Hears answering machines' beeps, fax machines and the network's special information tones in a stream of μ-law audio.
 *
 * - `beep`: one steady tone of 340 to 2,000 Hz and 0.12 to 2.5 s with silence after it, reported 100 ms after its end. Signals
 *   of one tone only, such as Europe's ringing tone (425 Hz, 1 s), are beeps, too: a beep by itself does not say what made it.
 * - `fax`: 1,100 Hz for half a second, or 2,100 Hz.
 * - `sit`: 950, 1,400 and 1,800 Hz, one after the other.
 *
 * Two tones at once (keys, ringing and dial tones, chords), speech and noise are none of these. Tones are heard from −40 dBFS
 * on, in noise up to 6 dB below them. The events do not depend on how the stream is cut into frames. Costs 0.06 % of
 * a core while somebody speaks, a tenth of that in silence.
 */
export class ToneDetector {
  readonly #block = new Float64Array(BLOCK_SAMPLES)
  readonly #steps = new Float64Array(STEPS)
  readonly #stepsBefore = new Float64Array(STEPS)
  #filled = 0
  /** Where the block that is being filled begins. */
  #atMs = 0
  #tone: Tone | undefined
  /** Tones that were long enough, the last three. */
  #heard: readonly Tone[] = []
  /** A tone that is a beep if nothing follows. */
  #pending: Tone | undefined
  #events: ToneEvent[] = []

  /** What the frame brings to light, in order; mostly nothing. */
  push(frame: Mulaw8k): readonly ToneEvent[] {
    for (let i = 0; i < frame.length; i++) {
      this.#block[this.#filled++] = mulawSample(frame[i] as number)
      if (this.#filled === BLOCK_SAMPLES) this.#endBlock()
    }
    if (this.#events.length === 0) return []
    const events = this.#events
    this.#events = []
    return events
  }

  #endBlock(): void {
    this.#filled = 0
    this.#stepsBefore.set(this.#steps)
    measureSteps(this.#block, this.#steps)
    const found = pureToneIn(this.#block, this.#steps)
    if (this.#tone && (!found || !isSame(this.#tone, found))) this.#endTone(this.#tone)
    if (found && !this.#tone) this.#beginTone(found)
    if (found && this.#tone) this.#goOn(this.#tone, found)
    this.#settle()
    this.#atMs += BLOCK_MS
  }

  #beginTone({ hz, power }: PureTone): void {
    const last = this.#heard.at(-1)
    const sinceMs = this.#atMs - (last?.endMs ?? -Infinity)
    if (last && sinceMs <= GAP_MS && isSame(last, { hz, power })) {
      this.#heard = this.#heard.slice(0, -1)
      this.#pending = undefined
      this.#tone = last
      return
    }
    const early = countWhile(this.#stepsBefore.toReversed(), (step) => step > power / 2)
    const startMs = this.#atMs - STEP_MS * early
    const follows = sinceMs <= SETTLE_MS
    this.#tone = { hz, startMs, endMs: startMs, power, blocks: 0, follows, isReported: false }
  }

  #goOn(tone: Tone, { hz, power }: PureTone): void {
    tone.blocks++
    tone.endMs = this.#atMs + BLOCK_MS
    tone.power = power
    tone.hz += (hz - tone.hz) / tone.blocks
    if (tone.isReported || !fits(tone, CED) || tone.endMs - tone.startMs < CED.fromMs) return
    tone.isReported = true
    this.#report('fax', tone)
  }

  #endTone(tone: Tone): void {
    this.#tone = undefined
    tone.endMs += STEP_MS * countWhile(this.#steps, (step) => step > tone.power / 2)
    const durationMs = tone.endMs - tone.startMs
    if (tone.blocks < LEAST_BLOCKS || durationMs < SHORTEST_MS) return
    this.#heard = [...this.#heard.slice(-2), tone]
    if (isSpecialInformation(this.#heard)) {
      const [first] = this.#heard as [Tone]
      this.#report('sit', { ...tone, startMs: first.startMs, hz: first.hz })
    } else if (!tone.follows && durationMs <= LONGEST_BEEP_MS && tone.hz <= HIGHEST_BEEP_HZ) {
      this.#pending = tone
    }
  }

  /** A beep is one when it is followed by silence. */
  #settle(): void {
    const tone = this.#pending
    if (!tone || this.#atMs < tone.endMs) return
    if (meanOf(this.#steps) > SILENCE * tone.power) {
      this.#pending = undefined
    } else if (this.#atMs + BLOCK_MS >= tone.endMs + SETTLE_MS) {
      this.#pending = undefined
      const durationMs = tone.endMs - tone.startMs
      const isCng = fits(tone, CNG) && durationMs >= CNG.fromMs && durationMs <= CNG.toMs
      this.#report(isCng ? 'fax' : 'beep', tone)
    }
  }

  #report(kind: ToneEvent['kind'], { startMs, endMs, hz }: Tone): void {
    const durationMs = endMs - startMs
    this.#events.push({ kind, atMs: endMs, durationMs, frequencyHz: Math.round(hz) })
  }
}

function isSame(tone: Tone, { hz, power }: PureTone): boolean {
  const change = power / tone.power
  return Math.abs(hz - tone.hz) <= SAME_HZ && change < LEVEL_CHANGE && change > 1 / LEVEL_CHANGE
}

function fits(tone: Tone, { hz, withinHz }: { hz: number; withinHz: number }): boolean {
  return Math.abs(tone.hz - hz) <= withinHz
}

function isSpecialInformation(tones: readonly Tone[]): boolean {
  return (
    tones.length === SIT_HZ.length &&
    SIT_HZ.every(([from, to], i) => {
      const { hz, startMs, endMs } = tones[i] as Tone
      const gapMs = i === 0 ? 0 : startMs - (tones[i - 1] as Tone).endMs
      const durationMs = endMs - startMs
      return (
        hz >= from &&
        hz <= to &&
        gapMs <= GAP_MS &&
        durationMs >= SIT_MS.from &&
        durationMs <= SIT_MS.to
      )
    })
  )
}

function countWhile(steps: Float64Array, fits: (step: number) => boolean): number {
  const end = steps.findIndex((step) => !fits(step))
  return end === -1 ? steps.length : end
}
