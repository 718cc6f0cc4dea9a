import type { Cancel } from '../clock.ts'
import { CallAudio } from './call-audio.ts'
import { CallStreams } from './call-streams.ts'
import { SimulatedPerson } from './person.ts'
import type { Person } from './scenario.ts'
import type { TwilioAccount } from './twilio-account.ts'
import type { CallEvent } from './twilio-events.ts'

/** What is said on a call once it is answered: the person at one end, media streams at the other, sound in between. */
export class CallConversation {
  readonly audio: CallAudio
  readonly streams: CallStreams
  readonly person: SimulatedPerson
  readonly #account: TwilioAccount
  readonly #tell: (event: CallEvent) => void
  #answeredAt: number | undefined
  #endedAtMs: number | undefined
  #cancelTicks: Cancel | undefined
  #talksToOther = false

  constructor(
    account: TwilioAccount,
    callSid: string,
    call: {
      readonly person: Person
      readonly tell: (event: CallEvent) => void
      readonly hangUp: () => void
    },
  ) {
    this.#account = account
    this.#tell = call.tell
    const { tell } = call
    this.audio = new CallAudio({
      record: account.knobs.record,
      around: call.person,
      onWord: (word) => {
        tell({ type: this.#talksToOther ? 'other_word' : 'agent_word', word })
      },
    })
    const nowMs = () => this.nowMs()
    this.streams = new CallStreams(account, { callSid, audio: this.audio, nowMs, tell })
    const press = (keys: string) => {
      this.press(keys)
    }
    const said = (text: string) => {
      tell({ type: 'person_said', text })
    }
    const stream = () => this.streams.current
    const handset = { audio: this.audio, nowMs, press, said, stream, hangUp: call.hangUp }
    this.person = new SimulatedPerson(handset, account.clock)
  }

  /** The phone is picked up: sound flows, and the person begins. */
  async begin({ does, menu }: Person, signal: AbortSignal): Promise<void> {
    this.#answeredAt = this.#account.clock.now()
    this.#cancelTicks = this.#account.ticker.add(() => this.nowMs())
    await this.person.follow(menu ? [...does, { menu }] : does, signal)
  }

  /** The phone is put down: nothing is heard or said after this moment. */
  end(): void {
    this.#endedAtMs = this.nowMs()
    this.person.over(this.#endedAtMs)
    this.audio.ear.close()
    this.#cancelTicks?.()
  }

  /** The person is connected with somebody else: what is heard from now on is theirs. */
  connectOther(): void {
    this.#changeSpeaker(true)
  }

  /** Whatever the other one was still saying is not heard any more. */
  disconnectOther(): void {
    this.#changeSpeaker(false)
  }

  #changeSpeaker(isOther: boolean): void {
    this.nowMs()
    this.audio.drop()
    this.audio.ear.newSpeaker()
    this.#talksToOther = isOther
  }

  /** Milliseconds since the answer, 0 before it; the sound is brought up to that moment. */
  nowMs(): number {
    if (this.#answeredAt === undefined) return 0
    if (this.#endedAtMs !== undefined) return this.#endedAtMs
    const ms = this.#account.clock.now() - this.#answeredAt
    this.audio.advance(ms)
    return ms
  }

  /** A key from the other end, which the person hears. */
  hearKey(digit: string): void {
    this.#tell({ type: 'agent_pressed', digit })
    this.person.hearKey(digit)
  }

  press(keys: string): void {
    for (const digit of keys) {
      this.#tell({ type: 'person_pressed', digit })
      this.streams.current?.press(digit)
    }
  }
}
