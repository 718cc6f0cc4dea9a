import { MULAW_BYTES_PER_MS } from '../audio/samples.ts'
import type { Clock } from '../clock.ts'
import type { CallAudio } from './call-audio.ts'
import type { Utterance } from './person-ear.ts'
import { followMenu, type MenuMachine } from './person-menu.ts'
import { KeysHeard } from './person-keys.ts'
import { beep, fax, MARGIN_SAMPLES, music, noise, specialTones } from './person-sounds.ts'
import type { Menu, PersonStep } from './scenario.ts'
import { speakMulaw, SYMBOL_MS } from './tone-speech.ts'

/** The telephone in the person's hand. */
export type Handset = {
  readonly audio: CallAudio
  /** Milliseconds since the answer; everything up to then has been heard. */
  nowMs(): number
  press(digit: string): void
  hangUp(): void
  /** The media stream that is open. */
  stream(): BreakableStream | undefined
  /** The person begins to say this. */
  said(text: string, atMs: number): void
}

export type BreakableStream = { cut(): void; freeze(): void; stall(ways: 'out' | 'both'): void }

const KEY_GAP_MS = 100
const QUIET_MS = 600
/** A machine takes this long to do what a key tells it. */
const MACHINE_MS = 300

type Spoken = { readonly text: string; readonly startMs: number; endMs: number }

