import type { Clock } from '../../src/clock.ts'
import { scaledClock } from '../../src/clock.ts'
import { AuditLog } from '../../src/calls/audit.ts'
import type { CallSettings, ConversationPlan } from '../../src/calls/call-settings.ts'
import { CallEvents } from '../../src/calls/call-events.ts'
import { MemoryCallStore } from '../../src/calls/call-store.ts'
import type { Conversation } from '../../src/calls/conversation.ts'
import { DialGuard, type DialGuardParts } from '../../src/calls/dialling/dial-guard.ts'
import { timeZonesOf } from '../../src/calls/dialling/time-zones.ts'
import { OnceOnly } from '../../src/calls/once-only.ts'
import { PhoneCalls } from '../../src/calls/phone-calls.ts'
import type { PhoneCallsParts } from '../../src/calls/phone-calls-parts.ts'
import type { BookedCall } from '../../src/calls/recovery/carrier-book.ts'
import type { CallFacts } from '../../src/pipeline/call-facts.ts'
import type {
  CallControl,
  DialRequest,
  Line,
  LineListener,
  Telephony,
  TransferOutcome,
  TransferRequest,
} from '../../src/pipeline/ports.ts'
import type { SessionEnd } from '../../src/pipeline/session-end.ts'
import type { TurnTimings } from '../../src/pipeline/timings.ts'
import type { Turn } from '../../src/pipeline/transcript.ts'
import { FakeLine, quiet } from './fake-ports.ts'

/**
 * A conversation that does nothing by itself. It ends at once when it is told to, or when the carrier has stopped its line, unless
 * it is `patient`: then it waits for another line, as for one that was lost.
 */
export class FakeConversation implements Conversation {
  readonly plan: ConversationPlan
  readonly control: CallControl
  readonly did: string[] = []
  readonly heard: string[] = []
  readonly turns: Turn[] = []
  readonly timings: TurnTimings[] = []
  facts: CallFacts = { notes: [], optedOut: false }
  line: Line | undefined
  endsWhenTold = true
  isPatient = false
  expectsLine = false
  readonly #ended = Promise.withResolvers<SessionEnd>()

  constructor(plan: ConversationPlan, control: CallControl) {
    this.plan = plan
    this.control = control
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
    this.line?.close()
    this.line = line
    this.expectsLine = false
    return {
      audio: (frame, timestampMs) => {
        this.heard.push(`audio ${frame.length} at ${timestampMs}`)
      },
      mark: (name) => this.heard.push(`mark ${name}`),
      digit: (digit) => this.heard.push(`digit ${digit}`),
      closed: (cause) => {
        this.heard.push(`closed ${cause}`)
        if (this.isPatient) this.expectsLine = true
        else this.finish({ reason: 'caller_hung_up' })
      },
    }
  }

  carrierHeard(answeredBy: string): void {
    this.did.push(`carrier heard ${answeredBy}`)
  }

  lineLost(): void {
    this.did.push('line lost')
    this.expectsLine = true
  }

  transferEnded(outcome: TransferOutcome): void {
    this.did.push(`transfer ${outcome}`)
    if (outcome === 'completed') this.finish({ reason: 'transferred' })
    else this.expectsLine = true
  }

  wrapUp(): void {
    this.did.push('wrap up')
  }

  end(reason: 'requested' | 'caller_hung_up'): void {
    this.did.push(`end ${reason}`)
    if (this.endsWhenTold) this.finish({ reason })
  }

