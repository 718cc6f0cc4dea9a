import type { Line, LineListener, TransferOutcome } from '../../pipeline/ports.ts'
import type { Conversation } from '../conversation.ts'
import type { CallRecorder } from './call-recorder.ts'

/** A conversation whose lines are recorded, until it is over; whatever is talked about after that is none of ours. */
export class RecordedConversation implements Conversation {
  readonly #conversation: Conversation
  readonly #recorder: CallRecorder

  constructor(conversation: Conversation, recorder: CallRecorder) {
    this.#conversation = conversation
    this.#recorder = recorder
    // Nobody waits for the disk: whoever made the recorder closes it as well, and waits then.
    void conversation.ended.then(() => recorder.close())
  }

  get turns() {
    return this.#conversation.turns
  }

  get timings() {
    return this.#conversation.timings
  }

  get facts() {
    return this.#conversation.facts
  }

  get expectsLine() {
    return this.#conversation.expectsLine
  }

  get ended() {
    return this.#conversation.ended
  }

  start(): void {
    this.#conversation.start()
  }

  answered(): void {
    this.#conversation.answered()
  }

  attach(line: Line): LineListener {
    return this.#recorder.tap(line, (tapped) => this.#conversation.attach(tapped))
  }

  carrierHeard(answeredBy: string): void {
    this.#conversation.carrierHeard(answeredBy)
  }

  lineLost(): void {
    this.#conversation.lineLost()
  }

  transferEnded(outcome: TransferOutcome): void {
    this.#conversation.transferEnded(outcome)
  }

  wrapUp(): void {
    this.#conversation.wrapUp()
  }

  end(reason: 'requested' | 'caller_hung_up'): void {
    this.#conversation.end(reason)
  }

  cleanup(): Promise<void> {
    return this.#conversation.cleanup()
  }
}
