import { MULAW_SILENCE, type Mulaw8k } from '../../audio/samples.ts'
import { type ByteSink, mulawStereoSamples, MulawWavWriter } from '../../audio/wav-writer.ts'

/** Silence in place of lost sound is written in pieces of a second. */
const SILENCE_PIECE = new Uint8Array(8000).fill(MULAW_SILENCE)

/**
 * A recording on its way to the disk, one piece at a time: `append` neither waits nor throws. What there was no time to
 * write becomes silence, so that all that follows stays in its place. Opened with the first piece.
 */
export class RecordingFile {
  readonly #parts: RecordingFileParts
  #writer: MulawWavWriter | undefined
  #writing: Promise<void> | undefined
  /** Samples that are being written. */
  #busySamples = 0
  /** Samples of silence that go before the next piece. */
  #owed = 0
  #lost = 0
  #hasFailed = false

  constructor(parts: RecordingFileParts) {
    this.#parts = parts
  }

  /** Samples that were handed over and are not in the file yet; 0 when the file takes the next piece. */
  get busySamples(): number {
    return this.#busySamples
  }

  /** Samples of sound that the disk was too slow for. */
  get lostSamples(): number {
    return this.#lost
  }

  /** Takes the next piece of both sides, which are of the same length; only when nothing is being written. */
  append(left: Mulaw8k, right: Mulaw8k): void {
    if (this.#hasFailed || left.length === 0) return
    this.#busySamples = left.length
    this.#writing = this.#write(left, right).finally(() => {
      this.#busySamples = 0
    })
  }

  /** So much of the call is not to be had. */
  skip(samples: number): void {
    this.#owed += samples
    this.#lost += samples
  }

  /** Resolves when what was handed over is in the file, or never will be. */
  async idle(): Promise<void> {
    await this.#writing
  }

  /** Never rejects. */
  async close(): Promise<void> {
    await this.idle()
    try {
      await this.#writer?.close()
    } catch (error) {
      this.#fail(error)
    }
  }

  async #write(left: Mulaw8k, right: Mulaw8k): Promise<void> {
    try {
      this.#writer ??= await this.#open()
      while (this.#owed > 0) {
        const silence = SILENCE_PIECE.subarray(0, this.#owed)
        await this.#writer.append(silence, silence)
        this.#owed -= silence.length
      }
      await this.#writer.append(left, right)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** What lies between the end of a file that is gone on with and now is silence. */
  async #open(): Promise<MulawWavWriter> {
    const { open, beginsAt = 0 } = this.#parts
    const sink = await open()
    const samples = mulawStereoSamples(sink.size ?? 0)
    this.#owed += Math.max(0, beginsAt - samples)
    return new MulawWavWriter(sink, samples)
  }

  #fail(error: unknown): void {
    if (this.#hasFailed) return
    this.#hasFailed = true
    this.#parts.onFailed(error)
  }
}

export type RecordingFileParts = {
  readonly open: () => Promise<ByteSink & { readonly size?: number }>
  /** The sample of the call that the first piece begins at; later than 0 when another process has recorded so far. */
  readonly beginsAt?: number
  /** Told once, of the failure that ends the recording. */
  readonly onFailed: (error: unknown) => void
}
