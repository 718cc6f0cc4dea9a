import type { HearingEvent, TimedWord } from '../ports.ts'
import type { AudioFeed } from './audio-feed.ts'

/** The same event with its times as those of the call's audio, of which a recogniser was sent only some. */
export function inCallTime<Event extends HearingEvent>(
  event: Event,
  feed: AudioFeed | undefined,
): Event {
  if (!feed || event.type === 'resumed' || event.type === 'failed') return event
  const callMs = (ms: number) => Math.round(feed.callMs(ms))
  const inCall = ({ text, startMs, endMs }: TimedWord): TimedWord => ({
    text,
    startMs: callMs(startMs),
    endMs: callMs(endMs),
  })
  return {
    ...event,
    ...('speechStartMs' in event && { speechStartMs: callMs(event.speechStartMs) }),
    ...('speechEndMs' in event && { speechEndMs: callMs(event.speechEndMs) }),
    ...(event.timed && { timed: event.timed.map(inCall) }),
  }
}
