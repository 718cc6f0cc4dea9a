import { wordsOf } from './lexicon.ts'

/**
 * Whether somebody has said yes. Of all languages at once: people mix them, and none has another's “no” for a “yes”. What holds
 * back or objects outweighs any agreement (“yes, but …”): being asked again costs a moment, what is done stays done.
 */
const AGREES = new Set(
  [
    "yes yeah yep yup yea aye sure ok okay correct right exactly absolutely definitely certainly please agreed confirm confirmed that's",
    'ja jawohl jap genau gerne gern richtig stimmt klar natürlich passt einverstanden bitte',
    'sí si claro correcto exacto vale dale adelante acuerdo',
    "oui ouais d'accord exactement volontiers parfait",
    'sì certo esatto giusto volentieri',
    'sim certo isso claro exato',
    'jazeker graag klopt zeker goed prima akkoord',
  ].flatMap((words) => words.split(' ')),
)

const OBJECTS = new Set(
  [
    'no nope nah not never none neither wait stop hold cancel wrong instead but actually rather except later',
    'nein nee nicht kein keine keinen nie niemals warte warten moment stopp halt aber falsch sondern doch lieber',
    'nunca jamás espere espera pero mejor cancele',
    'non pas jamais attendez attends mais plutôt',
    'mai aspetti aspetta ma piuttosto',
    'não nao nunca espere mas antes',
    'niet geen nooit wacht maar liever',
  ].flatMap((words) => words.split(' ')),
)

export function agrees(text: string): boolean {
  const words = wordsOf(text)
  if (words.some((word) => OBJECTS.has(word) || word.endsWith("n't"))) return false
  return words.some((word) => AGREES.has(word))
}