/** The simulated person: carries out the steps of a script at a telephone. */
export class SimulatedPerson {
  readonly #handset: Handset
  readonly #clock: Clock
  readonly #spoken: Spoken[] = []
  readonly #keys = new KeysHeard()
  readonly #machine: MenuMachine = {
    sayUntilKey: (text, signal) => this.#sayUntilKey(text, signal),
    nextKey: async (timeoutMs, signal) => {
      const came = await this.#until(() => this.#keys.waiting, signal, timeoutMs)
      return came ? this.#keys.takeOne() : undefined
    },
  }
  #overAtMs = Infinity
  /** The sample at which the last beep ended. */
  #beepEnd: number | undefined

  constructor(handset: Handset, clock: Clock) {
    this.#handset = handset
    this.#clock = clock
  }

  /** What was said; a sentence that was cut off ends with its last whole letter. */
  get said(): readonly Utterance[] {
    return this.#spoken.flatMap(({ text, startMs, endMs }) => {
      const cutMs = Math.min(endMs, this.#overAtMs)
      const letters = Math.floor((cutMs - startMs) / SYMBOL_MS)
      if (letters <= 0) return []
      return [{ text: Buffer.from(text).subarray(0, letters).toString(), startMs, endMs: cutMs }]
    })
  }

  /** What was heard after the last beep; empty when there was none. */
  get leftMessage(): string {
    return this.#beepEnd === undefined ? '' : this.#handset.audio.ear.textSince(this.#beepEnd)
  }

  /** A key that was pressed at the other end. */
  hearKey(digit: string): void {
    this.#keys.add(digit)
  }

  /** Resolves when the last step is done or the call is over. */
  async follow(steps: readonly PersonStep[], signal: AbortSignal): Promise<void> {
    try {
      await this.#carryOutAll(steps, signal)
    } catch (error) {
      // The call may end at any step; that ends the person's part, too.
      if (!signal.aborted) throw error
    }
  }

  /** The call ended so many milliseconds after the answer. */
  over(atMs: number): void {
    this.#overAtMs = atMs
  }

  async #carryOutAll(steps: readonly PersonStep[], signal: AbortSignal): Promise<void> {
    for (const step of steps) await this.#carryOut(step, signal)
  }

  async #carryOut(step: PersonStep, signal: AbortSignal): Promise<void> {
    if ('say' in step) {
      await this.#say(step.say, signal)
    } else if ('pause' in step) {
      await this.#waitUntil(this.#handset.nowMs() + step.pause, signal)
    } else if ('press' in step) {
      await this.#press(step.press, signal)
    } else if ('hear' in step || 'hearKeys' in step) {
      await this.#until(this.#awaited(step), signal, step.orMs)
    } else if ('repeat' in step) {
      for (let i = 0; i < step.repeat; i++) await this.#carryOutAll(step.do, signal)
    } else if ('menu' in step) {
      await this.#followMenu(step.menu, signal)
    } else if ('hangUp' in step) {
      this.#handset.hangUp()
    } else if ('cutStream' in step || 'freezeStream' in step || 'stallStream' in step) {
      await this.#breakStream(step, signal)
    } else {
      const end = await this.#sound(soundOf(step), signal)
      if ('beep' in step) this.#beepEnd = end - MARGIN_SAMPLES
    }
  }

  async #breakStream(
    step: Extract<
      PersonStep,
      { cutStream: true } | { freezeStream: true } | { stallStream: string }
    >,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#until(() => this.#handset.stream() !== undefined, signal)
    const stream = this.#handset.stream()
    if ('cutStream' in step) stream?.cut()
    else if ('stallStream' in step) stream?.stall(step.stallStream)
    else stream?.freeze()
  }

  #awaited(step: Extract<PersonStep, { hear: unknown } | { hearKeys: unknown }>): () => boolean {
    const { audio } = this.#handset
    if ('hearKeys' in step) {
      const { digits } = step.hearKeys
      return () => this.#keys.take(digits)
    }
    if (step.hear === 'end') {
      const quiet = (step.quietMs ?? QUIET_MS) * MULAW_BYTES_PER_MS
      return () => hasEnded(audio, quiet)
    }
    if ('words' in step.hear) {
      const { words } = step.hear
      return () => audio.ear.wordsSinceSpoke >= words
    }
    const text = step.hear.text.toLowerCase()
    return () => audio.ear.textSinceSpoke.toLowerCase().includes(text)
  }

  /** False when it was given up after `orMs`. */
  async #until(fulfilled: () => boolean, signal: AbortSignal, orMs = Infinity): Promise<boolean> {
    const deadlineMs = this.#handset.nowMs() + orMs
    let isFulfilled = false
    await this.#handset.audio.until(() => {
      isFulfilled = fulfilled()
      return isFulfilled || this.#lineMs >= deadlineMs
    }, signal)
    return isFulfilled
  }

  /** What `nowMs` was when sound last flowed. */
  get #lineMs(): number {
    return this.#handset.audio.ear.position / MULAW_BYTES_PER_MS
  }

  async #say(text: string, signal: AbortSignal): Promise<void> {
    const { endMs } = this.#begin(text)
    await this.#waitUntil(endMs, signal)
    this.#handset.audio.ear.listenAfresh()
  }

  async #followMenu(menu: Menu, signal: AbortSignal): Promise<void> {
    const steps = await followMenu(this.#machine, menu, signal)
    await this.#waitUntil(this.#handset.nowMs() + MACHINE_MS, signal)
    await this.#carryOutAll(steps, signal)
  }

  /** A key stops the words after the letter that is being spoken. */
  async #sayUntilKey(text: string, signal: AbortSignal): Promise<void> {
    if (this.#keys.waiting) return
    const spoken = this.#begin(text, MACHINE_MS)
    const wasStopped = await this.#until(
      () => this.#keys.waiting,
      signal,
      spoken.endMs - this.#handset.nowMs(),
    )
    if (wasStopped) this.#stop(spoken)
    else this.#handset.audio.ear.listenAfresh()
  }

  #stop(spoken: Spoken): void {
    const { mouth, ear } = this.#handset.audio
    const letters = Math.ceil((this.#handset.nowMs() - spoken.startMs) / SYMBOL_MS)
    spoken.endMs = spoken.startMs + Math.max(0, letters) * SYMBOL_MS
    mouth.hush(spoken.endMs * MULAW_BYTES_PER_MS)
    ear.spoke(spoken.startMs * MULAW_BYTES_PER_MS, spoken.endMs * MULAW_BYTES_PER_MS)
  }

  #begin(text: string, afterMs = 0): Spoken {
    const { audio } = this.#handset
    const speech = speakMulaw(text)
    const start = audio.mouth.speak(speech, this.#now + afterMs * MULAW_BYTES_PER_MS)
    audio.ear.spoke(start, start + speech.length)
    const spoken = {
      text,
      startMs: start / MULAW_BYTES_PER_MS,
      endMs: (start + speech.length) / MULAW_BYTES_PER_MS,
    }
    this.#spoken.push(spoken)
    this.#handset.said(text, spoken.startMs)
    return spoken
  }

  /** Makes a sound and waits for its end, which it returns as a sample. */
  async #sound(sound: Uint8Array, signal: AbortSignal): Promise<number> {
    const end = this.#handset.audio.mouth.speak(sound, this.#now) + sound.length
    await this.#waitUntil(end / MULAW_BYTES_PER_MS, signal)
    return end
  }

  async #press(keys: string, signal: AbortSignal): Promise<void> {
    const startMs = this.#handset.nowMs()
    for (const [i, key] of Array.from(keys).entries()) {
      await this.#waitUntil(startMs + i * KEY_GAP_MS, signal)
      this.#handset.press(key)
    }
    await this.#waitUntil(startMs + keys.length * KEY_GAP_MS, signal)
    // Pressing keys is this person's turn like speaking: what comes next is the answer.
    this.#handset.audio.ear.listenAfresh()
  }

  /** The next sample. */
  get #now(): number {
    return Math.ceil(this.#handset.nowMs() * MULAW_BYTES_PER_MS)
  }

  async #waitUntil(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    for (let left = ms - this.#handset.nowMs(); left > 0; left = ms - this.#handset.nowMs()) {
      await this.#clock.sleep(left, { signal })
    }
  }
}

type Sound = Extract<
  PersonStep,
  { noise: unknown } | { beep: unknown } | { fax: unknown } | { music: unknown } | { sit: unknown }
>

function soundOf(step: Sound): Uint8Array {
  if ('noise' in step) return noise(step.noise)
  if ('beep' in step) return beep(step.beep, step.frequencyHz)
  if ('fax' in step) return fax(step.fax, step.calling)
  return 'music' in step ? music(step.music) : specialTones()
}

function hasEnded({ ear }: CallAudio, quietSamples: number): boolean {
  return ear.heardSinceSpoke && ear.position - ear.lastSoundEnd >= quietSamples
}
