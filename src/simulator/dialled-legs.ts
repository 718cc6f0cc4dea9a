import { MULAW_BYTES_PER_MS, MULAW_SILENCE } from '../audio/samples.ts'
import type { CallConversation } from './call-conversation.ts'
import type { Utterance } from './person-ear.ts'
import type { Person } from './scenario.ts'
import type { HandOver } from './simulated-call.ts'
import { speakMulaw } from './tone-speech.ts'
import { newSid, recordFault, type TwilioAccount } from './twilio-account.ts'
import type { DialStatus } from './twilio-knobs.ts'
import type { CallEvent } from './twilio-events.ts'
import type { DialVerb } from './twiml.ts'

/** The call whose person is handed over. */
export type DiallingCall = {
  readonly from: string
  readonly to: string
  readonly person: Person
  readonly conversation: CallConversation
  readonly tell: (event: CallEvent) => void
}

/** A number that is rung, and what will become of it. */
type Leg = {
  readonly number: string
  readonly status: DialStatus
  readonly ringMs: number
  readonly durationS: number
  readonly says: string
}

type Ended = Pick<HandOver, 'number' | 'status' | 'callerId'> & {
  /** Since the answer of the call; only of somebody who answered. */
  readonly startMs: number
  endMs: number
}

const E164 = /^\+[1-9]\d{6,14}$/
/** How long it rings at somebody who has a script, and says nothing of it there. */
const RING_MS = 1500
const TALK_S = 5
/** From picking up to the first word. */
const PICK_UP_MS = 200

/** Those whom a call's TwiML has dialled: who was rung, and what was talked about with whoever answered. */
export class DialledLegs {
  readonly #account: TwilioAccount
  readonly #call: DiallingCall
  readonly #ended: Ended[] = []

  constructor(account: TwilioAccount, call: DiallingCall) {
    this.#account = account
    this.#call = call
  }

  get handOvers(): readonly HandOver[] {
    const { person, audio } = this.#call.conversation
    return this.#ended.map((leg) => ({
      number: leg.number,
      status: leg.status,
      callerId: leg.callerId,
      said: textDuring(leg, person.said),
      heard: textDuring(leg, audio.ear.utterances),
    }))
  }

  /** Whether this was said to or by one of those who answered. */
  isTheirs(utterance: Utterance): boolean {
    return this.#ended.some((leg) => isDuring(leg, utterance))
  }

  /** Rings all numbers at once, until the first answers. Resolves with what the action is told. */
  async dial(verb: DialVerb, signal: AbortSignal): Promise<Readonly<Record<string, string>>> {
    const legs = this.#callerIdIsValid(verb)
      ? verb.numbers.map((number) => this.#leg(number, verb.timeoutS))
      : []
    for (const { number } of legs) this.#call.tell({ type: 'dialled', number })
    const first = legs
      .filter(({ status }) => status === 'completed')
      .reduce<Leg | undefined>((a, b) => (a && a.ringMs <= b.ringMs ? a : b), undefined)
    const ringMs = first?.ringMs ?? Math.max(0, ...legs.map((leg) => leg.ringMs))
    await this.#ring(legs, verb, { ringMs, signal })
    if (first) return this.#talk(first, verb, { others: legs, signal })
    for (const leg of legs) this.#end(leg, verb)
    return actionParams(legs.findLast((leg) => leg.ringMs === ringMs)?.status ?? 'failed')
  }

  /** Whoever still rings when the call ends, or goes another way, is rung no longer. */
  async #ring(
    legs: readonly Leg[],
    verb: DialVerb,
    { ringMs, signal }: { ringMs: number; signal: AbortSignal },
  ): Promise<void> {
    try {
      await this.#account.clock.sleep(ringMs, { signal })
    } catch (error) {
      for (const leg of legs) this.#end({ ...leg, status: 'canceled' }, verb)
      throw error
    }
  }

  async #talk(
    leg: Leg,
    verb: DialVerb,
    { others, signal }: { others: readonly Leg[]; signal: AbortSignal },
  ): Promise<Readonly<Record<string, string>>> {
    const { clock } = this.#account
    const { conversation } = this.#call
    const ended = this.#end(leg, verb)
    for (const other of others) {
      if (other === leg) continue
      const status = other.ringMs < leg.ringMs ? other.status : 'canceled'
      this.#end({ ...other, status }, verb)
    }
    conversation.connectOther()
    conversation.audio.play(new Uint8Array(PICK_UP_MS * MULAW_BYTES_PER_MS).fill(MULAW_SILENCE))
    conversation.audio.play(speakMulaw(leg.says))
    const durationS = Math.min(leg.durationS, verb.timeLimitS)
    try {
      await clock.sleep(durationS * 1000, { signal })
    } finally {
      conversation.disconnectOther()
      ended.endMs = conversation.nowMs()
    }
    return actionParams(leg.status, durationS)
  }

  #end({ number, status }: Leg, { callerId }: DialVerb): Ended {
    const startMs = this.#call.conversation.nowMs()
    const answered = status === 'completed'
    const ended = { number, status, callerId, startMs, endMs: answered ? Infinity : startMs }
    this.#ended.push(ended)
    this.#call.tell({ type: 'dial_ended', number, status })
    return ended
  }

  #leg(number: string, timeoutS: number): Leg {
    const nobody = { number, ringMs: 0, durationS: 0, says: '' }
    if (!E164.test(number)) {
      recordFault(this.#account, 13223, number)
      return { ...nobody, status: 'failed' }
    }
    const transfer = this.#call.person.transfers?.[number]
    if (!transfer) return { ...nobody, ...this.#account.knobs.dialOutcome }
    const timeoutMs = timeoutS * 1000
    const { status, afterMs, durationS = TALK_S, says = '' } = transfer
    const ringMs = afterMs ?? (status === 'no-answer' ? timeoutMs : RING_MS)
    if (ringMs > timeoutMs) return { ...nobody, status: 'no-answer', ringMs: timeoutMs }
    return { number, status, ringMs, durationS, says }
  }

  /** A number of the account, or one of the two of this call. */
  #callerIdIsValid({ callerId }: DialVerb): boolean {
    const { ownNumbers } = this.#account.knobs
    const allowed = ownNumbers && [...ownNumbers, this.#call.from, this.#call.to]
    if (callerId === undefined) return true
    if (E164.test(callerId) && (allowed?.includes(callerId) ?? true)) return true
    recordFault(this.#account, 13214, callerId)
    return false
  }
}

function actionParams(status: DialStatus, durationS = 0): Readonly<Record<string, string>> {
  return {
    DialCallStatus: status,
    DialCallSid: newSid('CA'),
    DialCallDuration: String(durationS),
    DialBridged: String(status === 'completed'),
  }
}

function isDuring({ startMs, endMs }: Ended, utterance: Utterance): boolean {
  return utterance.startMs >= startMs && utterance.startMs < endMs
}

function textDuring(leg: Ended, utterances: readonly Utterance[]): string {
  return utterances
    .filter((utterance) => isDuring(leg, utterance))
    .map(({ text }) => text)
    .join(' ')
}
