import type { Mulaw8k } from '../audio/samples.ts'
import type { LineModes } from './scenario.ts'
import { seeded } from './seeded.ts'

/** 20 ms of the person, undefined for silence, and when they were over: milliseconds since the answer. */
export type CallerFrame = { readonly audio: Mulaw8k | undefined; readonly endMs: number }

/** The telephone network on the person's side: what it loses and how late it is, the same in every run. */
export class RoughLine {
  readonly #modes: LineModes
  readonly #deliver: (frame: CallerFrame) => void
  readonly #random = seeded(1)
  readonly #late: { readonly frame: CallerFrame; readonly dueMs: number }[] = []

  constructor(modes: LineModes, deliver: (frame: CallerFrame) => void) {
    this.#modes = modes
    this.#deliver = deliver
  }

  /** @param isSilent the person makes no sound in it, whatever noise is around them */
  send(frame: CallerFrame, isSilent: boolean): void {
    const { jitterMs = 0, lossPercent = 0, silenceSuppression = false } = this.#modes
    // Both are drawn for every frame, so that one mode does not change what another one does.
    const isLost = this.#random() * 100 < lossPercent
    const lateMs = this.#random() * jitterMs
    if (isLost || (silenceSuppression && isSilent)) return
    const lastDueMs = this.#late.at(-1)?.dueMs ?? 0
    this.#late.push({ frame, dueMs: Math.max(lastDueMs, frame.endMs + lateMs) })
  }

  /** Delivers what has arrived by `ms` since the answer. */
  advance(ms: number): void {
    const arrived = this.#late.findIndex(({ dueMs }) => dueMs > ms)
    const count = arrived === -1 ? this.#late.length : arrived
    for (const { frame } of this.#late.splice(0, count)) this.#deliver(frame)
  }
}
