import type { Readable } from 'node:stream'
import { CallError } from '../errors.ts'
import type { CallEvent } from './call-events.ts'
import { isTerminal } from './call-status.ts'
import type { CallPage, CallQuery, CallStore, KeptCall, NumberExport } from './call-store.ts'
import type { EventFeed, FeedItem, OverCall } from './event-feed.ts'
import type { CallOutcome } from './outcome/outcome.ts'
import { CallOwners } from './call-owners.ts'
import type { CallRecord } from './record.ts'

/** The calls of this process. */
export interface Calls {
  /** @throws {CallError} `call_not_found` */
  get(callId: string): Promise<CallRecord>
  list(query: CallQuery): Promise<CallPage>
  /** Those that are registered, or go on. */
  readonly open: Iterable<CallRecord>
}

/** The sound of calls. */
export interface SoundArchive {
  open(callId: string): Promise<StoredSound | undefined>
  /** Returns whether there was any. */
  erase(callId: string): Promise<boolean>
}

export type StoredSound = {
  /** In bytes. */
  readonly size: number
  /** `start` and `end`: first and last byte; default: all. */
  stream(range?: { readonly start: number; readonly end: number }): Readable
}

/** All that is known of one call. */
export type KnownCall = {
  readonly record: CallRecord
  /** Its first events: every status that is not an end is reached within these. */
  readonly beginning: readonly CallEvent[]
  readonly outcome: CallOutcome | undefined
  readonly isRecorded: boolean
}

export type ExportedCall = KeptCall & Pick<KnownCall, 'isRecorded'>
export type ExportedNumber = Omit<NumberExport, 'calls'> & {
  readonly calls: readonly ExportedCall[]
}

type Follower = { readonly signal: AbortSignal; readonly onStuck: () => void }

/** Something else that keeps what was said, and has to forget it with the call or the number. */
export interface OtherKeeper {
  eraseCall(callId: string): Promise<void>
  eraseNumber(phoneNumber: string): Promise<void>
}

/** What happened in calls, for those who look it up, follow it, take it with them or have it erased. */
export class CallHistory {
  readonly #calls: Calls
  readonly #store: Pick<CallStore, 'outcome' | 'erase' | 'eraseNumber' | 'exportNumber'>
  readonly #feed: EventFeed
  readonly #recordings: SoundArchive
  readonly #others: readonly OtherKeeper[]

  constructor(parts: {
    readonly calls: Calls
    /** What is still to be written of a call must not come after its erasure. */
    readonly store: Pick<CallStore, 'outcome' | 'erase' | 'eraseNumber' | 'exportNumber'>
    readonly feed: EventFeed
    readonly recordings: SoundArchive
    readonly others?: readonly OtherKeeper[]
  }) {
    this.#calls = parts.calls
    this.#store = parts.store
    this.#feed = parts.feed
    this.#recordings = parts.recordings
    this.#others = parts.others ?? []
  }

  list(query: CallQuery): Promise<CallPage> {
    return this.#calls.list(query)
  }

  /** @throws {CallError} `call_not_found` */
  record(callId: string): Promise<CallRecord> {
    return this.#calls.get(callId)
  }

  /** @throws {CallError} `call_not_found` */
  async get(callId: string): Promise<KnownCall> {
    const record = await this.#calls.get(callId)
    const [beginning, outcome, sound] = await Promise.all([
      this.#beginning(callId),
      isTerminal(record.status) ? this.#store.outcome(callId) : undefined,
      this.#recordings.open(callId),
    ])
    return { record, beginning, outcome, isRecorded: sound !== undefined }
  }

  /** @throws {CallError} `call_not_found` or `no_recording` */
  async recording(callId: string): Promise<StoredSound> {
    const { spec, status } = await this.#calls.get(callId)
    const sound = await this.#recordings.open(callId)
    if (sound) return sound
    const isAsked = spec.record !== undefined
    const why =
      isAsked && !isTerminal(status) ? 'nothing is recorded yet' : 'it is not kept (any more)'
    throw new CallError(
      isAsked
        ? `this call has no recording: ${why}`
        : 'this call was not recorded: its spec has no `record`',
      { code: 'no_recording', details: { call_id: callId, status } },
    )
  }

