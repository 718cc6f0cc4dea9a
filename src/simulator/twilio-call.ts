import type { Cancel } from '../clock.ts'
import type { CallStatus } from '../providers/twilio/messages.ts'
import { CallConversation } from './call-conversation.ts'
import { CallLedger } from './call-ledger.ts'
import type { ProgressSubscription } from './call-progress.ts'
import { type RecordingWanted, reportRecording } from './carrier-recording.ts'
import { callResource } from './call-resource.ts'
import { CallTwiml } from './call-twiml.ts'
import { DialledLegs } from './dialled-legs.ts'
import {
  detect,
  type Detected,
  type DetectionWanted,
  reportVerdict,
  verdictParams,
} from './machine-detection.ts'
import type { Person } from './scenario.ts'
import type { SimulatedCall } from './simulated-call.ts'
import { newSid, type TwilioAccount } from './twilio-account.ts'
import type { CallEvent } from './twilio-events.ts'
import type { DocumentSource } from './twiml-documents.ts'
import type { Action } from './twiml.ts'

/** What a call is made with. */
export type CallPlan = {
  readonly direction: 'inbound' | 'outbound-api'
  readonly from: string
  readonly to: string
  readonly queueTimeMs: number
  readonly person: Person
  readonly source: DocumentSource
  readonly fallback: Action | undefined
  readonly progress: ProgressSubscription
  /** How long it may ring. */
  readonly timeoutS: number
  readonly timeLimitS: number
  readonly detection?: DetectionWanted | undefined
  readonly recording?: RecordingWanted | undefined
  readonly sendDigits?: string | undefined
}

/** One call on the simulated network, from its creation to its end. */
export class TwilioCall implements SimulatedCall {
  readonly callSid = newSid('CA')
  readonly ended: Promise<void>
  readonly #account: TwilioAccount
  readonly #plan: CallPlan
  readonly #ledger: CallLedger
  readonly #conversation: CallConversation
  readonly #legs: DialledLegs
  readonly #twiml: CallTwiml
  readonly #over = new AbortController()
  #resolveEnded: () => void = () => undefined
  #person: Promise<void> = Promise.resolve()
  #verdict: Promise<void> = Promise.resolve()
  #cancelTimeLimit: Cancel | undefined

