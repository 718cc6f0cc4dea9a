import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTool } from '@mastra/core/tools'
import { z } from 'zod'
import { orRefused, Refused } from './tool-refusal.ts'

/** What the tool asks of Smallest.ai's Waves: a method of `WavesClient`. */
export type WavesPort = {
  /** A whole WAV file. */
  synthesize(request: {
    readonly text: string
    readonly voiceId: string
    readonly model?: string
    readonly speed?: number
    readonly sampleRateHz: 24_000
    readonly outputFormat: 'wav'
  }): Promise<Uint8Array>
}

const SAMPLE_RATE_HZ = 24_000
const WAV_HEADER_BYTES = 44
const SAMPLE_BYTES = 2

/** Speaks a text into a file. The model learns where it is and how long, and never sees the sound: it would be all of its context. */
export function createWavesTool(
  waves: WavesPort,
  options: { readonly voiceId: string; readonly dir: string },
) {
  return createTool({
    id: 'waves-tts',
    description:
      'Speaks a text by Smallest.ai’s Waves, into a WAV file. Returns the path and the duration.',
    inputSchema: z.object({
      text: z.string().min(1).max(5000),
      voice_id: z.string().optional().describe('Default: the configured voice'),
      speed: z.number().min(0.5).max(2).optional(),
      model: z.string().optional().describe('Such as lightning_v3.1; a voice belongs to one model'),
    }),
    outputSchema: z.discriminatedUnion('success', [
      z.object({
        success: z.literal(true),
        path: z.string(),
        durationS: z.number(),
        contentType: z.literal('audio/wav'),
      }),
      Refused,
    ]),
    execute: ({ text, voice_id: voiceId = options.voiceId, speed, model }) =>
      orRefused(async () => {
        const wav = await waves.synthesize({
          text,
          voiceId,
          ...(speed !== undefined && { speed }),
          ...(model !== undefined && { model }),
          sampleRateHz: SAMPLE_RATE_HZ,
          outputFormat: 'wav',
        })
        await mkdir(options.dir, { recursive: true, mode: 0o700 })
        const path = join(options.dir, `${randomUUID()}.wav`)
        await writeFile(path, wav, { mode: 0o600 })
        const samples = Math.max(0, wav.length - WAV_HEADER_BYTES) / SAMPLE_BYTES
        return {
          success: true as const,
          path,
          durationS: Math.round((samples / SAMPLE_RATE_HZ) * 1000) / 1000,
          contentType: 'audio/wav' as const,
        }
      }),
  })
}