  /**
   * One call, from an event on.
   *
   * @returns undefined when the call is over, and there is nothing more to tell
   * @throws {CallError} `call_not_found` or `too_many_feeds`
   */
  async follow(
    callId: string,
    { after, ...follower }: Follower & { readonly after: number },
  ): Promise<AsyncIterable<FeedItem> | undefined> {
    const over = await this.#overCall(callId)
    const items = this.#feed.follow(callId, { after, over, ...follower })
    if (!over || !this.#feed.isFinal(over)) return items
    const first = await items.next()
    return first.done === true ? undefined : startingWith(first.value, items)
  }

  /** All calls, or those of one key, from an event on, or from now on. @throws {CallError} `too_many_feeds` */
  followAll({
    owner,
    ...follower
  }: Follower & {
    readonly after?: number | undefined
    readonly owner?: string | undefined
  }): AsyncIterable<FeedItem> {
    if (owner === undefined) return this.#feed.followAll(follower)
    const owners = new CallOwners((callId) => this.#calls.get(callId))
    return this.#feed.followAll({ ...follower, isShown: (event) => owners.isOf(owner, event) })
  }

  /** Lets all followers go. */
  close(): Promise<void> {
    return this.#feed.close()
  }

  /** @throws {CallError} `call_not_found`, or `call_live` when it is not over */
  async erase(callId: string): Promise<void> {
    const { status } = await this.#calls.get(callId)
    this.#refuseLive((record) => record.callId === callId, { call_id: callId, status })
    // The record comes last: as long as it is there, whatever failed before can be tried again.
    await this.#recordings.erase(callId)
    for (const other of this.#others) await other.eraseCall(callId)
    await this.#store.erase(callId)
    this.#feed.forget(callId)
  }

  /** Everything that is kept about a number, and whether there is sound of its calls. */
  async exportNumber(phoneNumber: string): Promise<ExportedNumber> {
    const { calls, ...about } = await this.#store.exportNumber(phoneNumber)
    const exported: ExportedCall[] = []
    for (const call of calls) {
      const sound = await this.#recordings.open(call.record.callId)
      exported.push({ ...call, isRecorded: sound !== undefined })
    }
    return { ...about, calls: exported }
  }

  /**
   * Erases all calls with a number. That it is not to be called stays known.
   *
   * @returns how many calls there were
   * @throws {CallError} `call_live` when one of them is not over; nothing is erased then
   */
  async eraseNumber(phoneNumber: string): Promise<number> {
    this.#refuseLive(({ spec }) => spec.phoneNumber === phoneNumber, { phone_number: phoneNumber })
    for await (const { callId } of this.#callsWith(phoneNumber)) {
      await this.#recordings.erase(callId)
    }
    for (const other of this.#others) await other.eraseNumber(phoneNumber)
    const erased = await this.#store.eraseNumber(phoneNumber)
    for (const callId of erased) this.#feed.forget(callId)
    return erased.length
  }

  async *#callsWith(phoneNumber: string): AsyncGenerator<CallRecord> {
    let before: string | undefined
    do {
      const page = await this.#calls.list({ phoneNumber, limit: 100, before })
      yield* page.records
      before = page.nextBefore
    } while (before !== undefined)
  }

  #refuseLive(
    isMeant: (record: CallRecord) => boolean,
    details: Readonly<Record<string, string>>,
  ): void {
    const open = Array.from(this.#calls.open).find(isMeant)
    if (!open) return
    throw new CallError('the call is not over: hang it up first', {
      code: 'call_live',
      details: { ...details, call_id: open.callId, status: open.status },
    })
  }

  async #beginning(callId: string): Promise<readonly CallEvent[]> {
    for await (const page of this.#feed.pages(callId)) return page
    return []
  }

  async #overCall(callId: string): Promise<OverCall | undefined> {
    const { status, endedAt, createdAt } = await this.#calls.get(callId)
    if (!isTerminal(status)) return undefined
    const outcome = await this.#store.outcome(callId)
    return { endedAt: endedAt ?? createdAt, hasOutcome: outcome !== undefined }
  }
}

async function* startingWith<T>(first: T, others: AsyncGenerator<T>): AsyncGenerator<T> {
  yield first
  yield* others
}
