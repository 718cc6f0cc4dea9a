/** What the simulated ElevenLabs tells as it happens. `context` is the same object for all events of one context. */
export type ElevenLabsEvent =
  | { readonly type: 'text'; readonly context: object; readonly text: string }
  /** A piece of audio was sent. */
  | { readonly type: 'audio'; readonly context: object }

/** One text that became speech: a context of a socket, or an HTTP request. */
export type Spoken = { readonly spoken: string }

const MAX_KEPT = 1000

/** What was spoken, and who is told of it. */
export class VoiceJournal {
  readonly #contexts = new Set<Spoken>()
  readonly #on: ((event: ElevenLabsEvent) => void) | undefined

  constructor(on: ((event: ElevenLabsEvent) => void) | undefined) {
    this.#on = on
  }

  /** Of the last thousand contexts that were given a text, in that order. */
  get spoken(): readonly string[] {
    return Array.from(this.#contexts, ({ spoken }) => spoken)
  }

  given(context: Spoken, text: string): void {
    this.#contexts.add(context)
    const [oldest] = this.#contexts
    if (oldest && this.#contexts.size > MAX_KEPT) this.#contexts.delete(oldest)
    this.#on?.({ type: 'text', context, text })
  }

  sent(context: Spoken): void {
    this.#on?.({ type: 'audio', context })
  }
}
