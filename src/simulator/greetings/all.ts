import { carriers } from './carriers.ts'
import type { Greeting, GreetingKind, GreetingLanguage, GreetingTexts } from './greeting.ts'
import { mailboxFull } from './mailbox-full.ts'
import { menus } from './menus.ts'
import { people } from './people.ts'
import { screening } from './screening.ts'
import { voicemail } from './voicemail.ts'

const LANGUAGES: readonly GreetingLanguage[] = ['en', 'de', 'es', 'fr']

const kinds: readonly (readonly [GreetingKind, GreetingTexts])[] = [
  ['person', people],
  ['voicemail', voicemail],
  ['mailbox_full', mailboxFull],
  ['ivr', menus],
  ['screening', screening],
  ['carrier', carriers],
]

const labelled = kinds.flatMap(([kind, texts]) =>
  LANGUAGES.flatMap((language) =>
    texts[language].map((text, index) => ({ greeting: { language, kind, text }, index })),
  ),
)

/** What the rules may be fitted to: every second greeting of each kind and language. */
export const tuningGreetings: readonly Greeting[] = labelled
  .filter(({ index }) => index % 2 === 0)
  .map(({ greeting }) => greeting)

/** What shows whether they hold for greetings that they were not fitted to. */
export const holdoutGreetings: readonly Greeting[] = labelled
  .filter(({ index }) => index % 2 === 1)
  .map(({ greeting }) => greeting)
