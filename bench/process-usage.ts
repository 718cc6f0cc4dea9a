import { monitorEventLoopDelay } from 'node:perf_hooks'

/** A question that every process of the bench answers. */
export type UsageQuestion = {
  /** What it used since it was asked the last time. */
  readonly usage: { readonly given: undefined; readonly answer: Usage }
}

/** What a process used since it was asked the last time. */
export type Usage = {
  readonly wallMs: number
  readonly cpuMs: number
  readonly rssBytes: number
  /** Heap and buffers that are in use after a collection; undefined unless the process runs with `--expose-gc`. */
  readonly liveBytes: number | undefined
  /** How late the event loop was. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** A finer monitor would itself cost several percent of a core. */
const RESOLUTION_MS = 10

/** Starts to watch this process; each call of the returned function tells what it used since the call before. */
export function watchUsage(): () => Usage {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let sinceMs = performance.now()
  let sinceCpu = process.cpuUsage()
  return () => {
    const nowMs = performance.now()
    const cpu = process.cpuUsage(sinceCpu)
    const { rss } = process.memoryUsage()
    const usage = {
      wallMs: nowMs - sinceMs,
      cpuMs: (cpu.user + cpu.system) / 1000,
      rssBytes: rss,
      liveBytes: liveBytes(),
      loopDelayMs: {
        p50: lateness(delay.percentile(50)),
        p99: lateness(delay.percentile(99)),
        max: lateness(delay.max),
      },
    }
    // After the collection: it belongs to neither of the two periods.
    delay.reset()
    sinceMs = performance.now()
    sinceCpu = process.cpuUsage()
    return usage
  }
}

function liveBytes(): number | undefined {
  if (globalThis.gc === undefined) return undefined
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** The monitor reports the time between two of its ticks, in nanoseconds. */
function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
}
