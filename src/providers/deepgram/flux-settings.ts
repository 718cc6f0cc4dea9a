import type { Cancel, Clock } from '../../clock.ts'
import { LONG_PAUSE_MS, NORMAL_PAUSE_MS } from '../../pipeline/patience.ts'

/** What may be changed of a Flux connection while it is open; `hint` is the base language that it expects. */
export type FluxSettings = {
  readonly eotThreshold: number
  readonly eotTimeoutMs: number
  readonly hint: string | undefined
}

/** As sure as a model that ends turns at all can be asked to be: at 1 only its timeout ends them. */
const PATIENT_THRESHOLD = 0.9
/** An answer to a `Configure` that has not come by then does not come. */
const ANSWER_MS = 5000

/**
 * Patience in Flux' terms. It has none for “not before so much silence”: it ends a turn when it is sure enough, however
 * short the pause. So the longer a pause may be, the surer it has to be: from what is configured at `NORMAL_PAUSE_MS`, in
 * proportion, to 0.9 at `LONG_PAUSE_MS`. And its timeout, at which it ends a turn unsure, is never shorter than the pause.
 */
export function patientThresholds(
  pauseMs: number,
  configured: Pick<FluxSettings, 'eotThreshold' | 'eotTimeoutMs'>,
): Pick<FluxSettings, 'eotThreshold' | 'eotTimeoutMs'> {
  const { eotThreshold, eotTimeoutMs } = configured
  if (pauseMs <= NORMAL_PAUSE_MS) return { eotThreshold, eotTimeoutMs }
  const share = Math.min(1, (pauseMs - NORMAL_PAUSE_MS) / (LONG_PAUSE_MS - NORMAL_PAUSE_MS))
  const surest = Math.max(PATIENT_THRESHOLD, eotThreshold)
  return {
    eotThreshold: Math.round((eotThreshold + share * (surest - eotThreshold)) * 100) / 100,
    eotTimeoutMs: Math.max(eotTimeoutMs, pauseMs),
  }
}

/** A `Configure` of those settings that differ. */
export type Configure = {
  readonly type: 'Configure'
  readonly thresholds?: { readonly eot_threshold?: number; readonly eot_timeout_ms?: number }
  readonly language_hints?: readonly string[]
}

type ConfiguratorParts = {
  readonly clock: Clock
  readonly send: (message: Configure) => void
}

/**
 * Keeps a Flux connection at the settings that are wanted. Flux refuses a `Configure` while some others are unanswered: one
 * is sent at a time, and what is wanted meanwhile goes out together, after its answer.
 */
export class FluxConfigurator {
  readonly #parts: ConfiguratorParts
  /** What Flux works with, as far as we know. */
  #actual: FluxSettings
  #wanted: FluxSettings
  #asked: FluxSettings | undefined
  #connected = false
  #cancelWait: Cancel | undefined

  /** @param initial what the connection was opened with */
  constructor(parts: ConfiguratorParts, initial: FluxSettings) {
    this.#parts = parts
    this.#actual = initial
    this.#wanted = initial
  }

  want(settings: Partial<FluxSettings>): void {
    this.#wanted = { ...this.#wanted, ...settings }
    this.#ask()
  }

  /** Flux listens. */
  connected(): void {
    this.#connected = true
    this.#ask()
  }

  /** A refused setting is not asked for again, until something else is wanted. */
  answered(): void {
    if (!this.#asked) return
    this.#cancelWait?.()
    this.#asked = undefined
    this.#ask()
  }

  stop(): void {
    this.#connected = false
    this.#cancelWait?.()
  }

  #ask(): void {
    if (!this.#connected || this.#asked) return
    const message = difference(this.#actual, this.#wanted)
    if (!message) return
    this.#asked = this.#wanted
    // Whether it is taken or refused: asking for the same again would only be answered the same.
    this.#actual = this.#wanted
    this.#cancelWait = this.#parts.clock.after(ANSWER_MS, () => {
      this.answered()
    })
    this.#parts.send(message)
  }
}

function difference(from: FluxSettings, to: FluxSettings): Configure | undefined {
  const thresholds = {
    ...(from.eotThreshold !== to.eotThreshold && { eot_threshold: to.eotThreshold }),
    ...(from.eotTimeoutMs !== to.eotTimeoutMs && { eot_timeout_ms: to.eotTimeoutMs }),
  }
  const message: Configure = {
    type: 'Configure',
    ...(Object.keys(thresholds).length > 0 && { thresholds }),
    ...(to.hint !== undefined && from.hint !== to.hint && { language_hints: [to.hint] }),
  }
  return Object.keys(message).length > 1 ? message : undefined
}
