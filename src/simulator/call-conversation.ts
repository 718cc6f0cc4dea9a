import type { Cancel } from '../clock.ts'
import { CallAudio } from './call-audio.ts'
import { CallStreams } from './call-streams.ts'
import { SimulatedPerson } from './person.ts'
import type { PersonStep } from './scenario.ts'
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

  constructor(
    account: TwilioAccount,
    callSid: string,
    call: { readonly tell: (event: CallEvent) => void; readonly hangUp: () => void },
  ) {
    this.#account = account
    this.#tell = call.tell
    const { tell } = call
    this.audio = new CallAudio({
      record: account.knobs.record,
      onWord: (word) => {
        tell({ type: 'agent_word', word })
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
    const handset = { audio: this.audio, nowMs, press, said, hangUp: call.hangUp }
    this.person = new SimulatedPerson(handset, account.clock)
  }

  /** The phone is picked up: sound flows, and the person begins. */
  async begin(steps: readonly PersonStep[], signal: AbortSignal): Promise<void> {
    this.#answeredAt = this.#account.clock.now()
    this.#cancelTicks = this.#account.ticker.add(() => this.nowMs())
    await this.person.follow(steps, signal)
  }

  /** The phone is put down: nothing is heard or said after this moment. */
  end(): void {
    this.#endedAtMs = this.nowMs()
    this.person.over(this.#endedAtMs)
    this.audio.ear.close()
    this.#cancelTicks?.()
  }

  /** Milliseconds since the answer, 0 before it; the sound is brought up to that moment. */
  nowMs(): number {
    if (this.#answeredAt === undefined) return 0
    if (this.#endedAtMs !== undefined) return this.#endedAtMs
    const ms = this.#account.clock.now() - this.#answeredAt
    this.audio.advance(ms)
    return ms
  }

  press(keys: string): void {
    for (const digit of keys) {
      this.#tell({ type: 'person_pressed', digit })
      this.streams.current?.press(digit)
    }
  }
}
