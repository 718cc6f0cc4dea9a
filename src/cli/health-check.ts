/**
 * Asks the server on this machine whether it lives, for `HEALTHCHECK` of a container: exit code 0 when it does, 1 when not.
 *
 * usage: node src/cli/health-check.ts PORT
 */
const port = process.argv[2] ?? ''
const TIMEOUT_MS = 2000

try {
  const { ok } = await fetch(`http://127.0.0.1:${port}/api/phone/health/live`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  process.exitCode = ok ? 0 : 1
} catch {
  // Whatever it is, nobody is served.
  process.exitCode = 1
}
