import type { AnsweredCall } from './calls/answered-call.ts'
import { CallEvents } from './calls/call-events.ts'
import { CallHistory, type OtherKeeper } from './calls/call-history.ts'
import type { UnfinishedCall } from './calls/call-store.ts'
import { EventFeed } from './calls/event-feed.ts'
import type { PhoneCalls } from './calls/phone-calls.ts'
import { randomInt } from 'node:crypto'
import { CallReaper } from './calls/recovery/call-reaper.ts'
import { CallRecovery } from './calls/recovery/call-recovery.ts'
import type { CarrierBook } from './calls/recovery/carrier-book.ts'
import { isOpenElsewhere } from './calls/recovery/open-elsewhere.ts'
import { InterruptedCalls } from './calls/recovery/interrupted-calls.ts'
import { OrphanWatch } from './calls/recovery/orphan-watch.ts'
import { Recordings } from './calls/recording/recordings.ts'
import type { Webhooks } from './calls/webhooks/webhooks.ts'
import type { Clock } from './clock.ts'
import { composeAfterCall } from './compose-after-call.ts'
import type { Config } from './config.ts'
import { Keyring } from './keyring.ts'
import type { Logger } from './log.ts'
import type { EgressGuard } from './providers/egress/egress-guard.ts'
import { openStore } from './store/open-store.ts'
import { Presence } from './store/presence.ts'
import { RetentionSweeper } from './store/retention-sweeper.ts'
import type { SqlCallStore } from './store/sql-call-store.ts'
import { StoreOutbox } from './store/store-outbox.ts'

type Surroundings = { readonly log: Logger; readonly clock: Clock }

/** What is kept of calls, and where what happens in them is told. */
export type Keeping = {
  readonly store: StoreOutbox
  readonly events: CallEvents
  readonly recordings: Recordings
  /** What an earlier process was killed in the middle of. */
  readonly interrupted: InterruptedCalls
  /** On a database that others may use as well. */
  readonly shared: Shared | undefined
}

/** A database that several processes use: that this one is alive, and the calls of those that are not. */
type Shared = {
  readonly presence: Presence
  takeOver(from: readonly number[]): Promise<readonly UnfinishedCall[]>
  /** Whether a call is open there. */
  isOpen(call: Pick<AnsweredCall, 'callSid' | 'callId'>): Promise<boolean>
  /** Those of our calls that another process has taken over. */
  lost(callIds: readonly string[]): Promise<readonly string[]>
}

/** @throws {ConfigError} when DATABASE_URL names no store that can be used */
export async function composeKeeping(config: Config, parts: Surroundings): Promise<Keeping> {
  const { clock, log } = parts
  const keyring = keyringOf(config)
  const opened = await openStore(config.DATABASE_URL, { ...parts, keyring })
  const store = new StoreOutbox({ ...parts, store: opened })
  const events = new CallEvents(clock, (error) => {
    log.error({ err: error }, 'listener of call events failed')
  })
  // First of all listeners: whoever asks the store about an event finds it there.
  store.follow(events)
  const recordings = new Recordings({ dir: config.RECORDINGS_DIR, keyring, clock, log })
  const sealed = await recordings.sealAll()
  if (sealed > 0) log.info({ sealed }, 'recordings were sealed with the newest key')
  const kept = { store, events, recordings }
  if (config.DATABASE_URL.startsWith('file:')) {
    // An embedded database has one process.
    const interrupted = await InterruptedCalls.load(store, { createdBefore: clock.date() })
    return { ...kept, interrupted, shared: undefined }
  }
  return { ...kept, ...(await composeShared(opened, { ...parts, url: config.DATABASE_URL })) }
}

async function composeShared(
  store: SqlCallStore,
  parts: Surroundings & { readonly url: string },
): Promise<Pick<Keeping, 'interrupted' | 'shared'>> {
  const { clock } = parts
  const process = randomInt(1, 2 ** 31)
  const { isAlone, presence } = await Presence.take({ ...parts, process })
  const createdBefore = ownCallsSince(clock, { isAlone })
  // What we ourselves have still to write says nothing of it.
  const isOpen: Shared['isOpen'] = (call) => isOpenElsewhere(call, store)
  // Whom others can see they take nothing from.
  const lost: Shared['lost'] = async (callIds) => (presence.wasUnseen ? store.lost(callIds) : [])
  if (!presence.isSeen) {
    // Its calls must not look like those of a dead process.
    const interrupted = await InterruptedCalls.load(store, { createdBefore })
    return { interrupted, shared: { presence, takeOver: () => Promise.resolve([]), isOpen, lost } }
  }
  store.shareAs(process)
  const interrupted = new InterruptedCalls(await store.takeOver({ createdBefore }))
  const takeOver = (from: readonly number[]) =>
    store.takeOver({ createdBefore: clock.date(), from })
  return { interrupted, shared: { presence, takeOver, isOpen, lost } }
}

function keyringOf({ ENCRYPTION_KEYS: keys }: Config): Keyring | undefined {
  if (keys.length === 0) return undefined
  return new Keyring(keys.map((key) => Buffer.from(key, 'base64')))
}

/** What is made of calls once they have happened: outcomes, webhooks, the history that can be looked up. */
export type Aftermath = {
  readonly history: CallHistory
  readonly webhooks: Webhooks | undefined
  start(): Promise<void>
  /** `calls` are over by then. */
  close(): Promise<void>
}

export function composeAftermath(
  config: Config,
  keeping: Keeping,
  parts: Surroundings & {
    readonly calls: PhoneCalls
    readonly book: CarrierBook
    readonly egress: EgressGuard
    readonly others: readonly OtherKeeper[]
  },
): Aftermath {
  const { store, events, recordings, interrupted, shared } = keeping
  const { calls, book: carrier, egress, others, clock, log } = parts
  const feed = new EventFeed({ events, history: store, clock })
  const history = new CallHistory({ calls, store, feed, recordings, others })
  const after = composeAfterCall(config, { events, calls, store, egress, clock, log })
  const sweeper = sweeperOf(config, { ...keeping, feed, others }, parts)
  const recovery = new CallRecovery({ interrupted, carrier, calls, store, events, clock, log })
  const orphans =
    shared &&
    new OrphanWatch({
      isLeaving: () => calls.load.draining,
      gone: () => shared.presence.gone(),
      takeOver: (from) => shared.takeOver(from),
      takeUp: (left) => recovery.takeUp(left),
      calls: () => calls.live,
      lost: (callIds) => shared.lost(callIds),
      clock,
      log,
    })
  const reaper = new CallReaper({ calls: () => calls.live, carrier, clock, log })
  return {
    history,
    webhooks: after.webhooks,
    start: async () => {
      await recovery.restore()
      recovery.start()
      orphans?.start()
      after.start()
      sweeper.start()
    },
    close: async () => {
      await Promise.all([feed.close(), orphans?.close(), reaper.close()])
      await recovery.close()
      await Promise.all([after.close(), sweeper.stop(), recordings.close()])
      await Promise.all([store.close(), shared?.presence.close()])
    },
  }
}

/** The longest call that a spec may ask for, with its ringing and all the time that goes with its end. */
const LONGEST_CALL_MS = 5 * 3_600_000

/** Open calls that are older than this are nobody's: another process that is alive may have calls going on. */
function ownCallsSince(clock: Clock, { isAlone }: { isAlone: boolean }): Date {
  const now = clock.date()
  return isAlone ? now : new Date(now.getTime() - LONGEST_CALL_MS)
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
