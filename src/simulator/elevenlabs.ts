export type ElevenLabsKnobs = { firstAudioMs: number }
