/**
 * Audio is typed by brand, so that a buffer of the wrong format does not compile.
 * Twilio's format is μ-law 8 kHz mono, ElevenLabs' is PCM S16LE 24 kHz mono.
 */
declare const format: unique symbol

/** G.711 μ-law bytes, 8,000 a second, mono: 8 bytes are a millisecond. */
export type Mulaw8k = Uint8Array & { readonly [format]?: 'mulaw8k' }
/** Signed 16-bit samples, 8,000 a second, mono. */
export type Pcm8k = Int16Array & { readonly [format]?: 'pcm8k' }
/** Little-endian signed 16-bit PCM bytes, 24,000 samples a second, mono. A chunk may end inside a sample. */
export type Pcm24kBytes = Uint8Array & { readonly [format]?: 'pcm24k-bytes' }

export const MULAW_BYTES_PER_MS = 8
/** One Twilio media frame: 20 ms. */
export const FRAME_BYTES = 160
/** μ-law of a zero sample: silence. */
export const MULAW_SILENCE = 0xff
