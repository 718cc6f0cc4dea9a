import { Circuits } from './calls/circuits/circuits.ts'
import type { VendorCircuitParts } from './calls/circuits/vendor-circuit.ts'
import type { Clock } from './clock.ts'
import { pulseHearing } from './compose-smallest.ts'
import { type NamedVoice, usualVoice, vendorVoice } from './compose-voice.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { noMeters } from './metrics/meters.ts'
import type { SpeechToText } from './pipeline/ports.ts'
import { spokenWhole } from './pipeline/voice/spoken-whole.ts'
import type { AnthropicConnection } from './providers/anthropic/client.ts'
import { probeModel } from './providers/anthropic/probe.ts'
import { StreamingStt } from './providers/deepgram/streaming-stt.ts'

type Surroundings = {
  readonly anthropic: AnthropicConnection
  readonly clock: Clock
  readonly log: Logger
}

type Probe = VendorCircuitParts['probe']

/** The shortest text that is a word in every language. */
const PROOF = 'OK.'

/** What is known of the vendors, and how those that are broken are asked whether they are well again. */
export function composeCircuits(config: Config, surroundings: Surroundings): Circuits {
  const { anthropic, clock, log } = surroundings
  const model = (name: string) => (options: { signal: AbortSignal }) =>
    probeModel(anthropic.client, name, options)
  const voices = [usualVoice(config), ...config.TTS_FALLBACK].map(
    (voice) => [voiceCircuit(config, voice), probeVoice(config, voice, surroundings)] as const,
  )
  const hearing = hearingCircuit(config)
  return new Circuits({
    needs: {
      hearing: [hearing],
      thinking: ['anthropic', 'anthropic-fallback'],
      speaking: voices.map(([name]) => name),
    },
    probes: {
      [hearing]: (options) => probeEars(config, surroundings, options),
      anthropic: model(config.ANTHROPIC_MODEL),
      'anthropic-fallback': model(config.ANTHROPIC_FALLBACK_MODEL),
      ...Object.fromEntries(voices),
    },
    clock,
    log,
  })
}

/** The name of the circuit of whoever hears. */
export function hearingCircuit(config: Config): string {
  return config.STT_PROVIDER
}

/** The name of a voice's circuit: a vendor's voices share one, unless one of them stands in for the others. */
export function voiceCircuit(config: Config, { vendor, voice }: NamedVoice): string {
  const standIn = config.TTS_FALLBACK.findIndex(
    (each) => each.vendor === vendor && each.voice === voice,
  )
  return standIn === -1 ? vendor : `voice-fallback-${standIn + 1}`
}

/** Whether somebody would be heard: the key, the account and the settings are checked when a connection is opened. */
async function probeEars(
  config: Config,
  surroundings: Surroundings,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const stt = ears(config, surroundings)
  try {
    await stt.start(() => undefined, { signal })
  } finally {
    await stt.close()
  }
}

function ears(config: Config, { clock, log }: Surroundings): SpeechToText {
  const language = config.LANGUAGE
  if (config.STT_PROVIDER === 'pulse')
    return pulseHearing(config, { brief: { language } }, { clock, log })
  return new StreamingStt({
    apiKey: config.DEEPGRAM_API_KEY,
    baseUrl: config.DEEPGRAM_BASE_URL,
    model: config.DEEPGRAM_MODEL,
    language,
    eotThreshold: config.DEEPGRAM_EOT_THRESHOLD,
    eotTimeoutMs: config.DEEPGRAM_EOT_TIMEOUT_MS,
    endpointingMs: config.DEEPGRAM_ENDPOINTING_MS,
    utteranceEndMs: config.DEEPGRAM_UTTERANCE_END_MS,
    connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
    clock,
    log,
  })
}

/** Whether a word would be spoken: an account that is used up is told of only then. */
function probeVoice(config: Config, voice: NamedVoice, { clock, log }: Surroundings): Probe {
  return async ({ signal }) => {
    const parts = { language: config.LANGUAGE, meters: noMeters, clock, log }
    const tts = vendorVoice(config, voice, parts)
    try {
      await spokenWhole(tts, PROOF, { clock, signal })
    } finally {
      await tts.close()
    }
  }
}
