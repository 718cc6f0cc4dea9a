import { pcmToMulaw } from './mulaw.ts'
import { Resampler24kTo8k } from './resample.ts'
import type { Mulaw8k, Pcm24kBytes } from './samples.ts'

/** ElevenLabs' PCM 24 kHz to Twilio's μ-law 8 kHz, as a stream: one instance for each piece of continuous speech. */
export class ElevenLabsToTwilio {
  readonly #resampler = new Resampler24kTo8k()

  /** Takes a chunk of any length, even one that ends inside a sample. */
  push(pcm: Pcm24kBytes): Mulaw8k {
    return pcmToMulaw(this.#resampler.push(pcm))
  }

  /** The last 2.6 ms, which the filter holds back until it knows that nothing follows. */
  flush(): Mulaw8k {
    return pcmToMulaw(this.#resampler.flush())
  }
}
