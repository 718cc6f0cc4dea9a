import type { HearingEvent } from '../../pipeline/ports.ts'
import type { TimedWord } from './channel.ts'

/** Where the first of these words began, as `HearingEvent` tells it; words without times began nowhere. */
export function startOf(words: readonly TimedWord[]): { readonly speechStartMs?: number } {
  const start = words[0]?.start
  return start === undefined ? {} : { speechStartMs: Math.round(start * 1000) }
}

/** The same event with its times told so many ms later, as counted from another beginning of the audio. */
export function shifted(event: HearingEvent, ms: number): HearingEvent {
  if (event.type === 'words' && event.speechStartMs !== undefined) {
    return { ...event, speechStartMs: event.speechStartMs + ms }
  }
  if (event.type === 'turn_end' && event.speechEndMs !== undefined) {
    return { ...event, speechEndMs: event.speechEndMs + ms }
  }
  return event
}
