import { MULAW_BYTES_PER_MS, type Mulaw8k } from '../../audio/samples.ts'
import type { Clock } from '../../clock.ts'
import { ProviderError } from '../../errors.ts'
import type { Alignment, TextToSpeech } from '../ports.ts'

/** Nobody waits for it on a line. */
const TIMEOUT_MS = 15_000

export type SpokenWhole = { readonly audio: Mulaw8k; readonly alignment: Alignment | undefined }

/**
 * A text in one piece, with its timing if all of it has some.
 *
 * @throws {ProviderError} when the voice fails
 * @throws the signal's reason when aborted
 */
export async function spokenWhole(
  tts: TextToSpeech,
  text: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<SpokenWhole> {
  signal.throwIfAborted()
  const pieces: SpokenWhole[] = []
  const over = Promise.withResolvers<undefined>()
  const speech = tts.speak({
    audio: (audio, alignment) => {
      pieces.push({ audio, alignment })
    },
    done: () => {
      over.resolve(undefined)
    },
    failed: over.reject,
  })
  const onAbort = () => {
    over.reject(signal.reason)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  const cancel = clock.after(TIMEOUT_MS, () => {
    over.reject(new Error(`not spoken within ${TIMEOUT_MS} ms`))
  })
  try {
    speech.sendText(text)
    speech.flush()
    await over.promise
    return joined(pieces)
  } catch (error) {
    // One that has failed by itself hears nothing of it.
    if (!(error instanceof ProviderError)) speech.cancel()
    throw error
  } finally {
    cancel()
    signal.removeEventListener('abort', onAbort)
  }
}

function joined(pieces: readonly SpokenWhole[]): SpokenWhole {
  const audio = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.audio.length, 0))
  const chars: string[] = []
  const startMs: number[] = []
  const durationMs: number[] = []
  let at = 0
  let isTimed = true
  for (const piece of pieces) {
    audio.set(piece.audio, at)
    const atMs = at / MULAW_BYTES_PER_MS
    at += piece.audio.length
    isTimed &&= piece.alignment !== undefined || piece.audio.length === 0
    for (const char of piece.alignment?.chars ?? []) chars.push(char)
    for (const ms of piece.alignment?.startMs ?? []) startMs.push(ms + atMs)
    for (const ms of piece.alignment?.durationMs ?? []) durationMs.push(ms)
  }
  return { audio, alignment: isTimed ? { chars, startMs, durationMs } : undefined }
}
