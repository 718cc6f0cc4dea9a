import type { CallConversation } from './call-conversation.ts'
import type { CallLedger } from './call-ledger.ts'
import { callParams } from './call-resource.ts'
import type { DialledLegs } from './dialled-legs.ts'
import { speakMulaw } from './tone-speech.ts'
import { recordFault, type TwilioAccount } from './twilio-account.ts'
import { TwilioFault } from './twilio-faults.ts'
import { type DocumentSource, loadDocument } from './twiml-documents.ts'
import { type DocumentAsked, followTwiml, type TwimlCall } from './twiml-runner.ts'
import type { Action } from './twiml.ts'

/** What TwiML can do to the call it runs on. */
export type TwimlTarget = {
  readonly ledger: CallLedger
  readonly conversation: CallConversation
  readonly legs: DialledLegs
  readonly fallback: Action | undefined
  readonly answer: () => void
  readonly reject: (reason: string) => void
  readonly end: () => void
}

const KEY_MS = 100
const WAIT_MS = { w: 500, W: 1000 } as const
/** What Twilio says to the person when there is no document to carry out. */
const APOLOGY = 'We are sorry, an application error has occurred. Goodbye.'

/** The TwiML of one call: one flow of documents at a time, which REST may replace by another. */
export class CallTwiml {
  readonly documents: string[] = []
  /** Keys sent towards the person. */
  keysSent = ''
  readonly #account: TwilioAccount
  readonly #target: TwimlTarget
  #flow = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(account: TwilioAccount, target: TwimlTarget) {
    this.#account = account
    this.#target = target
  }

  /**
   * Carries this out instead of what runs now; a stream that is open gets its `stop`.
   *
   * @param extra what the server is told with the request for the document
   */
  start(source: DocumentSource, extra: Readonly<Record<string, string>> = {}): void {
    this.stop()
    const flow = new AbortController()
    this.#flow = flow
    const previous = this.#running
    this.#running = previous.then(() => this.#run({ source, extra }, flow.signal))
  }

  /** Stops at once; what the stream says goodbye with leaves before this returns. */
  stop(): void {
    this.#flow.abort(new Error('this TwiML has been stopped'))
  }

  /** Resolves when nothing is carried out any more. */
  async settled(): Promise<void> {
    await this.#running
  }

  /** Presses keys towards the person; `w` waits for half a second, `W` for a whole one. */
  async sendDigits(digits: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.#account
    for (const digit of digits) {
      if (digit === 'w' || digit === 'W') {
        await clock.sleep(WAIT_MS[digit], { signal })
      } else {
        this.keysSent += digit
        this.#target.conversation.hearKey(digit)
        await clock.sleep(KEY_MS, { signal })
      }
    }
  }

  async #run(first: DocumentAsked, signal: AbortSignal): Promise<void> {
    try {
      await this.#follow(first, signal)
      if (!signal.aborted) this.#target.end()
    } catch (error) {
      // Replaced by other TwiML, or the call is over.
      if (!signal.aborted) throw error
    }
  }

  async #follow(first: DocumentAsked, signal: AbortSignal): Promise<void> {
    const call = this.#verbs(signal)
    try {
      await followTwiml(call, first)
    } catch (error) {
      if (!(error instanceof TwilioFault)) throw error
      recordFault(this.#account, error.code, error.detail)
      call.answer()
      await call.say(APOLOGY)
    }
  }

  #verbs(signal: AbortSignal): TwimlCall {
    const { clock } = this.#account
    const { conversation, legs, ledger, fallback, answer, reject } = this.#target
    const wait = (ms: number) => clock.sleep(ms, { signal })
    return {
      signal,
      wait,
      answer,
      reject,
      load: async (source, extra) => {
        const params = { ...callParams(ledger.facts), ...extra }
        const document = await loadDocument(this.#account, { source, fallback, params, signal })
        this.documents.push(document.source)
        return document
      },
      say: async (text) => {
        const { audio } = conversation
        conversation.nowMs()
        audio.play(speakMulaw(text))
        try {
          for (; audio.waitingMs > 0; conversation.nowMs()) await wait(audio.waitingMs)
        } finally {
          if (signal.aborted) audio.drop()
        }
      },
      sendDigits: (digits) => this.sendDigits(digits, signal),
      connect: (stream) => conversation.streams.connect(stream, signal),
      dial: (verb) => legs.dial(verb, signal),
    }
  }
}
