export type ListenOptions = {
  /** `https`, `http`, `wss` or `ws`; may have a path in front. */
  readonly baseUrl: string
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

/** Flux ends turns itself; every other model is of Nova's family, which leaves that to us. */
export function isFlux(model: string): boolean {
  return model.startsWith('flux-')
}

/** Where to connect: endpoint and parameters follow from the model. */
export function listenUrl(options: ListenOptions): string {
  const [path, parameters] = isFlux(options.model)
    ? (['v2/listen', fluxParameters(options)] as const)
    : (['v1/listen', novaParameters(options)] as const)
  const base = options.baseUrl.replace(/^http/, 'ws').replace(/\/+$/, '')
  return `${base}/${path}?${query(parameters)}`
}

/** Flux refuses any parameter that it does not know, those of `/v1/listen` included. */
function fluxParameters(options: ListenOptions): Parameters {
  const language = options.language.split('-')[0]?.toLowerCase() ?? ''
  const model =
    options.model === 'flux-general-en' && language !== 'en' ? 'flux-general-multi' : options.model
  return {
    model,
    encoding: 'mulaw',
    sample_rate: 8000,
    eot_threshold: options.eotThreshold,
    eot_timeout_ms: options.eotTimeoutMs,
    eager_eot_threshold: options.eagerEotThreshold,
    // Base languages only, and only this model takes them.
    language_hint: model === 'flux-general-multi' ? language : undefined,
    keyterm: options.keyterms,
  }
}

/** No `smart_format`: it may hold a final back for three seconds when a number might go on. */
function novaParameters(options: ListenOptions): Parameters {
  return {
    model: options.model,
    encoding: 'mulaw',
    sample_rate: 8000,
    channels: 1,
    language: options.language,
    interim_results: 'true',
    endpointing: options.endpointingMs,
    utterance_end_ms: options.utteranceEndMs,
    punctuate: 'true',
    numerals: 'true',
    // Older models know terms as `keywords`, and Nova-3 refuses those.
    [options.model.startsWith('nova-3') ? 'keyterm' : 'keywords']: options.keyterms,
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
