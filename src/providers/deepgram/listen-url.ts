import { hearingModel, isFlux, languageHint, novaLanguage } from './hearing-model.ts'
import { usableKeyterms } from './keyterms.ts'

export type ListenOptions = {
  /** `https`, `http`, `wss` or `ws`; may have a path in front. */
  readonly baseUrl: string
  /** Of the languages that it does not know, another hears: see `hearingModel`. */
  readonly model: string
  /** BCP 47. */
  readonly language: string
  /** Flux: how sure the model must be that the turn has ended, 0.5 to 1. */
  readonly eotThreshold: number
  /** Flux: silence that ends a turn however unsure the model is. */
  readonly eotTimeoutMs: number
  /** Flux: how sure it must be for an eager end; without it there is none. 0.3 to 0.9, at most `eotThreshold`. */
  readonly eagerEotThreshold?: number
  /** Nova: silence that ends an utterance. */
  readonly endpointingMs: number
  /** Nova: gap between words that ends an utterance, also in noise; at least 1,000. */
  readonly utteranceEndMs: number
  /** Names and terms to listen for. */
  readonly keyterms?: readonly string[]
}

type Parameters = Readonly<Record<string, string | number | readonly string[] | undefined>>

/** Where to connect: endpoint and parameters follow from the model that hears the language. */
export function listenUrl(options: ListenOptions): string {
  const model = hearingModel(options.model, options.language)
  const [path, parameters] = isFlux(model)
    ? (['v2/listen', fluxParameters(model, options)] as const)
    : (['v1/listen', novaParameters(model, options)] as const)
  const base = options.baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')
  return `${base}/${path}?${query(parameters)}`
}

/** Flux refuses any parameter that it does not know, those of `/v1/listen` included. */
function fluxParameters(model: string, options: ListenOptions): Parameters {
  const { eotThreshold, eotTimeoutMs, eagerEotThreshold, language, keyterms = [] } = options
  return {
    model,
    encoding: 'mulaw',
    sample_rate: 8000,
    eot_threshold: eotThreshold,
    eot_timeout_ms: eotTimeoutMs,
    // It is refused above the other one.
    eager_eot_threshold: eagerEotThreshold && Math.min(eagerEotThreshold, eotThreshold),
    language_hint: languageHint(model, language),
    keyterm: usableKeyterms(keyterms),
  }
}

/** No `smart_format`: it may hold a final back for three seconds when a number might go on. */
function novaParameters(model: string, options: ListenOptions): Parameters {
  return {
    model,
    encoding: 'mulaw',
    sample_rate: 8000,
    channels: 1,
    language: novaLanguage(options.language),
    interim_results: 'true',
    endpointing: options.endpointingMs,
    utterance_end_ms: options.utteranceEndMs,
    // Tells at once that somebody goes on speaking; the words come up to a second later.
    vad_events: 'true',
    punctuate: 'true',
    numerals: 'true',
    // Older models know terms as `keywords`, and Nova-3 refuses those.
    [model.startsWith('nova-3') ? 'keyterm' : 'keywords']: usableKeyterms(options.keyterms ?? []),
  }
}

/** A list is its name repeated; spaces are `%20`, as Deepgram's own clients write them. */
function query(parameters: Parameters): string {
  return Object.entries(parameters)
    .flatMap(([name, value]) =>
      [value ?? []].flat().map((one) => `${name}=${encodeURIComponent(one)}`),
    )
    .join('&')
}
