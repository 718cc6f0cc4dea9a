import { baseLanguage } from './language.ts'

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
  /** The caller has asked to wait. */
  readonly holding: string
  /** Something takes its time; one after the other, so that none is heard twice in a row. At least two. */
  readonly fillers: readonly string[]
  /** The model goes on using tools instead of answering. */
  readonly stuck: string
  /** About half a minute before `timeUp`. */
  readonly timeWarning: string
  /** The caller is about to be put through to somebody else … */
  readonly transferring: string
  /** … who could not be reached. */
  readonly transferFailed: string
  /** The model was about to give away what no caller is to hear. */
  readonly private: string
  /** The connection broke, and is back. */
  readonly lineDropped: string
  /** The server has to stop. */
  readonly closing: string
  /** The server takes no calls because it is about to stop. Said by the carrier's voice. */
  readonly callAgain: string
}

const ENGLISH: StockPhrases = {
  apology: "I'm sorry, I'm having a technical problem and have to end the call. Goodbye.",
  timeUp: "I'm sorry, our time is up and I have to end the call now. Goodbye.",
  stillThere: 'Are you still there?',
  noAnswer: "I can't hear you any more, so I'll hang up now. Goodbye.",
  goodbye: 'Thank you. Goodbye.',
  again: 'Sorry, could you say that again?',
  holding: 'Of course, take your time.',
  fillers: ['One moment, please.', 'Let me check that for you.', 'Just a second.'],
  stuck: "I'm sorry, I can't find that out right now. Is there anything else I can help you with?",
  timeWarning: 'Just so you know, we have about half a minute left.',
  transferring: "I'll put you through now. One moment.",
  transferFailed: "I'm sorry, I couldn't reach anyone there. You're back with me.",
  private: "I'm sorry, I can't share that.",
  lineDropped: 'Sorry, the line dropped for a second.',
  closing: "I'm sorry, I have to end the call now. Please excuse me. Goodbye.",
  callAgain: "We can't take your call right now. Please call again in a few minutes. Goodbye.",
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
    holding: 'Natürlich, lassen Sie sich Zeit.',
    fillers: ['Einen Moment, bitte.', 'Ich sehe kurz nach.', 'Einen kleinen Augenblick.'],
    stuck:
      'Es tut mir leid, das kann ich gerade nicht herausfinden. Kann ich sonst noch etwas für Sie tun?',
    timeWarning: 'Nur zur Information: Wir haben noch etwa eine halbe Minute.',
    transferring: 'Ich verbinde Sie jetzt. Einen Moment.',
    transferFailed: 'Es tut mir leid, dort war niemand zu erreichen. Sie sind wieder bei mir.',
    private: 'Es tut mir leid, das darf ich nicht weitergeben.',
    lineDropped: 'Entschuldigung, die Verbindung war kurz weg.',
    closing:
      'Es tut mir leid, ich muss das Gespräch jetzt beenden. Bitte entschuldigen Sie. Auf Wiederhören.',
    callAgain:
      'Wir können Ihren Anruf gerade nicht annehmen. Bitte rufen Sie in ein paar Minuten noch einmal an. Auf Wiederhören.',
  },
  es: {
    apology: 'Lo siento, tengo un problema técnico y debo terminar la llamada. Adiós.',
    timeUp: 'Lo siento, se nos acabó el tiempo y debo terminar la llamada. Adiós.',
    stillThere: '¿Sigue ahí?',
    noAnswer: 'Ya no le oigo, así que voy a colgar. Adiós.',
    goodbye: 'Gracias. Adiós.',
    again: 'Perdone, ¿puede repetirlo?',
    holding: 'Por supuesto, tómese su tiempo.',
    fillers: ['Un momento, por favor.', 'Déjeme comprobarlo.', 'Solo un segundo.'],
    stuck: 'Lo siento, ahora mismo no puedo averiguarlo. ¿Puedo ayudarle en algo más?',
    timeWarning: 'Le aviso de que nos queda más o menos medio minuto.',
    transferring: 'Le paso ahora mismo. Un momento.',
    transferFailed: 'Lo siento, no he podido contactar con nadie. Vuelve a estar conmigo.',
    private: 'Lo siento, eso no lo puedo compartir.',
    lineDropped: 'Perdone, se cortó la línea un momento.',
    closing: 'Lo siento, tengo que terminar la llamada ahora. Disculpe. Adiós.',
    callAgain:
      'Ahora mismo no podemos atender su llamada. Vuelva a llamar en unos minutos, por favor. Adiós.',
  },
  fr: {
    apology:
      'Je suis désolé, j’ai un problème technique et je dois mettre fin à l’appel. Au revoir.',
    timeUp: 'Je suis désolé, le temps est écoulé et je dois mettre fin à l’appel. Au revoir.',
    stillThere: 'Vous êtes toujours là ?',
    noAnswer: 'Je ne vous entends plus, je vais donc raccrocher. Au revoir.',
    goodbye: 'Merci. Au revoir.',
    again: 'Pardon, pouvez-vous répéter ?',
    holding: 'Bien sûr, prenez votre temps.',
    fillers: ['Un instant, s’il vous plaît.', 'Je vérifie tout de suite.', 'Juste une seconde.'],
    stuck:
      'Je suis désolé, je ne peux pas le savoir pour le moment. Puis-je vous aider pour autre chose ?',
    timeWarning: 'Je vous signale qu’il nous reste environ une demi-minute.',
    transferring: 'Je vous mets en relation. Un instant.',
    transferFailed: 'Je suis désolé, je n’ai pu joindre personne. Vous êtes de nouveau avec moi.',
    private: 'Je suis désolé, je ne peux pas le communiquer.',
    lineDropped: 'Excusez-moi, la ligne a coupé un instant.',
    closing:
      'Je suis désolé, je dois mettre fin à l’appel maintenant. Veuillez m’excuser. Au revoir.',
    callAgain:
      'Nous ne pouvons pas prendre votre appel pour le moment. Merci de rappeler dans quelques minutes. Au revoir.',
  },
  it: {
    apology: 'Mi dispiace, ho un problema tecnico e devo chiudere la chiamata. Arrivederci.',
    timeUp: 'Mi dispiace, il nostro tempo è scaduto e devo chiudere la chiamata. Arrivederci.',
    stillThere: 'È ancora in linea?',
    noAnswer: 'Non la sento più, quindi chiudo la chiamata. Arrivederci.',
    goodbye: 'Grazie. Arrivederci.',
    again: 'Mi scusi, può ripetere?',
    holding: 'Certo, faccia con calma.',
    fillers: ['Un momento, per favore.', 'Controllo subito.', 'Solo un attimo.'],
    stuck: 'Mi dispiace, adesso non riesco a saperlo. Posso aiutarla in altro?',
    timeWarning: 'La avviso che ci resta circa mezzo minuto.',
    transferring: 'La metto in comunicazione. Un momento.',
    transferFailed: 'Mi dispiace, non sono riuscito a raggiungere nessuno. È di nuovo con me.',
    private: 'Mi dispiace, questo non posso dirlo.',
    lineDropped: 'Mi scusi, la linea è caduta per un attimo.',
    closing: 'Mi dispiace, ora devo chiudere la chiamata. Mi scusi. Arrivederci.',
    callAgain:
      'In questo momento non possiamo rispondere. Per favore richiami tra qualche minuto. Arrivederci.',
  },
  pt: {
    apology: 'Peço desculpa, tenho um problema técnico e preciso de terminar a chamada. Adeus.',
    timeUp: 'Peço desculpa, o nosso tempo acabou e preciso de terminar a chamada. Adeus.',
    stillThere: 'Ainda está aí?',
    noAnswer: 'Já não consigo ouvir, por isso vou desligar. Adeus.',
    goodbye: 'Obrigado. Adeus.',
    again: 'Desculpe, pode repetir?',
    holding: 'Claro, não há pressa.',
    fillers: ['Um momento, por favor.', 'Vou verificar.', 'Só um segundo.'],
    stuck: 'Peço desculpa, de momento não consigo saber isso. Posso ajudar em mais alguma coisa?',
    timeWarning: 'Só para avisar: temos mais ou menos meio minuto.',
    transferring: 'Vou passar a chamada. Um momento.',
    transferFailed: 'Peço desculpa, não consegui falar com ninguém. Está de volta comigo.',
    private: 'Peço desculpa, isso não posso partilhar.',
    lineDropped: 'Desculpe, a linha caiu por um instante.',
    closing: 'Peço desculpa, tenho de terminar a chamada agora. As minhas desculpas. Adeus.',
    callAgain:
      'Neste momento não podemos atender. Por favor, ligue de novo dentro de alguns minutos. Adeus.',
  },
  nl: {
    apology:
      'Het spijt me, ik heb een technisch probleem en moet het gesprek beëindigen. Tot ziens.',
    timeUp: 'Het spijt me, onze tijd is om en ik moet het gesprek nu beëindigen. Tot ziens.',
    stillThere: 'Bent u er nog?',
    noAnswer: 'Ik hoor u niet meer, dus ik hang nu op. Tot ziens.',
    goodbye: 'Dank u wel. Tot ziens.',
    again: 'Sorry, kunt u dat herhalen?',
    holding: 'Natuurlijk, neem de tijd.',
    fillers: ['Een moment, alstublieft.', 'Ik kijk het even na.', 'Momentje.'],
    stuck: 'Het spijt me, dat kan ik nu niet achterhalen. Kan ik nog iets anders voor u doen?',
    timeWarning: 'Ter informatie: we hebben nog ongeveer een halve minuut.',
    transferring: 'Ik verbind u nu door. Een moment.',
    transferFailed: 'Het spijt me, ik kon daar niemand bereiken. U bent weer bij mij.',
    private: 'Het spijt me, dat kan ik niet delen.',
    lineDropped: 'Sorry, de lijn viel even weg.',
    closing: 'Het spijt me, ik moet het gesprek nu beëindigen. Neem me niet kwalijk. Tot ziens.',
    callAgain:
      'We kunnen uw oproep nu niet aannemen. Belt u over een paar minuten nog eens. Tot ziens.',
  },
}

/** The phrases of a BCP 47 language, English where there are none. */
export function stockPhrases(language: string): StockPhrases {
  return PHRASES[baseLanguage(language)] ?? ENGLISH
}
