import type { ElevenLabsKnobs } from './elevenlabs-knobs.ts'
import type { ChunkAlignment, VoiceChunk } from './elevenlabs-voice.ts'

type Spelling = Pick<ElevenLabsKnobs, 'snakeCase' | 'alignment'>

/** A frame of audio as the socket sends it: the audio first, and an `isFinal` that is null. */
export function audioFrame(chunk: VoiceChunk, contextId: string | undefined, knobs: Spelling) {
  const audio = Buffer.from(chunk.audio).toString('base64')
  const timing = knobs.alignment === 'given' ? chunk.alignment : null
  if (knobs.snakeCase) {
    const alignment = timing && snakeTiming(timing)
    const both = { alignment, normalized_alignment: alignment }
    return JSON.stringify({ audio, is_final: null, ...both, context_id: contextId })
  }
  const alignment = timing && camelTiming(timing)
  const both = { normalizedAlignment: alignment, alignment }
  return JSON.stringify({ audio, isFinal: null, ...both, contextId })
}

export function finalFrame(contextId: string | undefined, { snakeCase }: Spelling) {
  return JSON.stringify(
    snakeCase
      ? { is_final: true, context_id: contextId }
      : { audio: null, isFinal: true, contextId },
  )
}

function camelTiming({ chars, startMs, durationMs }: ChunkAlignment) {
  return { chars, charStartTimesMs: startMs, charDurationsMs: durationMs }
}

function snakeTiming({ chars, startMs, durationMs }: ChunkAlignment) {
  return { chars, char_start_times_ms: startMs, char_durations_ms: durationMs }
}
