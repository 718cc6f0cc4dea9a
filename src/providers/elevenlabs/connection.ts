import type { Cancel } from '../../clock.ts'
import type { ProviderError } from '../../errors.ts'
import { failure, failureOfFrame } from './failure.ts'
import type { ErrorFrame, SpeechFrame } from './messages.ts'
import { type SocketOptions, VoiceSocket } from './socket.ts'
import type { ContextSpeech } from './speech.ts'

/** The sixth context closes the socket, with everything that is being said on it. */
const MAX_CONTEXTS = 5
/** A context is forgotten after 20 s without a message (180 s as we ask for it), whatever the others receive. */
const KEEP_ALIVE_MS = 12_000
/**
 * A cancelled context keeps its place until its last frame has come, as the server may still count it. Should the server
 * not send one after all, the place is free after this time.
 */
const DRAIN_MS = 10_000

/** The contexts of one multi-context socket: who is on it, who hears which frame, and what they all learn when it ends. */
export class Connection {
  /** Rejects with the `ProviderError` that every speech on it is told as well. */
  readonly opened: Promise<void>
  readonly #socket: VoiceSocket
  readonly #options: SocketOptions
  readonly #onOver: () => void
  readonly #failOpening: (error: ProviderError) => void
  readonly #contexts = new Map<string, ContextSpeech>()
  readonly #drains = new Map<string, Cancel>()
  #state: 'connecting' | 'open' | 'over' = 'connecting'
  #retired = false
  #stopKeepAlive: Cancel | undefined
  #goodbye: Promise<void> | undefined

  constructor(options: SocketOptions, onOver: () => void) {
    this.#options = options
    this.#onOver = onOver
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    this.opened = promise
    // Not everybody waits for it; those who speak are told by `fail`.
    promise.catch(() => undefined)
    this.#failOpening = reject
    this.#socket = new VoiceSocket(options, {
      opened: () => {
        this.#open()
        resolve(undefined)
      },
      frame: (frame) => {
        this.#receive(frame)
      },
      lost: (error) => {
        this.#lose(error)
      },
    })
  }

  get hasRoom(): boolean {
    return this.#state !== 'over' && !this.#retired && this.#contexts.size < MAX_CONTEXTS
  }

  /** Takes a place for a speech; its context is opened now, or as soon as there is a connection. */
  join(speech: ContextSpeech): void {
    this.#contexts.set(speech.id, speech)
    if (this.#state === 'open') this.#begin(speech)
  }

  /** Gives the place of a speech back. */
  release(id: string): void {
    this.#drains.get(id)?.()
    this.#drains.delete(id)
    this.#contexts.delete(id)
    if (this.#retired && this.#state !== 'over' && this.#contexts.size === 0) void this.close()
  }

  /** The place is given back with the last frame of the context, which was asked to end. */
  drain(id: string): void {
    if (this.#state !== 'open') return
    this.#drains.set(
      id,
      this.#options.clock.after(DRAIN_MS, () => {
        this.release(id)
      }),
    )
  }

  /** Gives up a connection that is not what it seems: open, and silent. */
  abandon(error: ProviderError): void {
    this.#socket.cut()
    this.#lose(error)
  }

  /** Takes no more speeches, and closes when the last one on it has ended. */
  retire(): void {
    this.#retired = true
    if (this.#contexts.size === 0) void this.close()
  }

  /** Cancels what is still being said, and says goodbye. Never rejects. */
  close(): Promise<void> {
    this.#goodbye ??= this.#sayGoodbye()
    return this.#goodbye
  }

  async #sayGoodbye(): Promise<void> {
    for (const speech of this.#end(failure('disconnected', 'closed'))) speech.cancel()
    await this.#socket.goodbye()
    this.#onOver()
  }

  #open(): void {
    this.#state = 'open'
    this.#stopKeepAlive = this.#options.clock.every(KEEP_ALIVE_MS, () => {
      for (const speech of this.#contexts.values()) speech.keepAlive()
    })
    for (const speech of this.#contexts.values()) this.#begin(speech)
  }

  #begin(speech: ContextSpeech): void {
    speech.begin((message) => {
      this.#socket.send(message)
    })
  }

  #receive(frame: SpeechFrame | ErrorFrame): void {
    const speech = frame.contextId === undefined ? undefined : this.#contexts.get(frame.contextId)
    if (frame.type === 'error') {
      const error = failureOfFrame(frame)
      if (frame.contextId === undefined) this.abandon(error)
      else speech?.fail(error)
      return
    }
    // Nobody is there for a frame that was on its way when its speech was released.
    speech?.receive(frame)
  }

  #lose(error: ProviderError): void {
    if (this.#state === 'over') return
    const { code, vendorCode } = error
    this.#options.log.debug({ code, vendorCode }, 'voice connection lost')
    const speeches = this.#end(error)
    this.#onOver()
    for (const speech of speeches) speech.fail(error)
  }

  /** Returns who was on it. */
  #end(error: ProviderError): readonly ContextSpeech[] {
    const speeches = [...this.#contexts.values()]
    this.#state = 'over'
    this.#failOpening(error)
    this.#stopKeepAlive?.()
    for (const cancel of this.#drains.values()) cancel()
    this.#drains.clear()
    this.#contexts.clear()
    return speeches
  }
}
