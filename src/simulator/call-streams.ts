import { MediaStreamClient, type StreamCall } from './media-stream-client.ts'
import { recordFault, sendCallback, type TwilioAccount } from './twilio-account.ts'
import { TwilioFault } from './twilio-faults.ts'
import type { StreamNoun } from './twiml.ts'

/** The media streams of one call, one after the other, and what Twilio reports of them. */
export class CallStreams {
  readonly #account: TwilioAccount
  readonly #call: StreamCall
  readonly #all: MediaStreamClient[] = []
  #current: MediaStreamClient | undefined

  constructor(account: TwilioAccount, call: StreamCall) {
    this.#account = account
    this.#call = call
  }

  get count(): number {
    return this.#all.length
  }

  get marksReturned(): number {
    return this.#all.reduce((sum, { marksReturned }) => sum + marksReturned, 0)
  }

  /** The stream that is open now, and was not broken. */
  get current(): MediaStreamClient | undefined {
    return this.#current?.brokenOnPurpose ? undefined : this.#current
  }

  /** Resolves when the stream is over, whoever ended it; that is for the rest of the TwiML to judge. */
  async connect(noun: StreamNoun, signal: AbortSignal): Promise<void> {
    const stream = new MediaStreamClient(this.#account, this.#call, noun)
    try {
      await stream.run(signal, () => {
        this.#all.push(stream)
        this.#current = stream
        this.#call.tell({ type: 'stream_started', streamSid: stream.streamSid })
        this.#report(stream, noun, { StreamEvent: 'stream-started' })
      })
      this.#report(stream, noun, { StreamEvent: 'stream-stopped' })
    } catch (error) {
      if (!(error instanceof TwilioFault)) throw error
      if (!stream.brokenOnPurpose) recordFault(this.#account, error.code, error.detail)
      this.#report(stream, noun, { StreamEvent: 'stream-error', StreamError: error.message })
    } finally {
      this.#current = undefined
    }
  }

  #report(stream: MediaStreamClient, noun: StreamNoun, event: Record<string, string>): void {
    const { statusCallback: url, statusCallbackMethod: method, name } = noun
    if (url === undefined) return
    const params = {
      AccountSid: this.#account.accountSid,
      CallSid: this.#call.callSid,
      StreamSid: stream.streamSid,
      StreamName: name ?? stream.streamSid,
      ...event,
      Timestamp: this.#account.clock.date().toISOString(),
    }
    void sendCallback(this.#account, { url, method, params }, (reason) => {
      this.#call.tell({ type: 'callback_failed', url, reason })
    })
  }
}
