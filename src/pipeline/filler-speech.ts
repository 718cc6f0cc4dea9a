import type { Mulaw8k } from '../audio/samples.ts'
import type { Alignment, Speech, TextToSpeech } from './ports.ts'

type Filler = {
  speech?: Speech
  /** It has been heard of: what the reply has to say follows it. */
  isHeard: boolean
}

/**
 * Words that only fill the wait for a reply, in a speech of their own, so that they are heard even while the reply's own
 * speech has stalled. Never two at once, and never on top of the reply: whichever sounds first goes first, and a filler that
 * comes second is dropped.
 */
export class FillerSpeech {
  readonly #tts: TextToSpeech
  readonly #sink: FillerSink
  readonly #waiting: (() => void)[] = []
  #filler: Filler | undefined

  constructor(tts: TextToSpeech, sink: FillerSink) {
    this.#tts = tts
    this.#sink = sink
  }

  say(text: string): void {
    if (this.#filler) return
    const filler: Filler = { isHeard: false }
    this.#filler = filler
    const over = () => {
      if (this.#filler !== filler) return
      if (filler.isHeard) this.#sink.end()
      this.#filler = undefined
      for (const run of this.#waiting.splice(0)) run()
    }
    const speech = this.#tts.speak({
      audio: (audio, alignment) => {
        if (this.#filler !== filler || audio.length === 0) return
        if (!filler.isHeard) this.#sink.begin(text)
        filler.isHeard = true
        this.#sink.audio(audio, alignment)
      },
      done: over,
      // What fails a filler fails the reply as well, which says so.
      failed: over,
    })
    filler.speech = speech
    speech.sendText(`${text} `)
    speech.flush()
  }

  /** The reply has something to say: at once, or when the filler that is heard is over. */
  give(way: () => void): void {
    if (this.#filler?.isHeard) this.#waiting.push(way)
    else {
      this.drop()
      way()
    }
  }

  /** Nothing more of it is wanted. */
  drop(): void {
    const filler = this.#filler
    this.#filler = undefined
    filler?.speech?.cancel()
    for (const run of this.#waiting.splice(0)) run()
  }
}

/** Where the sound of fillers goes. */
export type FillerSink = {
  begin(text: string): void
  audio(audio: Mulaw8k, alignment?: Alignment): void
  /** The last sound of it has come. */
  end(): void
}