  finish(end: SessionEnd): void {
    this.expectsLine = false
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
  lookError: Error | undefined
  /** What it knows of when it is asked for its calls. */
  known: readonly BookedCall[] = []
  /** Thrown by the next keys or the next transfer. */
  leaveError: Error | undefined
  /** When set, keys and transfers are answered only after it. */
  leaveGate: Promise<void> = Promise.resolve()
  /** Tokens of the lines that come after keys. */
  readonly tokens: string[] = []
  /** When set, `dial` answers only after it. */
  dialGate: Promise<void> = Promise.resolve()
  #sids = 0

  async dial(request: DialRequest): Promise<{ callSid: string }> {
    this.dialled.push(request)
    await this.dialGate
    if (this.dialError) throw this.dialError
    return { callSid: `CA${++this.#sids}` }
  }

  callsTo(to: string): Promise<readonly BookedCall[]> {
    this.did.push(`look for calls to ${to}`)
    return this.lookError ? Promise.reject(this.lookError) : Promise.resolve(this.known)
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

  async pressKeys(callSid: string, keys: string, token: string): Promise<void> {
    this.did.push(`keys ${callSid} ${keys}`)
    this.tokens.push(token)
    await this.leaveGate
    if (this.leaveError) throw this.leaveError
  }

  async transfer(callSid: string, { to, ringTimeoutS }: TransferRequest): Promise<void> {
    this.did.push(`transfer ${callSid} ${to} ${ringTimeoutS} s`)
    await this.leaveGate
    if (this.leaveError) throw this.leaveError
  }
}

export const settings: CallSettings = {
  maxCalls: 3,
  maxDurationS: 600,
  ringTimeoutS: 30,
  transferRingTimeoutS: 25,
  detectMachine: false,
  streamTokenTtlS: 120,
  registeredCallTtlS: 3600,
  language: 'en',
  agentName: 'Alex',
  organization: undefined,
  inbound: { action: 'Take a message', context: 'We open at nine' },
  toolSecretNames: ['CRM_TOKEN'],
  signsWebhooks: true,
  aiDisclosure: false,
  recordingAnnouncement: false,
  carrierRecords: false,
}

/** Everybody may be rung, as often as a test likes, unless it says otherwise. */
export const everybody: GuardSettings = {
  rules: { countries: [], deniedTypes: [], allowedPrefixes: ['+'], deniedPrefixes: [] },
  limits: {
    dialsPerSecond: 0,
    concurrentCalls: 0,
    callsPerHour: 0,
    minutesPerDay: 0,
    countriesPerDay: 0,
    numberCallsPerHour: 0,
    numberCallsPerDay: 0,
  },
  hours: undefined,
  timeZonesOf,
}

export type GuardSettings = Pick<DialGuardParts, 'rules' | 'limits' | 'hours' | 'timeZonesOf'>

/** Calls whose conversations are fakes, and their carrier too unless the test brings one. */
export function setUpCalls(
  options: {
    settings?: Partial<CallSettings>
    clock?: Clock
    carrier?: Telephony
    guard?: Partial<GuardSettings>
    blocked?: (reason: string) => void
    machine?: PhoneCallsParts['machine']
    written?: PhoneCallsParts['written']
    elsewhere?: PhoneCallsParts['elsewhere']
    isOurs?: PhoneCallsParts['isOurs']
  } = {},
) {
  const clock = options.clock ?? scaledClock(1)
  const telephony = new FakeTelephony()
  const store = new MemoryCallStore({ clock })
  const { doNotCall } = store
  const audit = new AuditLog({ trail: store.audit, clock, log: quiet })
  const meters = { dialBlocked: options.blocked ?? (() => undefined) }
  const surroundings = { doNotCall, audit, meters, clock }
  const guard = new DialGuard({ ...everybody, ...options.guard, ...surroundings })
  const events = new CallEvents(clock, (error) => {
    throw error
  })
  const conversations: FakeConversation[] = []
  const calls = new PhoneCalls({
    settings: { ...settings, ...options.settings },
    ...(options.machine && { machine: options.machine }),
    ...(options.written && { written: options.written }),
    ...(options.elsewhere && { elsewhere: options.elsewhere }),
    ...(options.isOurs && { isOurs: options.isOurs }),
    createSession: (plan, _log, control) => {
      const conversation = new FakeConversation(plan, control)
      conversations.push(conversation)
      return conversation
    },
    telephony: options.carrier ?? telephony,
    guard,
    book: {
      dialled: (to) => telephony.callsTo(to),
      reconnect: () => Promise.resolve(),
    },
    store,
    events,
    ...surroundings,
    log: quiet,
  })
  events.subscribe((event) => {
    calls.heed(event)
  })
  const once = new OnceOnly({ requests: store.requests, clock, log: quiet })
  const people = { doNotCall, audit, guard, once }
  return { calls, telephony, store, events, ...people, conversations, clock }
}

export const spec = { phoneNumber: '+15551234567', action: 'Confirm the appointment' }

/** A call that was answered, and whose stream is about to come. */
export async function placeAndAnswer(world = setUpCalls()) {
  const { callId, callSid } = await world.calls.place(spec)
  const answer = world.calls.answered({
    callId,
    callSid: callSid!,
    from: '+15005550006',
    direction: 'outbound',
  })
  if (!('token' in answer)) throw new Error('refused')
  const conversation = world.conversations.at(-1)!
  return { ...world, callId, callSid: callSid!, token: answer.token, conversation }
}

/** A call that has its line. */
export async function talk(world = setUpCalls()) {
  const call = await placeAndAnswer(world)
  const line = new FakeLine()
  const listener = call.calls.attachStream({ callSid: call.callSid, token: call.token }, line)!
  return { ...call, line, listener }
}

export const TRANSFER_TARGET = '+15557654321'

/** A call with its line, whose conversation waits for another line when this one goes. */
export async function patientTalk(world = setUpCalls()) {
  const call = await talk(world)
  call.conversation.isPatient = true
  const reattach = (token: string | undefined, line = new FakeLine()) =>
    call.calls.attachStream({ callSid: call.callSid, token: token ?? 'none' }, line)
  const status = async () => (await call.calls.get(call.callId)).status
  return { ...call, reattach, status }
}

/** The person has been handed over. */
export async function handedOver(world = setUpCalls()) {
  const call = await patientTalk(world)
  const transferring = call.conversation.control.transfer(TRANSFER_TARGET)
  call.listener.closed('stopped')
  await transferring
  const ended = (outcome: 'completed' | 'busy' | 'no_answer' | 'failed', isOver = false) =>
    call.calls.transferEnded({
      callSid: call.callSid,
      outcome,
      status: isOver ? 'completed' : 'in_progress',
    })
  return { ...call, ended }
}
