import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { Clock } from '../clock.ts'

const RESOLUTION_MS = 10
const WINDOW_MS = 5000
/** One bad moment is no overload: garbage, a large request, a machine that was paused. Nor is one good one the end of it. */
const WINDOWS = 3
/** A window is good again only well below the bounds, so that admission does not flap. */
const RELIEF = 0.8

/** What is measured with; `monitorEventLoopDelay` makes one. */
export type DelayHistogram = {
  readonly count: number
  enable(): unknown
  disable(): unknown
  reset(): void
  /** Nanoseconds. */
  percentile(percentile: number): number
}

/** Above these another call would harm those that there are. */
export type LoopBounds = {
  /** Of the 99th percentile of the delay. At 200 ms ten frames of audio are late; what is queued at the carrier still hides it. */
  readonly delayMs: number
  /** Share of the time in which the loop is busy; 1: never too busy. */
  readonly utilization: number
}

export type LoopDelayParts = {
  readonly clock: Clock
  readonly bounds: LoopBounds
  readonly histogram?: DelayHistogram
  /** Share of the time since `before` in which the loop was busy; `performance.eventLoopUtilization` tells. */
  readonly utilization?: (before?: EventLoopUtilization) => EventLoopUtilization
}

/** How late and how busy the event loop is, in windows of five seconds. Measures from the moment it is made until it is closed. */
export class LoopDelay {
  readonly #bounds: LoopBounds
  readonly #histogram: DelayHistogram
  readonly #stop: () => void
  #before: EventLoopUtilization
  #p99Ms = 0
  #busy = 0
  /** Windows in a row that speak against what is believed just now. */
  #against = 0
  #isOverloaded = false

  constructor(parts: LoopDelayParts) {
    const { clock, bounds, utilization = utilizationSince } = parts
    const { histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS }) } = parts
    this.#bounds = bounds
    this.#histogram = histogram
    this.#before = utilization()
    histogram.enable()
    this.#stop = clock.every(WINDOW_MS, () => {
      this.#p99Ms = this.#measured
      this.#busy = utilization(this.#before).utilization
      this.#before = utilization()
      histogram.reset()
      this.#judge()
    })
  }

  /** The 99th percentile of the last window. */
  get p99Ms(): number {
    return this.#p99Ms
  }

  /** Share of the last window in which the loop was busy: 0 to 1. */
  get utilization(): number {
    return this.#busy
  }

  /** So late or busy, and for so long, that another call would harm those that there are. */
  get isOverloaded(): boolean {
    return this.#isOverloaded
  }

  close(): void {
    this.#stop()
    this.#histogram.disable()
  }

  #judge(): void {
    const { delayMs, utilization } = this.#bounds
    const scale = this.#isOverloaded ? RELIEF : 1
    const isBusy = utilization < 1 && this.#busy >= utilization * scale
    const isBad = this.#p99Ms > delayMs * scale || isBusy
    this.#against = isBad === this.#isOverloaded ? 0 : this.#against + 1
    if (this.#against < WINDOWS) return
    this.#against = 0
    this.#isOverloaded = isBad
  }

  /** The histogram counts the time between two looks, which is never shorter than its resolution. */
  get #measured(): number {
    if (this.#histogram.count === 0) return 0
    return Math.max(0, this.#histogram.percentile(99) / 1e6 - RESOLUTION_MS)
  }
}

function utilizationSince(before?: EventLoopUtilization): EventLoopUtilization {
  return performance.eventLoopUtilization(before)
}
