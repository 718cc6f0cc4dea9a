import { z } from 'zod'
import { badQuery, type Refusal } from './deepgram-refusals.ts'

/** Query parameters of both endpoints, with the values and combinations that Deepgram refuses. */
const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const many = z.array(z.string().min(1)).default([])
/** The stand-in understands the telephone's audio alone; Deepgram knows more encodings. */
const audio = { encoding: z.literal('mulaw'), sample_rate: z.literal('8000') }

/** What `flux-general-multi` knows. */
export const FLUX_LANGUAGES: ReadonlySet<string> = new Set(
  'en es de fr hi it ja nl pt ru'.split(' '),
)

const Flux = z
  .strictObject({
    model: z.enum(['flux-general-en', 'flux-general-multi']),
    ...audio,
    eot_threshold: z.coerce.number().min(0.5).max(1).default(0.7),
    eager_eot_threshold: z.coerce.number().min(0.3).max(0.9).optional(),
    eot_timeout_ms: z.coerce.number().int().min(500).max(60_000).default(5000),
    keyterm: z.array(z.string().min(1).max(100)).default([]),
    language_hint: z
      .array(z.string().refine((hint) => FLUX_LANGUAGES.has(hint), 'is not supported'))
      .default([]),
    profanity_filter: flag.optional(),
    numerals: flag.optional(),
    redact: many,
    mip_opt_out: flag.optional(),
    tag: many,
  })
  .refine(eagerIsNotAboveEnd, 'eager_eot_threshold must be <= eot_threshold')
  .refine(
    ({ model, language_hint }) => model === 'flux-general-multi' || language_hint.length === 0,
    'language_hint is only supported by flux-general-multi',
  )
export type FluxParameters = z.infer<typeof Flux>

export function eagerIsNotAboveEnd(thresholds: {
  eot_threshold: number
  eager_eot_threshold?: number | undefined
}): boolean {
  return (thresholds.eager_eot_threshold ?? 0) <= thresholds.eot_threshold
}

/** Parameters that this stand-in has no use for are let through, as `/v1/listen` knows a great many. */
const Nova = z
  .object({
    model: z
      .string()
      .refine((model) => !model.startsWith('flux-'), 'model is only available on /v2/listen'),
    ...audio,
    channels: z.literal('1').optional(),
    language: z.string().min(2).default('en'),
    interim_results: flag.default(false),
    endpointing: z
      .union([z.literal('false').transform(() => Infinity), z.coerce.number().int().min(0)])
      .default(10),
    utterance_end_ms: z.coerce.number().int().min(1000).optional(),
    vad_events: flag.default(false),
    punctuate: flag.optional(),
    smart_format: flag.optional(),
    numerals: flag.optional(),
    keyterm: many,
    keywords: many,
  })
  .refine(
    (given) => given.utterance_end_ms === undefined || given.interim_results,
    'utterance_end_ms requires interim_results',
  )
  .refine(knowsLanguage, 'No such model/language combination found.')
/** Models for one purpose know English only, and regions are few; the whole list of languages is not kept here. */
const NOVA_LANGUAGE =
  /^([a-z]{2}|multi|en-(US|GB|AU|NZ|IN)|es-419|fr-CA|pt-(BR|PT)|de-CH|nl-BE|sv-SE|da-DK|ko-KR|th-TH|zh-\w+)$/
function knowsLanguage({ model, language }: { model: string; language: string }): boolean {
  const english = /^nova-\d-(?!general)/.test(model)
  return english ? /^en(-|$)/.test(language) : NOVA_LANGUAGE.test(language)
}

export type NovaParameters = z.infer<typeof Nova>

const lists = new Set(['keyterm', 'language_hint', 'keywords', 'redact', 'tag'])

export function readFluxParameters(query: URLSearchParams): FluxParameters | Refusal {
  const read = Flux.safeParse(valuesOf(query))
  return read.success ? read.data : badQuery(problemsOf(read.error))
}

export function readNovaParameters(query: URLSearchParams): NovaParameters | Refusal {
  const read = Nova.safeParse(valuesOf(query))
  if (!read.success) return badQuery(problemsOf(read.error))
  const { model, keywords } = read.data
  if (!model.startsWith('nova-3') || keywords.length === 0) return read.data
  return {
    status: 400,
    code: 'INVALID_QUERY_PARAMETER',
    message: 'Keywords are not supported for Nova-3. Please use `keyterm` instead.',
  }
}

/** Lists are names that are repeated; any other name that is repeated has no meaning, and its values show as a list. */
function valuesOf(query: URLSearchParams): Record<string, string | string[]> {
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const values = query.getAll(name)
      const [only] = values
      const isList = lists.has(name) || values.length > 1 || only === undefined
      return [name, isList ? values : only]
    }),
  )
}

function problemsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ')
}
