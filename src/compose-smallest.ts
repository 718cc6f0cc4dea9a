import type { VendorChoice } from './calls/vendor-choice.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import { meteredCloud } from './metrics/metered-cloud.ts'
import type { Meters } from './metrics/meters.ts'
import type { CloudBackend } from './pipeline/cloud-backend.ts'
import type { SpeechToText, TextToSpeech } from './pipeline/ports.ts'
import { AtomsBackend } from './providers/smallest/atoms-backend.ts'
import { AtomsClient } from './providers/smallest/atoms-client.ts'
import { AtomsEdge } from './providers/smallest/atoms-edge.ts'
import { PulseStt } from './providers/smallest/pulse-stt.ts'
import { WavesClient } from './providers/smallest/waves-client.ts'
import { WavesTts } from './providers/smallest/waves-tts.ts'

type Surroundings = { readonly clock: Clock; readonly log: Logger }
type Spoken = { readonly brief: { readonly language: string } }

/** Who hears, and who speaks, in the calls of this server. */
export function vendorsOf(config: Config): VendorChoice {
  return {
    hearing: config.STT_PROVIDER === 'pulse' ? 'smallest' : 'deepgram',
    voice: config.TTS_PROVIDER === 'waves' ? 'smallest' : 'elevenlabs',
  }
}

/** Calls that an agent of Atoms carries. */
export type AtomsParts = {
  readonly backend: CloudBackend
  /** Undefined: there is no secret, so no webhook can be believed. */
  readonly edge: AtomsEdge | undefined
  close(): Promise<void>
}

/** Undefined when no agent is configured. */
export function composeAtoms(
  config: Config,
  { meters, clock }: { readonly meters: Pick<Meters, 'vendorFailed'>; readonly clock: Clock },
): AtomsParts | undefined {
  const { ATOMS_AGENT_ID: agentId, ATOMS_FROM_PRODUCT_ID: fromProductId } = config
  if (agentId === '') return undefined
  const client = atomsClientOf(config, clock)
  const backend = new AtomsBackend({ client, agentId, fromProductId: fromProductId || undefined })
  const { SMALLEST_WEBHOOK_SECRET: secret } = config
  return {
    backend: meteredCloud(backend, meters),
    edge: secret === '' ? undefined : new AtomsEdge({ secret }),
    close: () => client.close(),
  }
}

/** Whoever asks for it closes it. */
export function atomsClientOf(config: Config, clock: Clock): AtomsClient {
  return new AtomsClient({
    apiKey: config.SMALLEST_API_KEY,
    baseUrl: config.SMALLEST_ATOMS_BASE_URL,
    timeoutMs: config.SMALLEST_TIMEOUT_MS,
    clock,
  })
}

/** Whoever asks for it closes it. */
export function wavesClientOf(config: Config, clock: Clock): WavesClient {
  return new WavesClient({
    apiKey: config.SMALLEST_API_KEY,
    baseUrl: config.SMALLEST_WAVES_BASE_URL,
    timeoutMs: config.SMALLEST_TIMEOUT_MS,
    clock,
  })
}

/** Hears one call by Pulse. */
export function pulseHearing(
  config: Config,
  { brief }: Spoken,
  { clock, log }: Surroundings,
): SpeechToText {
  return new PulseStt({
    apiKey: config.SMALLEST_API_KEY,
    baseUrl: config.SMALLEST_WAVES_BASE_URL,
    model: config.PULSE_MODEL,
    language: brief.language,
    endOfUtteranceMs: config.PULSE_EOU_TIMEOUT_MS,
    wordTimes: config.PULSE_WORD_TIMESTAMPS,
    connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
    clock,
    log,
  })
}

/** Speaks in one call by Waves. */
export function wavesVoice(
  config: Config,
  { brief, voiceId }: Spoken & { readonly voiceId: string | undefined },
  { meters, clock, log }: Surroundings & { readonly meters: Pick<Meters, 'vendorReconnected'> },
): TextToSpeech {
  return new WavesTts({
    apiKey: config.SMALLEST_API_KEY,
    baseUrl: config.SMALLEST_WAVES_BASE_URL,
    voiceId: voiceId ?? config.WAVES_VOICE_ID,
    model: config.WAVES_MODEL,
    outputFormat: config.WAVES_OUTPUT_FORMAT,
    language: brief.language,
    wordTimes: config.WAVES_WORD_TIMESTAMPS,
    completeBackoffMs: config.WAVES_COMPLETE_BACKOFF_MS,
    connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
    firstAudioTimeoutMs: config.TTS_FIRST_AUDIO_TIMEOUT_MS,
    onReconnect: () => {
      meters.vendorReconnected('smallest')
    },
    clock,
    log,
  })
}
