import { baseLanguage } from './language.ts'

/** What the law wants said at the beginning of a call, per language. */
export type LegalPhrases = {
  /** An AI has rung somebody … */
  readonly aiCalling: string
  /** … or has picked up. */
  readonly aiAnswering: string
  /** The call is kept as sound. */
  readonly recorded: string
}

const ENGLISH: LegalPhrases = {
  aiCalling: 'This is an AI assistant calling.',
  aiAnswering: 'You are speaking with an AI assistant.',
  recorded: 'This call is recorded.',
}

const PHRASES: Readonly<Record<string, LegalPhrases>> = {
  en: ENGLISH,
  de: {
    aiCalling: 'Hier ruft ein KI-Assistent an.',
    aiAnswering: 'Sie sprechen mit einem KI-Assistenten.',
    recorded: 'Dieses Gespräch wird aufgezeichnet.',
  },
  es: {
    aiCalling: 'Le llama un asistente de inteligencia artificial.',
    aiAnswering: 'Está hablando con un asistente de inteligencia artificial.',
    recorded: 'Esta llamada se graba.',
  },
  fr: {
    aiCalling: 'C’est un assistant d’intelligence artificielle qui vous appelle.',
    aiAnswering: 'Vous parlez avec un assistant d’intelligence artificielle.',
    recorded: 'Cet appel est enregistré.',
  },
  it: {
    aiCalling: 'La chiama un assistente di intelligenza artificiale.',
    aiAnswering: 'Sta parlando con un assistente di intelligenza artificiale.',
    recorded: 'Questa chiamata viene registrata.',
  },
  pt: {
    aiCalling: 'Quem fala é um assistente de inteligência artificial.',
    aiAnswering: 'Está a falar com um assistente de inteligência artificial.',
    recorded: 'Esta chamada é gravada.',
  },
  nl: {
    aiCalling: 'U wordt gebeld door een AI-assistent.',
    aiAnswering: 'U spreekt met een AI-assistent.',
    recorded: 'Dit gesprek wordt opgenomen.',
  },
}

/** The phrases of a BCP 47 language, English where there are none. */
export function legalPhrases(language: string): LegalPhrases {
  return PHRASES[baseLanguage(language)] ?? ENGLISH
}
