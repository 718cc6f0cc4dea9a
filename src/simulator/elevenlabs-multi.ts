import type { ClientMessage } from '../providers/elevenlabs/messages.ts'
import { VoiceContext } from './elevenlabs-context.ts'
import { VoiceSession } from './elevenlabs-session.ts'

const MAX_CONTEXTS = 5

/** `multi-stream-input`: up to five speeches at once, each under an id. */
export class MultiSession extends VoiceSession {
  readonly #open = new Map<string | undefined, VoiceContext>()
  /** Closed by the client, and not yet spoken to their end. They count as well. */
  readonly #draining = new Set<VoiceContext>()
  readonly #closedIds = new Set<string | undefined>()
  /** Ended by an error of ours: the client may have written more before it knew. */
  readonly #failedIds = new Set<string | undefined>()
  #closing = false

  protected accept(message: ClientMessage): void {
    if (this.#closing) {
      this.violation('text after close', message.text)
      return
    }
    if (message.close_socket) {
      this.#closeAll()
      return
    }
    const id = message.context_id ?? message.contextId
    // Without an id it keeps the connection alive, not a context.
    if (id === undefined && message.text === '' && !this.#open.has(id)) return
    if (this.#failedIds.has(id)) return
    const context = this.#open.get(id) ?? this.#begin(id, message)
    if (!context) return
    context.accept(message.close_context ? { flush: message.flush } : message)
    if (message.close_context) this.#close(context)
    else if (message.flush) this.flushDone(id)
  }

  protected ended(context: VoiceContext): void {
    if (this.#open.delete(context.id)) this.#failedIds.add(context.id)
    this.#draining.delete(context)
    if (this.#closing && this.#draining.size === 0) this.close(1000, '')
  }

  protected release(): void {
    for (const context of [...this.#open.values(), ...this.#draining]) context.stop()
  }

  /** Returns the new context when its message is to be carried out, too. */
  #begin(id: string | undefined, message: ClientMessage): VoiceContext | undefined {
    if (this.#open.size + this.#draining.size >= MAX_CONTEXTS) {
      this.violation('sixth context', id)
      this.refuse('max_active_conversations')
      return undefined
    }
    const context = new VoiceContext(id, message, this)
    this.#open.set(id, context)
    if (!message.text || message.close_context) {
      // The real service opens a context for any message; this one nobody will ever close.
      this.violation('message for an unknown context', id)
      return undefined
    }
    if (this.#closedIds.has(id)) this.violation('text after close', id)
    return context
  }

  #close(context: VoiceContext): void {
    this.#open.delete(context.id)
    this.#closedIds.add(context.id)
    this.#draining.add(context)
    context.close()
  }

  #closeAll(): void {
    this.#closing = true
    for (const context of this.#open.values()) {
      if (context.flushed) this.#close(context)
      else context.stop()
    }
    this.#open.clear()
    if (this.#draining.size === 0) this.close(1000, '')
  }
}
