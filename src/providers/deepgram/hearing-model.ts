import { baseLanguage } from '../../pipeline/language.ts'

/** The languages of `flux-general-multi`. */
const FLUX_LANGUAGES: ReadonlySet<string> = new Set([
  'en',
  'es',
  'de',
  'fr',
  'hi',
  'it',
  'ja',
  'nl',
  'pt',
  'ru',
])
export const FLUX_MULTI = 'flux-general-multi'
/** Knows the most languages. */
const FALLBACK = 'nova-3'

/** Flux ends turns itself; every other model is of Nova's family, which leaves that to us. */
export function isFlux(model: string): boolean {
  return model.startsWith('flux-')
}

/**
 * The model that hears a language (BCP 47), as close to the configured one as there is: an English one is replaced for any
 * other language, by Flux where Flux knows the language.
 */
export function hearingModel(configured: string, language: string): string {
  const base = baseLanguage(language)
  if (base === 'en') return configured
  if (isFlux(configured)) {
    if (!FLUX_LANGUAGES.has(base)) return FALLBACK
    return configured.endsWith('-en') ? FLUX_MULTI : configured
  }
  // The special ones, such as `nova-2-phonecall` and `nova-3-medical`, know English only.
  return /^nova(?:-\d+)?-(?!general$)[a-z]/.test(configured) ? FALLBACK : configured
}

/** Flux takes base languages as hints, and only this model takes them. */
export function languageHint(model: string, language: string): string | undefined {
  return model === FLUX_MULTI ? baseLanguage(language) : undefined
}

/** Regional forms that Nova knows (Deepgram's “Models & Languages Overview”); any other is refused with HTTP 400. */
const NOVA_REGIONS: ReadonlySet<string> = new Set(
  (
    'en-US en-GB en-AU en-NZ en-IN es-419 fr-CA pt-BR pt-PT de-CH nl-BE sv-SE da-DK ko-KR th-TH zh-CN zh-TW zh-HK ' +
    'zh-Hans zh-Hant'
  ).split(' '),
)

export function novaLanguage(language: string): string {
  return NOVA_REGIONS.has(language) ? language : baseLanguage(language)
}
