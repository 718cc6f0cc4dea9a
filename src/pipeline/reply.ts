import { ProviderError } from '../errors.ts'
import { Phrases } from './phrases.ts'
import type { Playback } from './playout.ts'
import type { ReplyPart, Speech, TextToSpeech } from './ports.ts'
import type { StockPhrases } from './stock-phrases.ts'
import { END_CALL } from './tools.ts'

export type ToolCall = { readonly id: string; readonly name: string; readonly input: unknown }

/** What a reply amounted to when all of its audio was handed to the playback. */
export type ReplyOutcome = {
  readonly toolCalls: readonly ToolCall[]
  /** The model ended the call with this reply. */
  readonly hangUp: boolean
}

/**
 * One reply: text as the model writes it → phrases → speech → playback. Resolves when all audio is there; nothing that
 * it started outlives it.
 *
 * @throws {ProviderError} when the model or the voice failed; what was synthesised until then is still played
 * @throws the signal's reason when aborted; the voice is stopped
 */
export async function runReply(options: {
  parts: AsyncIterable<ReplyPart>
  tts: TextToSpeech
  playback: Playback
  stock: StockPhrases
  signal: AbortSignal
  onText: () => void
  onPhrase: () => void
  /** Called before the playback is told that all audio is there. */
  onOutcome: (outcome: ReplyOutcome) => void
}): Promise<void> {
  const { parts, playback, signal } = options
  const voice = new ReplyVoice(options)
  try {
    const toolCalls: ToolCall[] = []
    for await (const part of unlessEmpty(parts)) {
      signal.throwIfAborted()
      if (part.type === 'text') {
        options.onText()
        voice.write(part.text)
      } else if (part.type === 'tool_call') toolCalls.push(part)
    }
    signal.throwIfAborted()
    const hangUp = toolCalls.some((call) => call.name === END_CALL.name)
    // A model may end its turn without a word; the person never waits in vain for one.
    await voice.finish(hangUp ? options.stock.goodbye : options.stock.again)
    options.onOutcome({ toolCalls, hangUp })
    playback.finish({ whole: true })
  } catch (error) {
    voice.cancel()
    // What was sent is heard out; what waits for its release is dropped.
    if (playback.audible) playback.finish({ whole: false })
    else playback.cut()
    throw error
  }
}

/** A reply without a word or a tool call is no failure that ends a call. */
async function* unlessEmpty(parts: AsyncIterable<ReplyPart>): AsyncIterable<ReplyPart> {
  try {
    yield* parts
  } catch (error) {
    if (!(error instanceof ProviderError && error.code === 'empty')) throw error
  }
}

/** The speaking half of a reply: collects text, speaks whole phrases. */
class ReplyVoice {
  readonly #tts: TextToSpeech
  readonly #playback: Playback
  readonly #onPhrase: () => void
  readonly #signal: AbortSignal
  readonly #phrases = new Phrases()
  readonly #spoken = Promise.withResolvers<undefined>()
  #speech: Speech | undefined
  #failure: ProviderError | undefined

  constructor(options: {
    tts: TextToSpeech
    playback: Playback
    signal: AbortSignal
    onPhrase: () => void
  }) {
    this.#tts = options.tts
    this.#playback = options.playback
    this.#onPhrase = options.onPhrase
    this.#signal = options.signal
    // Whoever awaits it hears of a failure; a voice that fails while text still comes must not be an unhandled one.
    this.#spoken.promise.catch(() => undefined)
  }

  /** @throws {ProviderError} when the voice has failed meanwhile */
  write(text: string): void {
    if (this.#failure) throw this.#failure
    for (const phrase of this.#phrases.push(text)) this.#say(phrase)
  }

  /** Speaks the rest, or `otherwise` when there was no word at all, and waits for all audio. */
  async finish(otherwise: string): Promise<void> {
    for (const phrase of this.#phrases.flush()) this.#say(phrase)
    if (!this.#speech) this.#say(otherwise)
    this.#speech?.flush()
    const onAbort = () => {
      this.#spoken.reject(this.#signal.reason)
    }
    this.#signal.addEventListener('abort', onAbort, { once: true })
    try {
      await this.#spoken.promise
    } finally {
      this.#signal.removeEventListener('abort', onAbort)
    }
  }

  cancel(): void {
    this.#speech?.cancel()
  }

  #say(phrase: string): void {
    if (phrase.trim() === '') return
    this.#speech ??= this.#tts.speak({
      audio: (audio, alignment) => {
        this.#playback.push(audio, alignment)
      },
      done: () => {
        this.#spoken.resolve(undefined)
      },
      failed: (error) => {
        this.#failure = error
        this.#spoken.reject(error)
      },
    })
    this.#playback.addText(phrase)
    this.#speech.sendText(phrase)
    this.#onPhrase()
  }
}
