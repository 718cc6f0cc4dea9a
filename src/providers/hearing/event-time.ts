import type { HearingEvent, TimedWord } from '../../pipeline/ports.ts'
import type { PieceWord, WordPlace } from './channel.ts'

/** Where the first of these words began, as `HearingEvent` tells it; words without times began nowhere. */
export function startOf(words: readonly WordPlace[]): { readonly speechStartMs?: number } {
  const start = words[0]?.start
  return start === undefined ? {} : { speechStartMs: Math.round(start * 1000) }
}

/** Where each of these words was spoken, as `HearingEvent` tells it; nothing unless all of them have times. */
export function timesOf(words: readonly PieceWord[]): {
  readonly timed?: readonly TimedWord[]
} {
  const timed = words.flatMap(({ text, start, end }) =>
    start === undefined || end === undefined
      ? []
      : [{ text, startMs: Math.round(start * 1000), endMs: Math.round(end * 1000) }],
  )
  return timed.length === words.length && timed.length > 0 ? { timed } : {}
}

/** The same event with its times told so many ms later, as counted from another beginning of the audio. */
export function shifted(event: HearingEvent, ms: number): HearingEvent {
  if (event.type === 'resumed' || event.type === 'failed') return event
  const times = {
    ...('speechStartMs' in event && { speechStartMs: event.speechStartMs + ms }),
    ...('speechEndMs' in event && { speechEndMs: event.speechEndMs + ms }),
    ...(event.timed && {
      timed: event.timed.map(({ text, startMs, endMs }) => ({
        text,
        startMs: startMs + ms,
        endMs: endMs + ms,
      })),
    }),
  }
  return { ...event, ...times }
}
