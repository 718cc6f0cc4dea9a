import type { Clock } from './clock.ts'
import type { Parley } from './compose.ts'

/**
 * Takes no new calls, lets those that there are finish for so long, and then ends what is left. Readiness says no from the
 * first moment on, while the server still answers.
 */
export async function shutDown(
  parley: Parley,
  { clock, drainTimeoutMs }: { clock: Clock; drainTimeoutMs: number },
): Promise<void> {
  parley.calls.drain()
  const settled = new AbortController()
  const timeout = clock.sleep(drainTimeoutMs, { signal: settled.signal })
  await Promise.race([parley.calls.idle(), timeout])
  settled.abort()
  await timeout.catch(() => {
    // The calls were over before the time was.
  })
  await parley.close()
}
