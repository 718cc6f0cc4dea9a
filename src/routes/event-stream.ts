import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { FeedItem } from '../calls/event-feed.ts'
import { eventOf } from './event-view.ts'

/** How long an `EventSource` waits before it connects again. */
const RETRY_MS = 1000

/** Until when a follower is there, and how to be rid of one who does not read. */
export function followerOf(reply: FastifyReply) {
  const left = new AbortController()
  reply.raw.once('close', () => {
    left.abort()
  })
  const onStuck = () => {
    reply.raw.destroy()
  }
  return { signal: left.signal, onStuck }
}

/**
 * Answers with server-sent events: `id` (what to go on from, as `Last-Event-ID`), `event` (the type), and `data` (JSON). What
 * passes has no `id`. https://html.spec.whatwg.org/multipage/server-sent-events.html
 *
 * @param idOf the id of an event; undefined: it cannot be gone on from
 */
export function sendEvents(
  reply: FastifyReply,
  items: AsyncIterable<FeedItem>,
  idOf: (event: NonNullable<FeedItem['event']>) => number | undefined,
) {
  return reply
    .header('content-type', 'text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('x-accel-buffering', 'no') // nginx would keep events back until it has some kilobytes
    .send(Readable.from(lines(items, idOf)))
}

async function* lines(
  items: AsyncIterable<FeedItem>,
  idOf: (event: NonNullable<FeedItem['event']>) => number | undefined,
): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n\n`
  for await (const { event, comment } of items) {
    if (comment !== undefined) {
      yield `: ${comment}\n\n`
      continue
    }
    const id = idOf(event)
    const head = id === undefined ? '' : `id: ${id}\n`
    yield `${head}event: ${event.type}\ndata: ${JSON.stringify(eventOf(event))}\n\n`
  }
}
