import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Clock } from '../clock.ts'

const RESOLUTION_MS = 10
const WINDOW_MS = 5000
/** Twenty frames of audio are late by then; what is queued at the carrier still hides it. */
const SLOW_MS = 200
/** One bad moment is no overload: garbage, a large request, a machine that was paused. */
const SLOW_WINDOWS = 3

/** What is measured with; `monitorEventLoopDelay` makes one. */
export type DelayHistogram = {
  readonly count: number
  enable(): unknown
  disable(): unknown
  reset(): void
  /** Nanoseconds. */
  percentile(percentile: number): number
}

/** How late the event loop is, in windows of five seconds. Measures from the moment it is made until it is closed. */
export class LoopDelay {
  readonly #histogram: DelayHistogram
  readonly #stop: () => void
  #p99Ms = 0
  #slowWindows = 0

  constructor(
    clock: Clock,
    histogram: DelayHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
  ) {
    this.#histogram = histogram
    histogram.enable()
    this.#stop = clock.every(WINDOW_MS, () => {
      this.#p99Ms = this.#measured
      this.#slowWindows = this.#p99Ms > SLOW_MS ? this.#slowWindows + 1 : 0
      histogram.reset()
    })
  }

  /** The 99th percentile of the last window. */
  get p99Ms(): number {
    return this.#p99Ms
  }

  /** So late, and for so long, that another call would harm those that there are. */
  get isOverloaded(): boolean {
    return this.#slowWindows >= SLOW_WINDOWS
  }

  close(): void {
    this.#stop()
    this.#histogram.disable()
  }

  /** The histogram counts the time between two looks, which is never shorter than its resolution. */
  get #measured(): number {
    if (this.#histogram.count === 0) return 0
    return Math.max(0, this.#histogram.percentile(99) / 1e6 - RESOLUTION_MS)
  }
}
