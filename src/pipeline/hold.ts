import { baseLanguage } from './language.ts'
import { consistsOf, Lexicon, wordsOf } from './lexicon.ts'

/**
 * What people, and the queues they put one in, say when one is to wait; per language, as templates of a `Lexicon`. `hold`:
 * the request itself. `polite`: what may stand around it without changing anything.
 */
const PHRASES: Readonly<Record<string, { readonly hold: string[]; readonly polite: string[] }>> = {
  en: {
    hold: [
      '((can|could|would|will) you|) (just|) (hold|hold on|hang on|hold the line|hold please|stay on the line|wait|bear with me|stand by|remain on the line|continue to hold)',
      '(just|) (wait|hold on|hang on|hold) (just|for|for just|) (a|one) (little|brief|short|quick|) (second|sec|moment|minute|bit|while|tick)',
      // “Two minutes” alone is an answer.
      '(just|for|) (a|one|1) (quick|brief|short|) (second|sec|moment|minute|tick|mo)',
      'just (two|2|a few|a couple of|a couple) (seconds|secs|minutes|moments)',
      '(could|can) you (hold|wait|bear with me) (for|just|just for|) (a|one) (second|sec|moment|minute|bit)',
      '(give me|gimme|i need|i just need|i only need|it will take|this will take) (just|) (a|one|two|a couple of|a few) (quick|) (second|sec|moment|minute|minutes|seconds|moments)',
      "(i'll|i will) (be|come) (right|) (back|with you) (in a (second|sec|moment|minute)|)",
      "(let me|i'll|i will|i'm going to|i am going to|may i|can i|could i|i have to|i need to) (just|quickly|) (put|place) you (on|on a brief|on a short) hold",
      'do you mind (holding|waiting|if i put you on hold)',
      "(let me|i'll|i will|i have to|i need to|i'm going to) (just|quickly|go|go and|run and|) (get|grab|find|fetch|open|pull up|check|look at|look in|look for|look up|bring up) (my|the|our|a) _ (for you|out|up|real quick|quickly|first|)",
      "(let me|i'll|i will|i'm going to) (just|) (transfer you|connect you|put you through|get someone|get somebody|get him|get her|get them)",
      "(let me|i'll|i will|i'm going to) (just|) (transfer you|connect you|put you through) to (the|my|our|a) _",
      '(thank you|thanks) for (holding|waiting|your patience|your patience while you hold)',
      'your call is (very|) important to us',
      '(please|) (stay|remain|hold) on the line',
      '(your call will be answered|you will be connected|your call will be taken) (shortly|soon|as soon as possible|in the order (it was|in which it was|) received|by the next available _)',
      '(the next|our next|a|an|one of our) (available|customer service|) (agent|agents|representative|representatives|operator|operators|advisor|advisors|associate|associates) will (be|speak) with you (shortly|soon|momentarily|in a moment|as soon as possible|)',
      '(the next|our next|a|one of our) (available|) (agent|representative|operator|advisor|associate) will (take|answer|assist) (your call|you) (shortly|soon|)',
      '(someone|somebody|we) will be (right|) with you (shortly|soon|in a moment|as soon as possible|)',
      '(all|all of|) our (agents|representatives|operators|advisors|lines|associates) are (currently|all|still|) (busy|assisting|helping|serving|engaged|occupied) (with|) (other|) (customers|callers|calls|)',
      'you are (currently|now|) (next|_|number _|caller number _) in (line|the queue|the line|our queue)',
      '(the|your) (estimated|current|approximate) (wait|waiting|hold) time is (about|approximately|less than|) _ (minute|minutes|seconds)',
      'we are (currently|) experiencing (higher than normal|unusually high|high) call (volume|volumes)',
      'please (hold|wait|hold on|hang on|stand by)',
    ],
    polite: [
      "please|thanks|thank you|sorry|i'm sorry|i am sorry|okay|ok|sure|yes|yeah|yep|oh|um|uh|well|alright|all right|right|hello|hi|so|and|then|now|no problem|of course|sir|ma'am|madam|if you don't mind|if you do not mind|for me|excuse me|hmm|ah|while i (check|look|look it up|find out)|i'll (check|have a look|take a look|find out)|(thank you|thanks) for calling|great|good|real quick|my friend|dear|there|here",
    ],
  },
  de: {
    hold: [
      '(bitte|) (nur|) (einen|ein|ne|eine|nen) (kleinen|kurzen|ganz kurzen|kleine|) (moment|augenblick|momentchen|sekunde|sekündchen|minute|minütchen)',
      '(nur|) (kurzen|kleinen) (moment|augenblick)|moment|momentchen|sekunde|augenblick',
      '(bitte|) (bleiben|bleib) (sie|) (bitte|kurz|noch|) (kurz|) (dran|am apparat|am telefon|in der leitung)',
      '(könnten|können|würden|warten) sie (bitte|kurz|mal|noch|) (kurz|einen moment|einen augenblick|) (warten|dranbleiben|dran bleiben|)',
      '(bitte|) (warten|warte) (sie|) (bitte|kurz|mal|) (kurz|mal|einen moment|einen augenblick|) (bitte|)',
      'bitte (kurz|) (warten|dranbleiben)',
      '(ich|) (bin|komme) (gleich|sofort) (wieder|) (da|zurück|bei ihnen|für sie da)',
      '(ich|) (verbinde|stelle) (sie|) (gleich|kurz|mal|) (weiter|durch|)',
      'ich (hole|suche|öffne) (nur|mal|kurz|eben|schnell|) (kurz|eben|mal|schnell|) (meinen|meine|mein|den|die|das|einen|etwas) _',
      'ich (schaue|schau|sehe|gucke|guck) (nur|mal|kurz|eben|schnell|) (kurz|eben|mal|schnell|) (nach|in den kalender|in meinen kalender|in die unterlagen|im kalender|im system)',
      '(lassen sie mich|ich muss) (nur|mal|kurz|eben|) (kurz|eben|) (nachsehen|nachschauen|nachfragen|meinen kalender holen|etwas holen)',
      '(vielen dank|danke) für ihre geduld',
      '(wir sind|es ist|der nächste (freie|) (mitarbeiter|berater) ist|ein mitarbeiter ist) (gleich|sofort|in kürze) (jemand|) (für sie da|bei ihnen)',
      '(alle|unsere|alle unsere) (mitarbeiter|leitungen|plätze|berater) (sind|sprechen) (zurzeit|zur zeit|derzeit|leider|momentan|) (belegt|besetzt|im gespräch)',
      'der nächste freie (mitarbeiter|platz|berater) (ist für sie reserviert|wird sich um sie kümmern)',
      'ihr anruf ist uns (sehr|) wichtig',
      'sie werden (gleich|sofort|in kürze|) (verbunden|weitergeleitet)',
      'sie sind (an|auf) (_ stelle|platz _|position _) (der warteschlange|in der warteschlange|)',
    ],
    polite: [
      'bitte|danke|vielen dank|dankeschön|ja|okay|ok|gut|so|äh|ähm|oh|ach|mal|kurz|eben|gern|gerne|natürlich|klar|hallo|entschuldigung|entschuldigen sie|tut mir leid|und|also|dann|na|gleich|noch|mal eben|mhm|sehr gerne|verzeihung',
    ],
  },
  es: {
    hold: [
      '(un|solo un|sólo un|deme un|dame un|me da un|me permite un|permítame un|espere un|espera un|espéreme un|aguarde un|aguante un) (momento|momentito|segundo|segundito|minuto|minutito|instante|ratito)',
      '(espere|espera|espéreme|espérame|aguarde|aguarda|aguante) (por favor|un poco|en línea|en la línea|)',
      '(puede|podría|puedes|me puede|me podría) (esperar|aguardar|esperarme|aguantar) (un momento|un segundo|un minuto|un momentito|en línea|)',
      '(no cuelgue|no cuelgues|no corte|manténgase en (la|) línea|permanezca en (la|) línea|quédese en (la|) línea|siga en (la|) línea)',
      '(ahora|ahorita|enseguida|en seguida|ya) (vuelvo|regreso|le atiendo|lo atiendo|la atiendo|le paso|lo comunico|la comunico)',
      '(le|te|lo|la) (paso|comunico|transfiero|pongo en espera) (con _|con el _|con la _|)',
      '(déjeme|déjame|permítame|voy a) (ver|buscar|mirar|revisar|consultar|sacar|coger|agarrar) (mi|la|el|un|una|mis|los|las) _',
      '(gracias por (su paciencia|esperar|su espera)|agradecemos su paciencia)',
      'su llamada es (muy|) importante (para nosotros|)',
      '(todos|) (nuestros|los) (agentes|operadores|asesores|ejecutivos|representantes) (se encuentran|están) (ocupados|atendiendo otras llamadas)',
      '(en breve|en unos momentos|en un momento|enseguida) (le|lo|la|será) (atenderemos|atenderá un agente|atendemos|atendido|atendida)',
    ],
    polite: [
      'por favor|gracias|muchas gracias|sí|si|claro|vale|bueno|ok|okay|perdón|perdone|disculpe|lo siento|eh|ah|este|a ver|ahora|ya|y|entonces|hola|señor|señora|de acuerdo|muy bien|bien|con mucho gusto|mire|mira|oiga',
    ],
  },
  fr: {
    hold: [
      '(un|juste un|attendez un|attends un|encore un|donnez moi un|donnez-moi un|laissez moi un|laissez-moi un) (petit|) (moment|instant|seconde|minute)',
      '(une|juste une|attendez une|attends une|deux|donnez-moi une|donnez moi une) (petite|) (seconde|secondes|minute|minutes)',
      '(ne quittez pas|ne raccrochez pas|ne quitte pas|quittez pas|restez en ligne|restez avec moi|merci de patienter|veuillez patienter|veuillez rester en ligne|patientez|attendez|merci de rester en ligne)',
      '(pouvez|pourriez|pourrez) vous (patienter|attendre|rester en ligne) (un instant|un moment|une seconde|une minute|quelques instants|)',
      '(patientez|veuillez patienter|merci de patienter) (un instant|un moment|quelques instants)',
      'je (reviens|suis à vous|suis de retour) (tout de suite|dans un instant|de suite|)',
      'je vous (mets en attente|transfère|passe|mets en relation) (mon collègue|ma collègue|le service _|)',
      'je (vais|) (chercher|prendre|prends|cherche|regarde|vérifie|regarder|vérifier) (mon|ma|mes|le|la|les|un|dans mon|dans le) _',
      '(laissez moi|laissez-moi) (juste|) (regarder|vérifier|chercher|prendre) (mon|ma|mes|le|la|un|) (_|)',
      '(merci de|merci pour) votre patience|nous vous remercions de votre patience',
      'votre appel est (très|) important (pour nous|)',
      '(tous|) nos (conseillers|agents|opérateurs|lignes|collaborateurs) sont (actuellement|) (occupés|en ligne|en communication|occupées)',
      "(un conseiller|un agent|un opérateur|quelqu'un|nous) (va|allons|sera|prendra) (vous répondre|votre appel|prendre votre appel|avec vous|à vous) (dans quelques instants|dans un instant|)",
    ],
    polite: [
      "s'il vous plaît|s'il te plaît|s il vous plaît|merci|merci beaucoup|oui|d'accord|ok|okay|bien|très bien|bien sûr|pardon|désolé|désolée|excusez moi|excusez-moi|je suis désolé|alors|euh|ah|et|bonjour|allô|madame|monsieur|bon|voilà|je vous en prie|je vous prie",
    ],
  },
  it: {
    hold: [
      '(un|solo un|aspetti un|aspetta un|attenda un|mi dia un) (momento|attimo|secondo|minuto|momentino|attimino|minutino)',
      '(attenda|aspetti|aspetta|resti|rimanga) (in linea|un attimo|un momento|prego|)',
      '(può|potrebbe) (attendere|aspettare|restare in linea) (un attimo|un momento|in linea|)',
      '(non riattacchi|non metta giù|la prego di attendere|la preghiamo di attendere|resti in attesa|rimanga in attesa)',
      '(arrivo subito|torno subito|le passo _|la metto in attesa|la trasferisco|gliela passo|glielo passo)',
      "(la sua|la vostra) chiamata è (molto|) importante (per noi|)|(grazie per|grazie della) (l'attesa|la pazienza|pazienza|attesa)",
      '(tutti|) (i nostri|gli) operatori sono (momentaneamente|al momento|) occupati',
    ],
    polite: [
      'per favore|per cortesia|prego|grazie|sì|si|ok|okay|certo|va bene|bene|scusi|mi scusi|mi dispiace|eh|ah|allora|pronto|e|signore|signora|solo',
    ],
  },
  pt: {
    hold: [
      '(um|só um|espere um|espera um|aguarde um|me dá um|dê me um) (momento|momentinho|minuto|minutinho|segundo|segundinho|instante|instantinho|pouco|bocadinho)',
      '(espere|espera|espera aí|aguarde|aguenta aí|peraí|aguarde na linha|fique na linha|permaneça na linha|não desligue|não desliga)',
      '(pode|podia|poderia|você pode) (aguardar|esperar) (um momento|um pouco|um minuto|na linha|)',
      '(já volto|volto já|já venho|já te atendo|já o atendo|já a atendo|vou transferir|vou passar|vou te transferir|vou transferir você)',
      '(a sua|sua) (ligação|chamada) é (muito|) importante (para nós|)|(obrigado|obrigada|agradecemos) (por|pela|a) (aguardar|espera|sua paciência|paciência)',
      '(todos|) os nossos (atendentes|operadores|assistentes) (estão|encontram se) ocupados',
    ],
    polite: [
      'por favor|por gentileza|se faz favor|faz favor|obrigado|obrigada|sim|ok|okay|tá|tá bom|está bem|certo|claro|desculpe|desculpa|só|eh|ah|e|então|alô|olá|senhor|senhora|bem',
    ],
  },
  nl: {
    hold: [
      '(een|één|heel even een|nog een|wacht een|heeft u een) (klein|kort|) (momentje|moment|ogenblik|ogenblikje|seconde|secondje|minuutje|minuut)',
      '((wacht|wacht u|blijft u|blijf|hou) (u|) (even|nog even|heel even|alstublieft|) (aan de lijn|aan de telefoon|vast|))',
      '(kunt|kan|zou|wilt) (u|je) (even|heel even|een moment|) (wachten|aan de lijn blijven|blijven hangen)',
      '(even|heel even) (geduld|wachten|kijken)|momentje|ogenblikje|secondje|blijft u aan de lijn',
      '(ik ben|ik kom) zo (weer|) (terug|bij u)|ik (verbind|zet) u (even|) (door|in de wacht)',
      '(ik pak|ik zoek|ik haal) (even|) (mijn|de|het|een) _',
      '(bedankt|dank u|dank u wel) voor uw geduld|al onze medewerkers zijn (momenteel|op dit moment|) (in gesprek|bezet)',
    ],
    polite: [
      'alstublieft|alsjeblieft|graag|dank u|dank u wel|dank je|bedankt|ja|oké|ok|okay|goed|sorry|even|hoor|eh|ah|hallo|en|dan|prima|natuurlijk|mevrouw|meneer',
    ],
  },
}

type HoldLexicon = { readonly wanted: Lexicon; readonly allowed: Lexicon }

const lexicons = new Map<string, HoldLexicon>()

/**
 * Whether an utterance asks to wait and nothing else: the request itself, with politeness around it. “Hold on, that's
 * wrong” and “can you hold the appointment?” are not, because somebody waits for an answer.
 *
 * @param text the whole utterance, as it was transcribed
 * @param language BCP 47; English counts in every one, as queues are often bilingual
 */
export function isHoldRequest(text: string, language: string): boolean {
  const words = wordsOf(text)
  return ['en', baseLanguage(language)].some((one) => {
    const lexicon = lexiconOf(one)
    return lexicon !== undefined && consistsOf(words, lexicon)
  })
}

/** Made when a language is first heard: most processes need two. */
function lexiconOf(language: string): HoldLexicon | undefined {
  const known = lexicons.get(language)
  const phrases = PHRASES[language]
  if (known || !phrases) return known
  const made = { wanted: new Lexicon(phrases.hold), allowed: new Lexicon(phrases.polite) }
  lexicons.set(language, made)
  return made
}
