import { ElevenLabsToTwilio } from '../../audio/elevenlabs-to-twilio.ts'
import { Pcm8kToMulaw } from '../../audio/pcm8k-to-mulaw.ts'
import type { Mulaw8k } from '../../audio/samples.ts'
import type { SocketRequest } from './waves-messages.ts'

/**
 * What the voice sends. The socket's schema names no format, and PCM is what it is known to send: `ulaw_8000`, the line's own,
 * asks for one in the field that the HTTP endpoints have for it.
 */
export type WavesFormat = 'pcm_8000' | 'pcm_24000' | 'ulaw_8000'

/** Turns the audio of one speech, in whatever chunks it comes, into the line's. */
export interface WavesDecoder {
  push(audio: Uint8Array): Mulaw8k
  flush(): Mulaw8k
}

export function decoderFor(format: WavesFormat): WavesDecoder {
  switch (format) {
    case 'pcm_24000':
      return new ElevenLabsToTwilio()
    case 'pcm_8000':
      return new Pcm8kToMulaw()
    case 'ulaw_8000':
      return asItComes
  }
}

const asItComes: WavesDecoder = { push: (audio) => audio, flush: () => new Uint8Array(0) }

/** The fields of a request that ask for it. */
export function formatFields(
  format: WavesFormat,
): Pick<SocketRequest, 'sample_rate' | 'output_format'> {
  switch (format) {
    case 'pcm_24000':
      return { sample_rate: 24_000 }
    case 'pcm_8000':
      return { sample_rate: 8000 }
    case 'ulaw_8000':
      return { sample_rate: 8000, output_format: 'ulaw' }
  }
}
