import { Circuits } from './calls/circuits/circuits.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Logger } from './log.ts'
import type { AnthropicConnection } from './providers/anthropic/client.ts'
import { probeModel } from './providers/anthropic/probe.ts'
import { StreamingStt } from './providers/deepgram/streaming-stt.ts'
import { StreamingTts } from './providers/elevenlabs/streaming-tts.ts'

type Surroundings = {
  readonly anthropic: AnthropicConnection
  readonly clock: Clock
  readonly log: Logger
}

/** What is known of the vendors, and how those that are broken are asked whether they are well again. */
export function composeCircuits(config: Config, surroundings: Surroundings): Circuits {
  const { anthropic, clock, log } = surroundings
  const model = (name: string) => (options: { signal: AbortSignal }) =>
    probeModel(anthropic.client, name, options)
  return new Circuits({
    needs: {
      hearing: ['deepgram'],
      thinking: ['anthropic', 'anthropic-fallback'],
      speaking: ['elevenlabs'],
    },
    probes: {
      deepgram: (options) => probeEars(config, surroundings, options),
      anthropic: model(config.ANTHROPIC_MODEL),
      'anthropic-fallback': model(config.ANTHROPIC_FALLBACK_MODEL),
      elevenlabs: (options) => probeVoice(config, surroundings, options),
    },
    clock,
    log,
  })
}

/** Whether somebody would be heard: the key, the account and the settings are checked when a connection is opened. */
async function probeEars(
  config: Config,
  { clock, log }: Surroundings,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const stt = new StreamingStt({
    apiKey: config.DEEPGRAM_API_KEY,
    baseUrl: config.DEEPGRAM_BASE_URL,
    model: config.DEEPGRAM_MODEL,
    language: config.LANGUAGE,
    eotThreshold: config.DEEPGRAM_EOT_THRESHOLD,
    eotTimeoutMs: config.DEEPGRAM_EOT_TIMEOUT_MS,
    endpointingMs: config.DEEPGRAM_ENDPOINTING_MS,
    utteranceEndMs: config.DEEPGRAM_UTTERANCE_END_MS,
    connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
    clock,
    log,
  })
  try {
    await stt.start(() => undefined, { signal })
  } finally {
    await stt.close()
  }
}

/** Whether a word would be spoken: an account that is used up is told of only then. */
async function probeVoice(
  config: Config,
  { clock, log }: Surroundings,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const tts = new StreamingTts({
    apiKey: config.ELEVENLABS_API_KEY,
    baseUrl: config.ELEVENLABS_BASE_URL,
    voiceId: config.ELEVENLABS_VOICE_ID,
    model: config.ELEVENLABS_MODEL,
    outputFormat: config.ELEVENLABS_OUTPUT_FORMAT,
    language: config.LANGUAGE,
    connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
    firstAudioTimeoutMs: config.ELEVENLABS_FIRST_AUDIO_TIMEOUT_MS,
    clock,
    log,
  })
  const spoken = Promise.withResolvers<undefined>()
  const stop = () => {
    spoken.reject(signal.reason as Error)
  }
  signal.addEventListener('abort', stop, { once: true })
  try {
    await tts.connect({ signal })
    const speech = tts.speak({
      audio: () => undefined,
      done: () => {
        spoken.resolve(undefined)
      },
      failed: spoken.reject,
    })
    speech.sendText('Yes.')
    speech.flush()
    await spoken.promise
  } finally {
    signal.removeEventListener('abort', stop)
    await tts.close()
  }
}
