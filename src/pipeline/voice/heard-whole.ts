import {
  FRAME_BYTES,
  MULAW_BYTES_PER_MS,
  MULAW_SILENCE,
  type Mulaw8k,
} from '../../audio/samples.ts'
import type { Clock } from '../../clock.ts'
import type { HearingEvent, SpeechToText } from '../ports.ts'

const FRAME_MS = FRAME_BYTES / MULAW_BYTES_PER_MS
/** Silence after the sound, in which an ear makes up its mind: at least, and at most while a turn is open. */
const LEAST_SILENCE_MS = 1500
const MOST_SILENCE_MS = 10_000

/**
 * What is said in a piece of sound, a turn an item. It is played to the ear at the pace of speech, as a line would: faster, vendors
 * end turns where there is no end.
 *
 * @throws {ProviderError} when the ear fails
 * @throws the signal's reason when aborted
 */
export async function heardWhole(
  stt: SpeechToText,
  audio: Mulaw8k,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<readonly string[]> {
  signal.throwIfAborted()
  const over = new AbortController()
  const turns = new HeardTurns((error) => {
    over.abort(error)
  })
  const until = AbortSignal.any([signal, over.signal])
  try {
    await stt.start(turns.take, { signal: until })
    const player = new Player(stt, clock, until)
    await player.play(audio)
    await player.play(silence(LEAST_SILENCE_MS))
    const deadline = clock.now() + MOST_SILENCE_MS
    while (turns.isOpen && clock.now() < deadline) await player.play(silence(5 * FRAME_MS))
  } finally {
    await stt.close()
  }
  until.throwIfAborted()
  return turns.finish()
}

function silence(ms: number): Mulaw8k {
  return new Uint8Array(ms * MULAW_BYTES_PER_MS).fill(MULAW_SILENCE)
}

/** Turns as they are heard. */
class HeardTurns {
  readonly #texts: string[] = []
  readonly #onFailed: (error: Error) => void
  #open = ''

  constructor(onFailed: (error: Error) => void) {
    this.#onFailed = onFailed
  }

  get isOpen(): boolean {
    return this.#open !== ''
  }

  readonly take = (event: HearingEvent): void => {
    if (event.type === 'words' || event.type === 'eager_end') this.#open = event.text
    if (event.type === 'failed') this.#onFailed(event.error)
    if (event.type !== 'turn_end') return
    this.#open = ''
    if (event.text.trim() !== '') this.#texts.push(event.text.trim())
  }

  /** A turn that was never ended is one all the same. */
  finish(): readonly string[] {
    return this.#open === '' ? this.#texts : [...this.#texts, this.#open.trim()]
  }
}

class Player {
  readonly #stt: SpeechToText
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #dueMs: number

  constructor(stt: SpeechToText, clock: Clock, signal: AbortSignal) {
    this.#stt = stt
    this.#clock = clock
    this.#signal = signal
    this.#dueMs = clock.now()
  }

  async play(audio: Mulaw8k): Promise<void> {
    for (let at = 0; at < audio.length; at += FRAME_BYTES) {
      const waitMs = this.#dueMs - this.#clock.now()
      if (waitMs > 0) await this.#clock.sleep(waitMs, { signal: this.#signal })
      this.#signal.throwIfAborted()
      this.#stt.sendAudio(audio.subarray(at, at + FRAME_BYTES))
      this.#dueMs += FRAME_MS
    }
  }
}
