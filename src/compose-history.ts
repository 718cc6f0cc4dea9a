import { CallEvents } from './calls/call-events.ts'
import type { UnfinishedCall } from './calls/call-store.ts'
import { CallHistory, type OtherKeeper } from './calls/call-history.ts'
import { EventFeed } from './calls/event-feed.ts'
import type { PhoneCalls } from './calls/phone-calls.ts'
import { Recordings } from './calls/recording/recordings.ts'
import type { Webhooks } from './calls/webhooks/webhooks.ts'
import type { Clock } from './clock.ts'
import { composeAfterCall } from './compose-after-call.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { closeInterruptedCalls } from './store/interrupted-calls.ts'
import { openStore } from './store/open-store.ts'
import { RetentionSweeper } from './store/retention-sweeper.ts'
import { StoreOutbox } from './store/store-outbox.ts'

type Surroundings = { readonly log: Logger; readonly clock: Clock }

/** What is kept of calls, and where what happens in them is told. */
export type Keeping = {
  readonly store: StoreOutbox
  readonly events: CallEvents
  readonly recordings: Recordings
}

/** @throws {ConfigError} when DATABASE_URL names no store that can be used */
export async function composeKeeping(config: Config, parts: Surroundings): Promise<Keeping> {
  const { clock, log } = parts
  const store = new StoreOutbox({ ...parts, store: await openStore(config.DATABASE_URL, parts) })
  const events = new CallEvents(clock, (error) => {
    log.error({ err: error }, 'listener of call events failed')
  })
  // First of all listeners: whoever asks the store about an event finds it there.
  store.follow(events)
  return { store, events, recordings: new Recordings({ dir: config.RECORDINGS_DIR, clock, log }) }
}

/** What is made of calls once they have happened: outcomes, webhooks, the history that can be looked up. */
export type Aftermath = {
  readonly history: CallHistory
  readonly webhooks: Webhooks | undefined
  start(): void
  /** `calls` are over by then. */
  close(): Promise<void>
}

export function composeAftermath(
  config: Config,
  keeping: Keeping,
  parts: Surroundings & { readonly calls: PhoneCalls; readonly others: readonly OtherKeeper[] },
): Aftermath {
  const { store, events, recordings } = keeping
  const { calls, others, clock, log } = parts
  const feed = new EventFeed({ events, history: store, clock })
  const history = new CallHistory({ calls, store, feed, recordings, others })
  const after = composeAfterCall(config, { events, calls, store, clock, log })
  const sweeper = sweeperOf(config, { ...keeping, feed, others }, parts)
  return {
    history,
    webhooks: after.webhooks,
    start: () => {
      const parts = {
        store,
        events,
        resume: (call: UnfinishedCall) => calls.cloud?.resume(call) ?? false,
      }
      closeInterruptedCalls(parts, { createdBefore: ownCallsSince(config, clock) })
        .then((count) => {
          if (count > 0) log.warn({ calls: count }, 'calls of an earlier process were closed')
        })
        .catch((error: unknown) => {
          log.error({ err: error }, 'calls of an earlier process could not be closed')
        })
      after.start()
      sweeper.start()
    },
    close: async () => {
      await feed.close()
      await Promise.all([after.close(), sweeper.stop(), recordings.close()])
      await store.close()
    },
  }
}

/** The longest call that a spec may ask for, with its ringing and all the time that goes with its end. */
const LONGEST_CALL_MS = 5 * 3_600_000

/** Open calls that are older than this are nobody's: on a shared server others may have calls going on. */
function ownCallsSince({ DATABASE_URL: url }: Config, clock: Clock): Date {
  const now = clock.date()
  return url.startsWith('file:') ? now : new Date(now.getTime() - LONGEST_CALL_MS)
}

function sweeperOf(
  config: Config,
  {
    store,
    recordings,
    feed,
    others,
  }: Keeping & { feed: EventFeed; others: readonly OtherKeeper[] },
  { clock, log }: Surroundings,
): RetentionSweeper {
  const forget = async (callId: string) => {
    feed.forget(callId)
    for (const other of others) await other.eraseCall(callId)
  }
  return new RetentionSweeper({
    store,
    days: {
      recording: config.RETENTION_RECORDING_DAYS,
      transcript: config.RETENTION_TRANSCRIPT_DAYS,
      metadata: config.RETENTION_METADATA_DAYS,
    },
    onTranscriptErased: forget,
    onErased: async (callId) => {
      await forget(callId)
      await recordings.erase(callId)
    },
    sweepRecordings: (days) => recordings.sweep(days),
    clock,
    log,
  })
}
