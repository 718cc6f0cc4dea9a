import type { Clock } from '../../clock.ts'
import type { Logger } from '../../log.ts'
import type { CloudBackend, CloudReport } from '../../pipeline/cloud-backend.ts'
import type { CallEvents } from '../call-events.ts'
import { type CallSettings, planOf } from '../call-settings.ts'
import type { CallStore, UnfinishedCall } from '../call-store.ts'
import { dialErrorOf } from '../dial-error.ts'
import type { CallRecord } from '../record.ts'
import { CloudCall, type CloudCallParts } from './cloud-call.ts'

export type CloudCallsParts = {
  readonly backend: CloudBackend
  readonly settings: CallSettings
  readonly store: CallStore
  readonly events: CallEvents
  readonly clock: Clock
  readonly log: Logger
  /** A call is over, and its record closed; must not throw. */
  readonly closed: (record: CallRecord) => Promise<void>
}

/** The calls of this process that a service carries by itself, and that are not over. */
export class CloudCalls {
  readonly #parts: CloudCallsParts
  readonly #calls = new Map<string, CloudCall>()

  constructor(parts: CloudCallsParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#calls.size
  }

  get records(): readonly CallRecord[] {
    return Array.from(this.#calls.values(), ({ record }) => record)
  }

  get(callId: string): CloudCall | undefined {
    return this.#calls.get(callId)
  }

  /** @throws {CallError} `dial_refused` or `dial_failed` */
  async place(record: CallRecord): Promise<CallRecord> {
    const call = this.#open(record)
    try {
      await call.dial()
    } catch (error) {
      throw dialErrorOf(error, call.callId)
    }
    return call.record
  }

  /** @returns whether the call goes on in the cloud, and is followed from now on */
  resume({ record, lastEvent }: UnfinishedCall): boolean {
    if (record.spec.backend !== 'atoms' || record.callSid === undefined) return false
    if (this.#calls.has(record.callId)) return true
    this.#open(record, { lastSeq: lastEvent?.seq ?? 0 }).resume()
    return true
  }

  /** The service tells of a call. What is told of one that is over, or is nobody's here, changes nothing. */
  told(conversationId: string, report: CloudReport): void {
    const call = Array.from(this.#calls.values()).find((each) => each.callSid === conversationId)
    call?.told(report)
  }

  /** Lets go of every call: the service carries them on, and the next process follows them. */
  release(): void {
    for (const call of this.#calls.values()) call.release()
    this.#calls.clear()
  }

  #open(record: CallRecord, resumed?: CloudCallParts['resumed']): CloudCall {
    const { settings, closed } = this.#parts
    const { brief, maxDurationS } = planOf(record, settings)
    const call = new CloudCall({
      ...this.#parts,
      record,
      resumed,
      maxDurationS,
      variables: variablesOf(brief),
      log: this.#parts.log.child({ callId: record.callId }),
    })
    this.#calls.set(call.callId, call)
    void call.over.then(() => {
      this.#calls.delete(call.callId)
      return closed(call.record)
    })
    return call
  }
}

/** What the service's agent is told of the call: flat, and only what there is. */
function variablesOf(brief: ReturnType<typeof planOf>['brief']): Record<string, string> {
  const variables = {
    callee_name: brief.calleeName,
    agent_name: brief.agentName,
    organization: brief.organization,
    action: brief.action,
    context: brief.context,
    language: brief.language,
  }
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}
