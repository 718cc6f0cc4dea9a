import { mulawToPcm } from '../audio/mulaw.ts'
import { wavFile } from '../audio/wav.ts'
import type { SpeechRequest } from '../providers/smallest/waves-messages.ts'
import { speakMulaw, speakPcm24k, SYMBOL_MS } from './tone-speech.ts'

/** A piece of audio, and the words that begin in it. */
export type WavesChunk = {
  readonly audio: Uint8Array
  readonly ms: number
  readonly words: readonly {
    readonly word: string
    readonly startMs: number
    readonly endMs: number
  }[]
}

/** On purpose no multiple of anything: not of 20 ms, not of three samples, not even of one. */
const CHUNK_MS = 200
const ODD_BYTES = 1

type Asked = Pick<SpeechRequest, 'sample_rate' | 'output_format'>

/** Whether the stand-in can speak like that; Waves knows more rates and formats. */
export function isSpoken({ sample_rate: rate = 44_100, output_format: format = 'pcm' }: Asked) {
  if (format === 'ulaw') return rate === 8000
  return (format === 'pcm' || format === 'wav') && (rate === 8000 || rate === 24_000)
}

/** The whole audio of a text. */
export function wavesAudio(text: string, { sample_rate: rate, output_format }: Asked): Uint8Array {
  if (output_format === 'ulaw') return speakMulaw(text)
  const pcm = rate === 24_000 ? samplesOf(speakPcm24k(text)) : mulawToPcm(speakMulaw(text))
  if (output_format === 'wav') return wavFile({ sampleRateHz: rate ?? 0, channels: [pcm] })
  return new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength)
}

function samplesOf(bytes: Uint8Array): Int16Array {
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)
}

/** The audio of a text as it is sent. */
export function wavesChunks(text: string, asked: Asked): WavesChunk[] {
  const audio = wavesAudio(text, asked)
  const totalMs = Buffer.byteLength(text) * SYMBOL_MS
  const bytesPerMs = audio.length / totalMs
  const chunkBytes = Math.round(CHUNK_MS * bytesPerMs) + ODD_BYTES
  const words = wordsOf(text)
  const chunks: WavesChunk[] = []
  for (let at = 0; at < audio.length; at += chunkBytes) {
    const end = Math.min(at + chunkBytes, audio.length)
    chunks.push({
      audio: audio.subarray(at, end),
      ms: (end - at) / bytesPerMs,
      words: words.filter(
        ({ startMs }) => startMs >= at / bytesPerMs && startMs < end / bytesPerMs,
      ),
    })
  }
  return chunks
}

function wordsOf(text: string): WavesChunk['words'] {
  return Array.from(text.matchAll(/\S+/gu), ({ 0: word, index }) => {
    const startMs = Buffer.byteLength(text.slice(0, index)) * SYMBOL_MS
    return { word, startMs, endMs: startMs + Buffer.byteLength(word) * SYMBOL_MS }
  })
}