  constructor(account: TwilioAccount, plan: CallPlan) {
    this.#account = account
    this.#plan = plan
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.#ledger = new CallLedger({
      account,
      identity: { ...plan, callSid: this.callSid },
      subscription: plan.progress,
      callbackFailed: (url, reason) => {
        this.#tell({ type: 'callback_failed', url, reason })
      },
    })
    const tell = (event: CallEvent) => {
      this.#tell(event)
    }
    this.#conversation = new CallConversation(account, this.callSid, {
      person: plan.person,
      tell,
      hangUp: () => {
        this.hangUp()
      },
    })
    const conversation = this.#conversation
    this.#legs = new DialledLegs(account, { ...plan, conversation, tell })
    this.#twiml = new CallTwiml(account, {
      ledger: this.#ledger,
      conversation,
      legs: this.#legs,
      fallback: plan.fallback,
      answer: () => {
        this.answer()
      },
      reject: (reason) => {
        this.end(reason === 'busy' ? 'busy' : account.knobs.rejectedStatus)
      },
      end: () => {
        this.end('completed')
      },
    })
  }

  get plan(): CallPlan {
    return this.#plan
  }

  /** Aborted when the call is over. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  get isOver(): boolean {
    return this.#ledger.isOver
  }

  get resource(): Record<string, unknown> {
    return callResource(this.#ledger.facts)
  }

  /** Twilio has taken the call out of its queue. */
  initiate(): void {
    this.#ledger.initiated()
  }

  ring(): void {
    if (this.status !== 'ringing') this.#ledger.enter('ringing')
    this.#tell({ type: 'ringing', from: this.from, to: this.to })
  }

  /** The phone is picked up; nothing happens when it is already. */
  answer(): void {
    if (this.answeredAt !== undefined || this.isOver) return
    this.#ledger.enter('in-progress')
    this.#tell({ type: 'answered' })
    this.limitTo(this.#plan.timeLimitS)
    this.#person = this.#conversation.begin(this.#plan.person, this.signal)
  }

  /** Carries out this TwiML from now on. */
  follow(source: DocumentSource, extra: Readonly<Record<string, string>> = {}): void {
    if (!this.isOver) this.#twiml.start(source, extra)
  }

  async sendDigits(digits: string): Promise<void> {
    await this.#twiml.sendDigits(digits, this.signal)
  }

  /** Resolves with what the voice webhook is told of the verdict: nothing, and at once, when it is posted later. */
  async detectMachine(wanted: DetectionWanted): Promise<Readonly<Record<string, string>>> {
    const { clock } = this.#account
    const detected = detect(this.#plan.person, wanted)
    const wait = async () => {
      await clock.sleep(Math.max(0, (this.answeredAt ?? 0) + detected.afterMs - clock.now()), {
        signal: this.signal,
      })
      this.#ledger.answeredBy = detected.answeredBy
    }
    if (wanted.isAsync) {
      this.#verdict = wait().then(
        () => this.#reportVerdict(wanted, detected),
        // The call was over before there was a verdict: nobody is told.
        () => undefined,
      )
      return {}
    }
    await wait()
    return verdictParams(detected)
  }

  async #reportVerdict({ callback }: DetectionWanted, detected: Detected): Promise<void> {
    await reportVerdict(this.#account, this.callSid, {
      callback,
      detected,
      failed: (url, reason) => {
        this.#tell({ type: 'callback_failed', url, reason })
      },
    })
  }

  /** So many seconds after the answer Twilio ends the call. */
  limitTo(seconds: number): void {
    this.#cancelTimeLimit?.()
    if (this.answeredAt === undefined) return
    const leftMs = this.answeredAt + seconds * 1000 - this.#account.clock.now()
    this.#cancelTimeLimit = this.#account.clock.after(leftMs, () => {
      this.end('completed')
    })
  }

  reportTo(statusCallback: string): void {
    this.#ledger.progress.redirect(statusCallback)
  }

  /** The first end counts. A stream gets its `stop` before the last callback leaves. */
  end(status: CallStatus): void {
    if (this.isOver) return
    this.#conversation.end()
    this.#cancelTimeLimit?.()
    this.#twiml.stop()
    this.#ledger.enter(status)
    this.#tell({ type: 'ended', status })
    this.#over.abort(new Error('the call is over'))
    void this.#settle()
  }

  async #settle(): Promise<void> {
    await this.#person
    await this.#verdict
    await this.#twiml.settled()
    await this.#ledger.progress.settled()
    await this.#reportRecording()
    this.#resolveEnded()
  }

  async #reportRecording(): Promise<void> {
    const { recording } = this.#plan
    const { callSid } = this
    if (!recording || this.answeredAt === undefined) return
    const { durationS = 0 } = this.#ledger.facts
    const failed = (url: string, reason: string) => {
      this.#tell({ type: 'callback_failed', url, reason })
    }
    await reportRecording(this.#account, recording, { callSid, durationS, failed })
  }

  #tell(event: CallEvent): void {
    const { callSid, answeredAt } = this
    const atMs = answeredAt === undefined ? 0 : this.#account.clock.now() - answeredAt
    this.#account.emit({ callSid, atMs, ...event })
  }

  get direction() {
    return this.#plan.direction
  }

  get from() {
    return this.#plan.from
  }

  get to() {
    return this.#plan.to
  }

  get status() {
    return this.#ledger.status
  }

  get statuses() {
    return this.#ledger.statuses
  }

  get answeredAt() {
    return this.#ledger.answeredAt
  }

  get callbacks() {
    return this.#ledger.progress.sent
  }

  get said() {
    return this.#conversation.person.said.filter((utterance) => !this.#legs.isTheirs(utterance))
  }

  get heard() {
    const { utterances } = this.#conversation.audio.ear
    return utterances.filter((utterance) => !this.#legs.isTheirs(utterance))
  }

  heardText() {
    return this.heard.map(({ text }) => text).join(' ')
  }

  recording() {
    return this.#conversation.audio.recording()
  }

  get keysHeard() {
    return this.#twiml.keysSent
  }

  get leftMessage() {
    return this.#conversation.person.leftMessage
  }

  get transferredTo() {
    return this.#legs.handOvers
  }

  get isRecorded() {
    return this.#plan.recording !== undefined
  }

  get twiml() {
    return this.#twiml.documents
  }

  get streamCount() {
    return this.#conversation.streams.count
  }

  get marksReturned() {
    return this.#conversation.streams.marksReturned
  }

  /** By the person; a call that rings is declined, or given up by the one who rings. */
  hangUp() {
    if (this.answeredAt !== undefined) this.end('completed')
    else this.end(this.direction === 'inbound' ? 'canceled' : 'busy')
  }

  press(keys: string) {
    this.#conversation.press(keys)
  }

  cutStream() {
    this.#conversation.streams.current?.cut()
  }

  freezeStream() {
    this.#conversation.streams.current?.freeze()
  }

  stallStream(ways: 'out' | 'both') {
    this.#conversation.streams.current?.stall(ways)
  }

  openAnotherStream() {
    const { current } = this.#conversation.streams
    if (!current) return
    current.freeze()
    this.follow(this.#plan.source)
  }
}
