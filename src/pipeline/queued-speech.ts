import type { ProviderError } from '../errors.ts'
import type { FillerSpeech } from './filler-speech.ts'
import type { Playback } from './playout.ts'
import type { Speech, TextToSpeech } from './ports.ts'

/** One speech of a reply: its audio is played after that of the speech before it, whichever the vendor makes first. */
export class QueuedSpeech {
  /** Resolves when all of its audio was handed to the playback; rejects with the `ProviderError` of a voice that failed. */
  readonly over: Promise<undefined>
  readonly #speech: Speech
  readonly #waiting: (() => void)[] = []
  #isNext: boolean
  #failure: ProviderError | undefined

  constructor(options: {
    tts: TextToSpeech
    playback: Playback
    fillers: Pick<FillerSpeech, 'give'>
    before: QueuedSpeech | undefined
  }) {
    const { tts, playback, fillers, before } = options
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    this.over = promise
    // Whoever awaits it hears of a failure; a voice that fails while text still comes must not be an unhandled one.
    promise.catch(() => undefined)
    this.#isNext = before === undefined
    before?.over.then(
      () => {
        this.#isNext = true
        for (const run of this.#waiting.splice(0)) run()
      },
      // What the speech before it did not say leaves this one without a beginning: none of it is heard.
      () => undefined,
    )
    this.#speech = tts.speak({
      audio: (audio, alignment) => {
        this.#inTurn(() => {
          fillers.give(() => {
            playback.push(audio, alignment)
          })
        })
      },
      done: () => {
        this.#inTurn(() => {
          fillers.give(() => {
            resolve(undefined)
          })
        })
      },
      failed: (error) => {
        this.#failure = error
        reject(error)
      },
    })
  }

  /** Why no more audio comes. */
  get failure(): ProviderError | undefined {
    return this.#failure
  }

  sendText(text: string): void {
    this.#speech.sendText(text)
  }

  flush(): void {
    this.#speech.flush()
  }

  cancel(): void {
    this.#speech.cancel()
  }

  #inTurn(run: () => void): void {
    if (this.#isNext) run()
    else this.#waiting.push(run)
  }
}
