import type { Clock } from '../../src/clock.ts'
import { scaledClock } from '../../src/clock.ts'
import type { CallSettings, ConversationPlan } from '../../src/calls/call-settings.ts'
import { MemoryCallStore } from '../../src/calls/call-store.ts'
import type { Conversation } from '../../src/calls/live-call.ts'
import { PhoneCalls } from '../../src/calls/phone-calls.ts'
import type { DialRequest, Line, LineListener, Telephony } from '../../src/pipeline/ports.ts'
import type { SessionEnd } from '../../src/pipeline/session-end.ts'
import type { TurnTimings } from '../../src/pipeline/timings.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import { quiet } from './fake-ports.ts'

/** A conversation that does nothing by itself; ends at once when it is told to. */
export class FakeConversation implements Conversation {
  readonly plan: ConversationPlan
  readonly did: string[] = []
  readonly heard: string[] = []
  readonly turns: Turn[] = []
  readonly timings: TurnTimings[] = []
  line: Line | undefined
  endsWhenTold = true
  readonly #ended = Promise.withResolvers<SessionEnd>()

  constructor(plan: ConversationPlan) {
    this.plan = plan
  }

  get ended(): Promise<SessionEnd> {
    return this.#ended.promise
  }

  start(): void {
    this.did.push('start')
  }

  answered(): void {
    this.did.push('answered')
  }

  attach(line: Line): LineListener {
    this.did.push('attach')
    this.line = line
    return {
      audio: (frame, timestampMs) => {
        this.heard.push(`audio ${frame.length} at ${timestampMs}`)
      },
      mark: (name) => this.heard.push(`mark ${name}`),
      digit: (digit) => this.heard.push(`digit ${digit}`),
      closed: (cause) => {
        this.heard.push(`closed ${cause}`)
        this.finish({ reason: 'caller_hung_up' })
      },
    }
  }

  end(reason: 'requested' | 'caller_hung_up'): void {
    this.did.push(`end ${reason}`)
    if (this.endsWhenTold) this.finish({ reason })
  }

  finish(end: SessionEnd): void {
    this.#ended.resolve(end)
  }

  cleanup(): Promise<void> {
    this.did.push('cleanup')
    this.line?.close()
    return Promise.resolve()
  }
}

/** A carrier that notes what it is asked for, and fails where it is told to. */
export class FakeTelephony implements Telephony {
  readonly dialled: DialRequest[] = []
  readonly did: string[] = []
  dialError: Error | undefined
  /** Thrown by the next hang-ups, one each. */
  readonly hangUpErrors: Error[] = []
  sayError: Error | undefined
  /** When set, `dial` answers only after it. */
  dialGate: Promise<void> = Promise.resolve()
  #sids = 0

  async dial(request: DialRequest): Promise<{ callSid: string }> {
    this.dialled.push(request)
    await this.dialGate
    if (this.dialError) throw this.dialError
    return { callSid: `CA${++this.#sids}` }
  }

  hangUp(callSid: string): Promise<void> {
    this.did.push(`hang up ${callSid}`)
    const error = this.hangUpErrors.shift()
    return error ? Promise.reject(error) : Promise.resolve()
  }

  sayAndHangUp(callSid: string, text: string, language: string): Promise<void> {
    this.did.push(`say ${callSid} ${language} ${text}`)
    return this.sayError ? Promise.reject(this.sayError) : Promise.resolve()
  }
}

export const settings: CallSettings = {
  maxCalls: 3,
  maxDurationS: 600,
  ringTimeoutS: 30,
  streamTokenTtlS: 120,
  registeredCallTtlS: 3600,
  language: 'en',
  agentName: 'Alex',
  organization: undefined,
  inbound: { action: 'Take a message', context: 'We open at nine' },
}

/** Calls whose conversations and carrier are fakes. */
export function setUpCalls(options: { settings?: Partial<CallSettings>; clock?: Clock } = {}) {
  const clock = options.clock ?? scaledClock(1)
  const telephony = new FakeTelephony()
  const store = new MemoryCallStore()
  const conversations: FakeConversation[] = []
  const calls = new PhoneCalls({
    settings: { ...settings, ...options.settings },
    createSession: (plan) => {
      const conversation = new FakeConversation(plan)
      conversations.push(conversation)
      return conversation
    },
    telephony,
    store,
    clock,
    log: quiet,
  })
  return { calls, telephony, store, conversations, clock }
}

export const spec = { phoneNumber: '+15551234567', action: 'Confirm the appointment' }
