import { speakMulaw, speakPcm24k, SYMBOL_MS } from './tone-speech.ts'

export type VoiceFormat = 'pcm_24000' | 'ulaw_8000'

export function isVoiceFormat(name: string | null): name is VoiceFormat {
  return name === 'pcm_24000' || name === 'ulaw_8000'
}

/** When each character is spoken, in ms from the first sample of the chunk that it comes with. */
export type ChunkAlignment = {
  readonly chars: string[]
  readonly startMs: number[]
  readonly durationMs: number[]
}

export type VoiceChunk = {
  readonly audio: Uint8Array
  readonly ms: number
  readonly alignment: ChunkAlignment
}

/**
 * About 200 ms, and on purpose no multiple of anything: not of 20 ms, not of the three samples that become one, and of a
 * whole sample only when they shall not be split.
 */
const CHUNK_BYTES = { pcm_24000: 9602, ulaw_8000: 1601 } as const
const BYTES_PER_MS = { pcm_24000: 48, ulaw_8000: 8 } as const

/** The audio of a text with its timing, in the chunks in which it is sent. */
export function voiceChunks(
  text: string,
  format: VoiceFormat,
  options: { splitSamples: boolean },
): VoiceChunk[] {
  const audio = format === 'pcm_24000' ? speakPcm24k(text) : speakMulaw(text)
  const bytesPerMs = BYTES_PER_MS[format]
  const chunkBytes = CHUNK_BYTES[format] - (options.splitSamples ? 1 : 0)
  const characters = timesOf(text)
  const chunks: VoiceChunk[] = []
  for (let at = 0; at < audio.length; at += chunkBytes) {
    const end = Math.min(at + chunkBytes, audio.length)
    const from = at / bytesPerMs
    const to = end / bytesPerMs
    chunks.push({
      audio: audio.subarray(at, end),
      ms: to - from,
      alignment: alignmentOf(characters, from, to),
    })
  }
  return chunks
}

type CharacterTime = { readonly char: string; readonly startMs: number; readonly endMs: number }

function timesOf(text: string): CharacterTime[] {
  let endMs = 0
  return Array.from(text, (char) => {
    const startMs = endMs
    endMs += Buffer.byteLength(char) * SYMBOL_MS
    return { char, startMs, endMs }
  })
}

/** A character belongs to the chunk in which it begins, and ends there at the latest. */
function alignmentOf(characters: CharacterTime[], from: number, to: number): ChunkAlignment {
  const alignment: ChunkAlignment = { chars: [], startMs: [], durationMs: [] }
  while (characters[0] && characters[0].startMs < to) {
    const { char, startMs, endMs } = characters[0]
    characters.shift()
    alignment.chars.push(char)
    alignment.startMs.push(Math.round(startMs - from))
    alignment.durationMs.push(Math.round(Math.min(endMs, to) - startMs))
  }
  return alignment
}
