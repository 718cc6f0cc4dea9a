import { cpus } from 'node:os'

/** Starts to watch all cores; the returned function tells how many milliseconds of them were used since then. */
export function watchCores(): () => number {
  const beforeMs = busyMs()
  return () => busyMs() - beforeMs
}

function busyMs(): number {
  return cpus()
    .map(({ times }) => times.user + times.nice + times.sys + times.irq)
    .reduce((sum, ms) => sum + ms, 0)
}
