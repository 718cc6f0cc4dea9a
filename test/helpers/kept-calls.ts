import { Readable } from 'node:stream'
import type { CallEvents } from '../../src/calls/call-events.ts'
import { CallHistory, type SoundArchive } from '../../src/calls/call-history.ts'
import { isTerminal } from '../../src/calls/call-status.ts'
import type { CallStore } from '../../src/calls/call-store.ts'
import { EventFeed, type FeedLimits } from '../../src/calls/event-feed.ts'
import type { PhoneCalls } from '../../src/calls/phone-calls.ts'
import type { CallRecord } from '../../src/calls/record.ts'
import type { Clock } from '../../src/clock.ts'

/** Recordings in memory, put there by the test. */
export class FakeRecordings implements SoundArchive {
  readonly files = new Map<string, Buffer>()
  eraseError: Error | undefined

  open(callId: string) {
    const file = this.files.get(callId)
    const stream = ({ start, end } = { start: 0, end: Infinity }) =>
      Readable.from([file?.subarray(start, end + 1)])
    return Promise.resolve(file && { size: file.length, stream })
  }

  erase(callId: string): Promise<boolean> {
    if (this.eraseError) return Promise.reject(this.eraseError)
    return Promise.resolve(this.files.delete(callId))
  }
}

/** Keeps what happens in calls, and looks it up. */
export function keepCalls(
  world: { calls: PhoneCalls; store: CallStore; events: CallEvents; clock: Clock },
  limits: Partial<FeedLimits> = {},
) {
  const { calls, store, events, clock } = world
  const recordings = new FakeRecordings()
  const saved = new Map<string, CallRecord>()
  const save = store.save.bind(store)
  store.save = (record) => {
    saved.set(record.callId, record)
    return save(record)
  }
  const feed = new EventFeed({ events, history: store, clock, limits })
  events.subscribe((event) => {
    if (event.seq !== undefined) void store.appendEvent(event)
  })
  const history = new CallHistory({
    calls: {
      get: (callId) => calls.get(callId),
      list: (query) => store.list(query),
      get open() {
        return Array.from(saved.values()).filter(({ status }) => !isTerminal(status))
      },
    },
    store,
    feed,
    recordings,
  })
  return { recordings, feed, history }
}
