import type { Clock } from './clock.ts'
import { usualEar, vendorHearing } from './compose-ears.ts'
import { type NamedVoice, usualVoice, vendorVoice } from './compose-voice.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { noMeters } from './metrics/meters.ts'
import type { SpeechToText, TextToSpeech } from './pipeline/ports.ts'

/** The ears and voices of calls, for sound that is none of a call's: agents, files, the command line. */
export type SpeechVendors = {
  /** Whoever asks closes it. `voiceId`: another voice of the same vendor. */
  speech(voiceId?: string): TextToSpeech
  /** Whoever asks closes it. */
  hearing(): SpeechToText
  readonly voices: readonly NamedVoice[]
}

export type SpeechChoice = {
  /** Default: the configured one. */
  readonly voice?: NamedVoice | undefined
  /** Default: the configured one. */
  readonly hearing?: Config['STT_PROVIDER'] | undefined
  /** BCP 47; default: the configured one. */
  readonly language?: string | undefined
}

export function composeSpeech(
  config: Config,
  choice: SpeechChoice,
  parts: { readonly clock: Clock; readonly log: Logger },
): SpeechVendors {
  const { voice = usualVoice(config), language = config.LANGUAGE } = choice
  const heard = { ...config, STT_PROVIDER: choice.hearing ?? config.STT_PROVIDER }
  return {
    speech: (voiceId = voice.voice) =>
      vendorVoice(config, { ...voice, voice: voiceId }, { ...parts, meters: noMeters, language }),
    hearing: () => vendorHearing(config, usualEar(heard), { ...parts, language, keyterms: [] }),
    voices: [voice, ...config.TTS_FALLBACK.filter(({ vendor }) => vendor === voice.vendor)],
  }
}

/** A vendor's voice by its name, or its usual one. Undefined: no voice of it is configured. */
export function voiceBy(
  config: Config,
  vendor: NamedVoice['vendor'],
  voiceId?: string,
): NamedVoice | undefined {
  const known = [
    { vendor: 'elevenlabs', voice: config.ELEVENLABS_VOICE_ID } as const,
    { vendor: 'waves', voice: config.WAVES_VOICE_ID } as const,
    ...config.TTS_FALLBACK,
  ].find((each) => each.vendor === vendor && each.voice !== '')
  return voiceId === undefined ? known : { vendor, voice: voiceId }
}
