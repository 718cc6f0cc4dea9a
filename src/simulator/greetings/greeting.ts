/** What answers a phone with words; a fax machine has none. */
export type GreetingKind = 'person' | 'voicemail' | 'mailbox_full' | 'ivr' | 'screening' | 'carrier'

export type GreetingLanguage = 'en' | 'de' | 'es' | 'fr'

/**
 * First words of one kind, per language, as speech-to-text writes them: with and without punctuation and capitals, numbers as
 * digits and as words, and with its mistakes.
 */
export type GreetingTexts = Readonly<Record<GreetingLanguage, readonly string[]>>

export type Greeting = {
  readonly language: GreetingLanguage
  readonly kind: GreetingKind
  readonly text: string
}
