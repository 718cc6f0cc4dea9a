import type { Mulaw8k } from '../../audio/samples.ts'
import type { Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import { Phrases } from '../phrases.ts'
import type { SpeechListener, TextToSpeech } from '../ports.ts'

/** Nobody waits for it on a line. */
const STALL_MS = 15_000

/**
 * Text, whole or as it is written, spoken: its sound as it comes. Who stops listening stops the speech.
 *
 * @throws {ProviderError} when the voice fails, or is silent for too long
 * @throws the signal's reason when aborted
 */
export async function* spokenPieces(
  tts: TextToSpeech,
  text: string | AsyncIterable<string>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): AsyncGenerator<Mulaw8k> {
  signal.throwIfAborted()
  const sound = new Sound()
  const speech = tts.speak(sound)
  const onAbort = () => {
    sound.failed(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  const writing = write(text, speech).catch(sound.failed)
  try {
    for (;;) {
      yield* sound.taken()
      if (sound.isOver) break
      const cancel = clock.after(STALL_MS, () => {
        sound.failed(new Error(`no sound within ${STALL_MS} ms`))
      })
      await sound.more()
      cancel()
    }
    await writing
  } finally {
    signal.removeEventListener('abort', onAbort)
    if (!sound.isEnded) speech.cancel()
  }
}

/** What has come of a speech and is not taken yet. */
class Sound implements SpeechListener {
  #pieces: Mulaw8k[] = []
  #more = Promise.withResolvers<undefined>()
  #isDone = false
  #failure: unknown

  /** Nothing more comes. @throws why it has failed */
  get isOver(): boolean {
    if (this.#failure !== undefined) throw this.#failure as Error
    return this.#isDone && this.#pieces.length === 0
  }

  /** It has come to an end by itself, and hears no `cancel`. */
  get isEnded(): boolean {
    return this.#isDone || this.#failure instanceof ProviderError
  }

  taken(): Mulaw8k[] {
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }

  more(): Promise<undefined> {
    return this.#pieces.length > 0 ? Promise.resolve(undefined) : this.#more.promise
  }

  audio(audio: Mulaw8k): void {
    this.#pieces.push(audio)
    this.#wake()
  }

  done(): void {
    this.#isDone = true
    this.#wake()
  }

  readonly failed = (error: unknown): void => {
    this.#failure ??= error
    this.#wake()
  }

  #wake(): void {
    this.#more.resolve(undefined)
    this.#more = Promise.withResolvers<undefined>()
  }
}

async function write(
  text: string | AsyncIterable<string>,
  speech: { sendText(text: string): void; flush(): void },
): Promise<void> {
  const phrases = new Phrases()
  for await (const piece of typeof text === 'string' ? [text] : text) {
    for (const phrase of phrases.push(piece)) speech.sendText(phrase)
  }
  for (const phrase of phrases.flush()) speech.sendText(phrase)
  speech.flush()
}
