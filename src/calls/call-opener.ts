import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { CallControl, DialRequest, Line, Telephony } from '../pipeline/ports.ts'
import type { CallEvents } from './call-events.ts'
import { newCallId } from './call-id.ts'
import { type CallSettings, type ConversationPlan, planOf } from './call-settings.ts'
import type { CallStatus } from './call-status.ts'
import type { CallStore, UnfinishedCall } from './call-store.ts'
import type { Conversation } from './conversation.ts'
import { LiveCall } from './live-call.ts'
import type { LiveCallParts } from './live-call-parts.ts'
import { type CallRecord, newRecord } from './record.ts'
import type { CarrierBook } from './recovery/carrier-book.ts'
import { languageOf, pastOf } from './recovery/past-of.ts'
import type { CallSpec } from './spec.ts'
import type { StreamTokens } from './stream-tokens.ts'

export type CallOpenerParts = {
  readonly settings: CallSettings
  /** Makes the conversation of one call. `log` carries the call's id; by `control` it reaches the call's carrier. */
  readonly createSession: (
    plan: ConversationPlan,
    log: Logger,
    control: CallControl,
  ) => Conversation
  readonly telephony: Telephony
  /** Without it, calls whose answer was lost are known by the carrier's webhooks alone. */
  readonly book?: Pick<CarrierBook, 'dialled' | 'reconnect'>
  readonly store: CallStore
  readonly events: CallEvents
  /** The same line, for a call to talk through; what it plays is measured. */
  readonly tapLine?: ((callId: string, line: Line) => Line) | undefined
  /** Whether a call is still this process's. */
  readonly isOurs?: (callId: string) => Promise<boolean>
  readonly clock: Clock
  readonly log: Logger
}

/** Who asks for a call. */
export type Orderer = {
  /** Name of the key; undefined on a server without keys. */
  readonly owner?: string | undefined
  /** The id that the call is to have, when it was promised to somebody before. */
  readonly callId?: string
}

/**
 * The carrier ends a call this long after the conversation should have, whatever has become of us: later than our own last
 * resort.
 */
const CARRIER_OVERTIME_S = 90

/** Makes the records of new calls, and live calls out of records. */
export class CallOpener {
  readonly #parts: CallOpenerParts
  readonly #tokens: StreamTokens

  constructor(parts: CallOpenerParts, tokens: StreamTokens) {
    this.#parts = parts
    this.#tokens = tokens
  }

  newRecord(
    direction: CallRecord['direction'],
    status: CallStatus,
    spec: CallSpec,
    { owner, callId }: Orderer = {},
  ): CallRecord {
    const createdAt = this.#parts.clock.date()
    const { vendors } = this.#parts.settings
    return newRecord({
      callId: callId ?? newCallId(createdAt),
      direction,
      status,
      spec,
      createdAt,
      ...(owner !== undefined && { owner }),
      ...(vendors && { vendors }),
    })
  }

  /** Undefined: inbound calls are turned away. */
  inboundRecord(from: string): CallRecord | undefined {
    const { inbound } = this.#parts.settings
    return inbound && this.newRecord('inbound', 'ringing', { ...inbound, phoneNumber: from })
  }

  /** What the carrier is asked for. */
  dialRequest(record: CallRecord): DialRequest {
    const { settings } = this.#parts
    const { ringTimeoutS, detectMachine, carrierRecords } = settings
    return {
      callId: record.callId,
      to: record.spec.phoneNumber,
      maxDurationS: planOf(record, settings).maxDurationS + CARRIER_OVERTIME_S,
      ringTimeoutS,
      ...(detectMachine && { detectMachine }),
      ...(carrierRecords && record.spec.record && { record: true }),
    }
  }

  open(record: CallRecord): LiveCall {
    return this.#make(record, planOf(record, this.#parts.settings))
  }

  /** Goes on with a call that another process has carried so far. */
  takeUp({ record, lastEvent }: UnfinishedCall): LiveCall {
    const { settings, clock } = this.#parts
    const past = pastOf(record, clock.date())
    const plan = planOf(record, settings)
    const language = languageOf(past) ?? plan.brief.language
    // What was said is in the past of its conversation.
    const bare = { ...record, turns: [], timings: [] }
    const resumed = { past, lastSeq: lastEvent?.seq ?? 0, ringTimeoutS: settings.ringTimeoutS }
    return this.#make(bare, { ...plan, past, brief: { ...plan.brief, language } }, resumed)
  }

  #make(record: CallRecord, plan: ConversationPlan, resumed?: LiveCallParts['resumed']): LiveCall {
    const { settings, createSession, telephony, book, store, events, clock } = this.#parts
    const { tapLine, isOurs } = this.#parts
    const log = this.#parts.log.child({ callId: record.callId })
    return new LiveCall({
      record,
      converse: (control) => createSession(plan, log, control),
      telephony,
      book,
      tokens: this.#tokens,
      store,
      events,
      isOurs,
      clock,
      log,
      language: plan.brief.language,
      maxDurationS: plan.maxDurationS,
      transferRingTimeoutS: settings.transferRingTimeoutS,
      tapLine,
      resumed,
    })
  }
}
