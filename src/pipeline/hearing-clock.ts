import { MULAW_BYTES_PER_MS } from '../audio/samples.ts'

/**
 * Turns a time in the audio, as the speech-to-text vendor counts it, into a time on our clock: the audio that was sent
 * `n` ms before the newest arrived `n` ms ago.
 */
export class HearingClock {
  #sentBytes = 0

  sent(bytes: number): void {
    this.#sentBytes += bytes
  }

  /** When the caller's audio at `audioMs` reached us; `now` is the present time. */
  timeOf(audioMs: number, now: number): number {
    return now - Math.max(0, this.#sentBytes / MULAW_BYTES_PER_MS - audioMs)
  }
}
