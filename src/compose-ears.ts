import type { ConversationPlan } from './calls/call-settings.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import { ConfigError, type Provider, ProviderError } from './errors.ts'
import type { Logger } from './log.ts'
import { meteredHearing } from './metrics/metered-ports.ts'
import { type Meters, noMeters } from './metrics/meters.ts'
import { type Circuit, closedCircuit } from './pipeline/circuit.ts'
import type { Recogniser } from './pipeline/hearing/recogniser.ts'
import { SteadyHearing } from './pipeline/hearing/steady-hearing.ts'
import type { SpeechToText } from './pipeline/ports.ts'
import { StreamingStt } from './providers/deepgram/streaming-stt.ts'

export type EarSurroundings = {
  readonly meters?: Meters
  /** Of a vendor, for the whole process. */
  readonly circuitOf?: (vendor: Provider) => Circuit
  readonly clock: Clock
  readonly log: Logger
}

/** One call's ears: the recogniser that is configured, and after it those that hear when it does not. */
export function composeEars(
  config: Config,
  plan: Pick<ConversationPlan, 'keyterms' | 'brief'>,
  surroundings: EarSurroundings,
): SpeechToText {
  const { meters = noMeters, clock, log } = surroundings
  return new SteadyHearing({
    recognisers: recognisersOf(config, plan.keyterms, surroundings),
    language: plan.brief.language,
    random: Math.random,
    onReconnect: (vendor) => {
      meters.vendorReconnected(vendor)
    },
    clock,
    log,
  })
}

/**
 * Connects once to each of the fallbacks, so that a wrong one is found before a call depends on it. One that is merely out of
 * order is only logged.
 *
 * @throws {ConfigError} when a vendor does not take what the configuration says
 */
export async function checkFallbackEars(
  config: Config,
  surroundings: EarSurroundings,
): Promise<void> {
  const [, ...fallbacks] = recognisersOf(config, [], surroundings)
  const problems = await Promise.all(
    fallbacks.map((fallback) => problemOf(fallback, config.LANGUAGE, surroundings.log)),
  )
  const found = problems.flat()
  if (found.length > 0) throw new ConfigError(found)
}

async function problemOf(
  recogniser: Recogniser,
  language: string,
  log: Logger,
): Promise<readonly string[]> {
  const { name } = recogniser
  const stt = recogniser.make(language)
  try {
    await stt.start(() => undefined, { signal: new AbortController().signal })
  } catch (error) {
    const isWrong =
      error instanceof ProviderError && (error.code === 'auth' || error.code === 'rejected')
    if (isWrong) return [`STT_FALLBACK: ${name} is refused: ${error.message}`]
    log.warn({ err: error, recogniser: name }, 'fallback for hearing is out of order')
  } finally {
    await stt.close()
  }
  return []
}

function recognisersOf(
  config: Config,
  keyterms: readonly string[],
  surroundings: EarSurroundings,
): readonly Recogniser[] {
  return [
    deepgram(config, config.DEEPGRAM_MODEL, { ...surroundings, keyterms }),
    ...config.STT_FALLBACK.map(({ model }) =>
      deepgram(config, model, { ...surroundings, keyterms }),
    ),
  ]
}

function deepgram(
  config: Config,
  model: string,
  parts: EarSurroundings & { readonly keyterms: readonly string[] },
): Recogniser {
  const { meters = noMeters, circuitOf = () => closedCircuit, keyterms, clock, log } = parts
  return {
    name: `deepgram:${model}`,
    vendor: 'deepgram',
    circuit: circuitOf('deepgram'),
    make: (language) =>
      meteredHearing(
        new StreamingStt({
          apiKey: config.DEEPGRAM_API_KEY,
          baseUrl: config.DEEPGRAM_BASE_URL,
          model,
          language,
          keyterms,
          eotThreshold: config.DEEPGRAM_EOT_THRESHOLD,
          ...(config.SPECULATION && { eagerEotThreshold: config.DEEPGRAM_EAGER_EOT_THRESHOLD }),
          eotTimeoutMs: config.DEEPGRAM_EOT_TIMEOUT_MS,
          endpointingMs: config.DEEPGRAM_ENDPOINTING_MS,
          utteranceEndMs: config.DEEPGRAM_UTTERANCE_END_MS,
          connectTimeoutMs: config.STT_CONNECT_TIMEOUT_MS,
          clock,
          log,
        }),
        meters,
      ),
  }
}
