import { baseLanguage } from './language.ts'

/** Per language: how somebody is asked for something, and what they read or spell out then. */
const ASKS: Readonly<Record<string, { readonly ask: string; readonly dictated: string }>> = {
  en: {
    ask:
      "what(?:'s|’s| is| are| was| number| address| e-?mail)|which|how do (?:you|i) (?:spell|write)|(?:may|can|could|might) (?:i|we|you)|" +
      "would you|will you|please|give (?:me|us)|tell (?:me|us)|read|spell|let me have|(?:i|we)(?:’ll|'ll| will| would|’d|'d)? (?:just )?(?:need|like)|" +
      'do you have|provide|repeat|go ahead with|start with|' +
      next('and (?:your|the)'),
    dictated:
      '(?:phone|mobile|cell|telephone|contact|callback|call-back|fax|card|account|routing|sort|confirmation|reservation|booking|' +
      'order|reference|tracking|policy|member|membership|customer|invoice|serial|case|ticket|security|passport|licen[cs]e|' +
      'registration|flight|extension|id|insurance|tax|model) ?(?:number|code|id)|numbers?(?= (?:where|on the|we can|i can|to (?:call|reach)))|' +
      '(?:best|right|good) number|digits?|digit by digit|e-?mails?(?: address)?|(?:street|home|mailing|postal|billing|delivery|shipping|full|your|the) address|' +
      'zip(?: code)?|post ?codes?|postal code|(?:date of birth|birth ?date|birthday)|spell(?:ing|ed)?|letter by letter|iban|vin|pin(?: code)?|plate',
  },
  de: {
    ask:
      'wie (?:ist|lautet|heißt|heißen|buchstabiert|schreibt|schreiben)|was ist|nennen|geben|sagen|buchstabieren|bitte|darf ich|kann ich|' +
      '(?:könnten|können|würden|würdest|kannst|könntest) (?:sie|du)|diktieren|(?:ich|wir) (?:brauche|brauchen|benötige|benötigen|bräuchte)|welche|haben sie|wiederholen|unter welcher|' +
      next('und (?:ihre?|deine?|die|der)'),
    dictated:
      '\\p{L}*nummern?|iban|e-?mail(?:-?adresse)?|mail-?adresse|adresse|anschrift|straße|postleitzahl|plz|geburtsdatum|geburtstag|' +
      'buchstabier\\p{L}*|buchstaben?|ziffern?|\\p{L}*code|\\p{L}*kennzeichen|pin',
  },
  es: {
    ask:
      'cuál|cual|qué|cómo se (?:escribe|deletrea)|me (?:da|puede|podría|dice|facilita|indica|dicta|das|dices)|puede|podría|puedes|podrías|dígame|dime|deme|dame|' +
      'deletr\\p{L}+|necesito|por favor|indíqueme|repita|díganos|tiene|' +
      next('y (?:su|tu|el|la)'),
    dictated:
      'número|teléfono|móvil|celular|correo|e-?mail|dirección|domicilio|código(?: postal)?|fecha de nacimiento|deletr\\p{L}+|letra por letra|' +
      'dígitos|cifras|tarjeta|cuenta|dni|nif|pasaporte|matrícula|localizador|referencia',
  },
  fr: {
    ask:
      "quel(?:le)?s?|pouvez[- ]vous|pourriez[- ]vous|pourrais[- ]je|puis[- ]je|donnez|dites|épel\\p{L}+|comment (?:s[’']écrit|vous écrivez)|j[’']ai besoin|" +
      "j[’']aurais besoin|il me faut(?:drait)?|s[’']il vous plaît|merci de|avez[- ]vous|communiqu\\p{L}+|indiqu\\p{L}+|répét\\p{L}+|" +
      next('et (?:votre|ton|ta|le|la)'),
    dictated:
      'numéros?|téléphone|portable|e-?mail|mail|courriel|adresse|code(?: postal)?|date de naissance|épel\\p{L}+|lettre par lettre|chiffres?|' +
      'carte|compte|iban|immatriculation|référence',
  },
}

/** What repeats a number in order to have it confirmed: the answer is a yes or a no. */
const CONFIRMS: Readonly<Record<string, string>> = {
  en: 'is (?:that|this|it) (?:right|correct|still)|(?:right|correct)\\?|still (?:your|the)|did (?:you|i) get|have you received|does that|was that',
  de: 'ist das (?:richtig|korrekt|so richtig)|(?:richtig|korrekt|stimmt das|oder)\\?|stimmt|haben sie .* (?:erhalten|bekommen)',
  es: 'es correcto|(?:correcto|verdad|cierto)\\?|sigue siendo|ha recibido|recibió',
  fr: "c[’']est (?:bien|bon|exact|ça|correct)|(?:exact|correct|ça)\\s?\\?|est[- ]ce (?:bien|toujours|exact|correct)|avez[- ]vous reçu|toujours (?:votre|le|la)",
}

/** The next of several things, for which nobody asks at length: “And your e-mail address?” */
function next(words: string): string {
  return String.raw`(?<=^\s*|[,¿]\s*)${words}(?=.*\?)`
}

const LAST_SENTENCES = 2

type Patterns = { readonly ask: RegExp; readonly dictated: RegExp; readonly confirms: RegExp }

const patterns = new Map<string, Patterns>(
  Object.entries(ASKS).map(([language, { ask, dictated }]) => [
    language,
    {
      ask: wholeWords(ask),
      dictated: wholeWords(dictated),
      confirms: wholeWords(CONFIRMS[language] ?? ''),
    },
  ]),
)

/**
 * Whether the agent's words ask for something that is read out or spelled piece by piece, with pauses between: a number, an
 * e-mail or street address, a date of birth, the letters of a name. Only the last two sentences count.
 *
 * @param language BCP 47: English, German, Spanish or French; any other counts as English
 */
export function asksToDictate(text: string, language: string): boolean {
  const { ask, dictated, confirms } =
    patterns.get(baseLanguage(language)) ?? patterns.get('en') ?? NOTHING
  const sentences = text.match(/[^.?!]+(?:[.?!]+(?!\s|$)[^.?!]*)*[.?!]*/g) ?? []
  return sentences
    .slice(-LAST_SENTENCES)
    .some((sentence) => ask.test(sentence) && dictated.test(sentence) && !confirms.test(sentence))
}

const NOTHING: Patterns = { ask: /(?!)/, dictated: /(?!)/, confirms: /(?!)/ }

/** `\b` knows ASCII only. What ends in a mark is not followed by a letter anyway. */
function wholeWords(pattern: string): RegExp {
  return new RegExp(`(?<!\\p{L})(?:${pattern})(?!\\p{L})`, 'iu')
}
