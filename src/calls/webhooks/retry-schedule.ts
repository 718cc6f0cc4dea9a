const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Pauses between one attempt and the next, as the Standard Webhooks specification recommends them: three days in all. */
export const PAUSES_MS: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]

/** What failed together must not come back together. */
const JITTER = 0.1

/**
 * How long after the last of so many failed attempts the next one is due, in ms; undefined: it is not worth another one.
 *
 * @param chance from 0 to below 1
 */
export function pauseAfter(attempts: number, chance: number): number | undefined {
  const pauseMs = PAUSES_MS[attempts - 1]
  return pauseMs === undefined ? undefined : Math.round(pauseMs * (1 + JITTER * (2 * chance - 1)))
}
