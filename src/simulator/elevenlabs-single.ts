import type { ClientMessage } from '../providers/elevenlabs/messages.ts'
import { VoiceContext } from './elevenlabs-context.ts'
import { VoiceSession } from './elevenlabs-session.ts'

/** `stream-input`: one speech for each socket, ended by an empty text. */
export class SingleSession extends VoiceSession {
  #context: VoiceContext | undefined
  #ended = false

  protected accept(message: ClientMessage): void {
    if (this.#ended) {
      this.violation('text after close', message.text)
      return
    }
    this.#context ??= new VoiceContext(undefined, message, this)
    if (message.text !== '') {
      this.#context.accept(message)
      if (message.flush) this.flushDone(undefined)
      return
    }
    this.#ended = true
    this.#context.accept({ flush: true })
    this.#context.close()
  }

  protected ended(): void {
    this.close(1000, '')
  }

  protected release(): void {
    this.#context?.stop()
  }
}
