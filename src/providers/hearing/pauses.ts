import type { TimedWord } from './channel.ts'

/** Shorter gaps are part of how words are spoken. */
const MIN_PAUSE_MS = 200

/** The gaps between the words of a turn, in whole ms, as `HearingEvent` tells them; words without times have none. */
export function pausesBetween(words: readonly TimedWord[]): {
  readonly pausesMs?: readonly number[]
} {
  const pausesMs = words.flatMap(({ start }, i) => {
    const end = words[i - 1]?.end
    if (start === undefined || end === undefined) return []
    const ms = Math.round((start - end) * 1000)
    return ms >= MIN_PAUSE_MS ? [ms] : []
  })
  return pausesMs.length > 0 ? { pausesMs } : {}
}
