import type { ConversationPlan } from './calls/call-settings.ts'
import type { Clock } from './clock.ts'
import { pulseHearing } from './compose-smallest.ts'
import type { Config } from './config.ts'
import { ConfigError, ProviderError } from './errors.ts'
import type { Logger } from './log.ts'
import { meteredHearing } from './metrics/metered-ports.ts'
import { type Meters, noMeters } from './metrics/meters.ts'
import { type Circuit, closedCircuit } from './pipeline/circuit.ts'
import type { Recogniser } from './pipeline/hearing/recogniser.ts'
import { SteadyHearing } from './pipeline/hearing/steady-hearing.ts'
import type { SpeechToText } from './pipeline/ports.ts'
import { StreamingStt } from './providers/deepgram/streaming-stt.ts'

/** A recogniser by its vendor's name for it. */
export type NamedEar = Config['STT_FALLBACK'][number]

export type EarSurroundings = {
  readonly meters?: Meters
  /** What all calls know of a recogniser, by the name of its circuit; by default nothing is remembered. */
  readonly circuitOf?: (name: string) => Circuit
  readonly clock: Clock
  readonly log: Logger
}

/** Whoever hears in a call, the usual one first, each with the name of its circuit: those that stand in have one of their own. */
export function namedEars(config: Config): readonly (NamedEar & { readonly circuit: string })[] {
  return [
    { ...usualEar(config), circuit: config.STT_PROVIDER },
    ...config.STT_FALLBACK.map((ear, i) => ({ ...ear, circuit: `ears-fallback-${i + 1}` })),
  ]
}

export function usualEar({ STT_PROVIDER: vendor, ...config }: Config): NamedEar {
  return { vendor, model: vendor === 'pulse' ? config.PULSE_MODEL : config.DEEPGRAM_MODEL }
}

export function nameOfEar({ vendor, model }: NamedEar): string {
  return `${vendor}:${model}`
}

/** One call's ears: the recogniser that is configured, and after it those that hear when it does not. */
export function composeEars(
  config: Config,
  plan: Pick<ConversationPlan, 'keyterms' | 'brief'>,
  surroundings: EarSurroundings,
): SpeechToText {
  const { meters = noMeters, circuitOf = () => closedCircuit, clock, log } = surroundings
  return new SteadyHearing({
    recognisers: namedEars(config).map((ear): Recogniser => ({
      name: nameOfEar(ear),
      vendor: ear.vendor === 'pulse' ? 'smallest' : ear.vendor,
      circuit: circuitOf(ear.circuit),
      make: (language) =>
        meteredHearing(
          vendorHearing(config, ear, { language, keyterms: plan.keyterms, clock, log }),
          meters,
        ),
    })),
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
  surroundings: Pick<EarSurroundings, 'clock' | 'log'>,
): Promise<void> {
  const problems = await Promise.all(
    config.STT_FALLBACK.map((ear) => problemOf(config, ear, surroundings)),
  )
  const found = problems.flat()
  if (found.length > 0) throw new ConfigError(found)
}

async function problemOf(
  config: Config,
  ear: NamedEar,
  { clock, log }: Pick<EarSurroundings, 'clock' | 'log'>,
): Promise<readonly string[]> {
  const name = nameOfEar(ear)
  try {
    await askEar(config, ear, { clock, log, signal: new AbortController().signal })
  } catch (error) {
    const isWrong =
      error instanceof ProviderError && (error.code === 'auth' || error.code === 'rejected')
    if (isWrong) return [`STT_FALLBACK: ${name} is refused: ${error.message}`]
    log.warn({ err: error, recogniser: name }, 'fallback for hearing is out of order')
  }
  return []
}

/**
 * Whether somebody would be heard: the key, the account and the settings are checked when a connection is opened.
 *
 * @throws {ProviderError} why not
 */
export async function askEar(
  config: Config,
  ear: NamedEar,
  { clock, log, signal }: { clock: Clock; log: Logger; signal: AbortSignal },
): Promise<void> {
  const stt = vendorHearing(config, ear, { language: config.LANGUAGE, keyterms: [], clock, log })
  try {
    await stt.start(() => undefined, { signal })
  } finally {
    await stt.close()
  }
}

type VendorSurroundings = {
  /** BCP 47 */
  readonly language: string
  readonly keyterms: readonly string[]
  readonly clock: Clock
  readonly log: Logger
}

/** A recogniser by itself. */
export function vendorHearing(
  config: Config,
  { vendor, model }: NamedEar,
  { language, keyterms, clock, log }: VendorSurroundings,
): SpeechToText {
  if (vendor === 'pulse') return pulseHearing(config, { model, language }, { clock, log })
  return new StreamingStt({
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
  })
}
