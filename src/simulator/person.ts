import { pcmToMulaw } from '../audio/mulaw.ts'
import { MULAW_BYTES_PER_MS } from '../audio/samples.ts'
import type { Clock } from '../clock.ts'
import type { CallAudio } from './call-audio.ts'
import type { Utterance } from './person-ear.ts'
import { noise } from './person-mouth.ts'
import type { PersonStep } from './scenario.ts'
import { speakMulaw, SYMBOL_MS } from './tone-speech.ts'

/** The telephone in the person's hand. */
export type Handset = {
  readonly audio: CallAudio
  /** Milliseconds since the answer; everything up to then has been heard. */
  nowMs(): number
  press(digit: string): void
  hangUp(): void
  /** The person begins to say this. */
  said(text: string, atMs: number): void
}

const KEY_GAP_MS = 100
const QUIET_MS = 600

type Spoken = { readonly text: string; readonly startMs: number; readonly endMs: number }

/** The simulated person: carries out the steps of a script at a telephone. */
export class SimulatedPerson {
  readonly #handset: Handset
  readonly #clock: Clock
  readonly #spoken: Spoken[] = []
  #overAtMs = Infinity

  constructor(handset: Handset, clock: Clock) {
    this.#handset = handset
    this.#clock = clock
  }

  /** What was said; a sentence that the end of the call cut off ends with its last whole letter. */
  get said(): readonly Utterance[] {
    return this.#spoken.flatMap(({ text, startMs, endMs }) => {
      if (endMs <= this.#overAtMs) return [{ text, startMs, endMs }]
      const letters = Math.floor((this.#overAtMs - startMs) / SYMBOL_MS)
      if (letters <= 0) return []
      const cut = Buffer.from(text).subarray(0, letters).toString()
      return [{ text: cut, startMs, endMs: this.#overAtMs }]
    })
  }

  /** Resolves when the last step is done or the call is over. */
  async follow(steps: readonly PersonStep[], signal: AbortSignal): Promise<void> {
    try {
      for (const step of steps) await this.#carryOut(step, signal)
    } catch (error) {
      // The call may end at any step; that ends the person's part, too.
      if (!signal.aborted) throw error
    }
  }

  /** The call ended so many milliseconds after the answer. */
  over(atMs: number): void {
    this.#overAtMs = atMs
  }

  async #carryOut(step: PersonStep, signal: AbortSignal): Promise<void> {
    const { audio } = this.#handset
    if ('say' in step) {
      await this.#say(step.say, signal)
    } else if ('pause' in step) {
      await this.#waitUntil(this.#handset.nowMs() + step.pause, signal)
    } else if ('press' in step) {
      await this.#press(step.press, signal)
    } else if ('noise' in step) {
      await this.#sound(noise(step.noise, pcmToMulaw), signal)
    } else if ('hangUp' in step) {
      this.#handset.hangUp()
    } else if (step.hear === 'end') {
      const quiet = (step.quietMs ?? QUIET_MS) * MULAW_BYTES_PER_MS
      await audio.until(() => hasEnded(audio, quiet), signal)
    } else if ('words' in step.hear) {
      const { words } = step.hear
      await audio.until(() => audio.ear.wordsSinceSpoke >= words, signal)
    } else {
      const text = step.hear.text.toLowerCase()
      await audio.until(() => audio.ear.textSinceSpoke.toLowerCase().includes(text), signal)
    }
  }

  async #say(text: string, signal: AbortSignal): Promise<void> {
    const speech = speakMulaw(text)
    await this.#sound(speech, signal, (startMs) => {
      this.#spoken.push({ text, startMs, endMs: startMs + speech.length / MULAW_BYTES_PER_MS })
      this.#handset.said(text, startMs)
    })
    this.#handset.audio.ear.listenAfresh()
  }

  /** Makes a sound and waits for its end. */
  async #sound(
    sound: Uint8Array,
    signal: AbortSignal,
    begun?: (startMs: number) => void,
  ): Promise<void> {
    const { audio } = this.#handset
    const start = audio.mouth.speak(sound, Math.ceil(this.#handset.nowMs() * MULAW_BYTES_PER_MS))
    if (begun) {
      audio.ear.spoke(start, start + sound.length)
      begun(start / MULAW_BYTES_PER_MS)
    }
    await this.#waitUntil((start + sound.length) / MULAW_BYTES_PER_MS, signal)
  }

  async #press(keys: string, signal: AbortSignal): Promise<void> {
    const startMs = this.#handset.nowMs()
    for (const [i, key] of Array.from(keys).entries()) {
      await this.#waitUntil(startMs + i * KEY_GAP_MS, signal)
      this.#handset.press(key)
    }
  }

  async #waitUntil(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    for (let left = ms - this.#handset.nowMs(); left > 0; left = ms - this.#handset.nowMs()) {
      await this.#clock.sleep(left, { signal })
    }
  }
}

function hasEnded({ ear }: CallAudio, quietSamples: number): boolean {
  return ear.heardSinceSpoke && ear.position - ear.lastSoundEnd >= quietSamples
}
