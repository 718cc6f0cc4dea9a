/** What the agent says without asking the model, per language. */
export type StockPhrases = {
  /** Something on our side broke, and the call cannot go on. */
  readonly apology: string
  /** The call has reached its longest duration. */
  readonly timeUp: string
  /** The caller has said nothing for a while … */
  readonly stillThere: string
  /** … and not answered when asked. */
  readonly noAnswer: string
  /** The model hung up without a word. */
  readonly goodbye: string
  /** The model had nothing to say. */
  readonly again: string
}

const ENGLISH: StockPhrases = {
  apology: "I'm sorry, I'm having a technical problem and have to end the call. Goodbye.",
  timeUp: "I'm sorry, our time is up and I have to end the call now. Goodbye.",
  stillThere: 'Are you still there?',
  noAnswer: "I can't hear you any more, so I'll hang up now. Goodbye.",
  goodbye: 'Thank you. Goodbye.',
  again: 'Sorry, could you say that again?',
}

const PHRASES: Readonly<Record<string, StockPhrases>> = {
  en: ENGLISH,
  de: {
    apology:
      'Es tut mir leid, ich habe ein technisches Problem und muss das Gespräch beenden. Auf Wiederhören.',
    timeUp:
      'Es tut mir leid, unsere Zeit ist um und ich muss das Gespräch jetzt beenden. Auf Wiederhören.',
    stillThere: 'Sind Sie noch da?',
    noAnswer: 'Ich höre Sie nicht mehr und lege jetzt auf. Auf Wiederhören.',
    goodbye: 'Vielen Dank. Auf Wiederhören.',
    again: 'Entschuldigung, können Sie das bitte wiederholen?',
  },
  es: {
    apology: 'Lo siento, tengo un problema técnico y debo terminar la llamada. Adiós.',
    timeUp: 'Lo siento, se nos acabó el tiempo y debo terminar la llamada. Adiós.',
    stillThere: '¿Sigue ahí?',
    noAnswer: 'Ya no le oigo, así que voy a colgar. Adiós.',
    goodbye: 'Gracias. Adiós.',
    again: 'Perdone, ¿puede repetirlo?',
  },
  fr: {
    apology:
      'Je suis désolé, j’ai un problème technique et je dois mettre fin à l’appel. Au revoir.',
    timeUp: 'Je suis désolé, le temps est écoulé et je dois mettre fin à l’appel. Au revoir.',
    stillThere: 'Vous êtes toujours là ?',
    noAnswer: 'Je ne vous entends plus, je vais donc raccrocher. Au revoir.',
    goodbye: 'Merci. Au revoir.',
    again: 'Pardon, pouvez-vous répéter ?',
  },
}

/** The phrases of a BCP 47 language, English where there are none. */
export function stockPhrases(language: string): StockPhrases {
  return PHRASES[language.toLowerCase().split('-')[0] ?? 'en'] ?? ENGLISH
}
