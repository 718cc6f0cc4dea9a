import { baseLanguage } from './language.ts'
import { wordsOf } from './lexicon.ts'

/** Words that a person says when a call is over; per language, lower case. */
const WORDS: Readonly<Record<string, string>> = {
  en:
    'bye goodbye byebye good thanks thank you too so much very ok okay alright all right great perfect cool yes yeah ' +
    'yep sure have a nice day one evening night morning afternoon weekend see soon then take care cheers and the same to ' +
    'talk later mhm uh huh well lovely wonderful fine i appreciate it for your help time call ciao tomorrow',
  de:
    'tschüss tschüß tschau tschö ciao wiederhören wiedersehen wiederschauen servus auf bis bald dann später morgen ' +
    'danke dankeschön vielen herzlichen dank schön schönen schönes tag abend noch wochenende ihnen dir auch ja gut alles ' +
    'klar okay ok prima super mhm genau gerne gern machs gute gutes nacht einen ein und den dem machen sie ebenso ' +
    'gleichfalls mal nächstes sehr wunderbar perfekt adieu uns euch',
  es:
    'adiós adios chao chau hasta luego pronto mañana la vista otra próxima gracias muchas muchísimas igualmente usted a ti ' +
    'que tenga tengas un buen buena día tarde noche buenas noches tardes días fin de semana vale bueno sí si claro ok okay ' +
    'perfecto muy amable nos vemos cuídese cuídate saludos bien genial de nada y para también hablamos le vaya te',
  fr:
    'au revoir à bientôt demain plus tard tout à bonne journée soirée fin de après-midi après midi nuit continuation ' +
    "weekend week end week-end merci beaucoup bien mille infiniment également vous aussi à toi et de même d'accord oui ok " +
    'okay parfait très super salut ciao bye adieu la prochaine allez voilà pareillement l heure l’heure prenez soin',
  it:
    'arrivederci arrivederla ciao addio a presto domani dopo più tardi risentirci grazie mille tante molte buona buon ' +
    'giornata serata notte pomeriggio weekend fine settimana altrettanto anche lei te sì va bene ok okay perfetto ci ' +
    'vediamo sentiamo e di nulla niente saluti alla prossima certo molto gentile',
  pt:
    'adeus tchau chau até logo amanhã já mais breve a próxima obrigado obrigada muito igualmente para você o senhor ' +
    'senhora também bom boa dia tarde noite fim de semana sim está bem tá certo ok okay perfeito de nada e um abraço abraços ' +
    'cumprimentos vemos falamos nos fique passe tenha uma ótimo ótima beleza valeu com licença',
  nl:
    'dag doei doeg tot ziens straks later morgen horens gauw de volgende keer bedankt dank u je wel hartelijk veel ' +
    'fijne prettige goede dag avond middag nacht weekend nog een ook zelfde hetzelfde oké ok okay ja prima goed hoor graag ' +
    'gedaan groetjes en fijn mooi hoi doeidoei ciao',
}

const ENGLISH = new Set(wordsOf(WORDS['en'] ?? ''))
const known = new Map(
  Object.entries(WORDS).map(([language, words]) => [
    language,
    // People of many languages say “bye” and “okay”.
    new Set([...wordsOf(words), ...ENGLISH]),
  ]),
)

/**
 * Whether an utterance over the agent's goodbye is itself no more than a goodbye (or nothing), so that the call may end.
 *
 * @param language BCP 47; English counts in every one
 */
export function isFarewell(text: string, language = 'en'): boolean {
  const words = known.get(baseLanguage(language)) ?? ENGLISH
  return wordsOf(text).every((word) => words.has(word))
}
