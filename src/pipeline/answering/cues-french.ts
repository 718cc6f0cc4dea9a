import type { Cues } from './cues.ts'

const TONE = /\bapres le (?:bip|signal|top)\b/
const KEY = '(?:zero|un|deux|trois|quatre|cinq|six|sept|huit|neuf|\\d|diese|etoile)'

export const french: Cues = {
  clear: {
    screening: [
      /\bfiltrage d appels?\b|\bappel est filtre\b/,
      /\bvotre nom et (?:le motif|la raison|l objet)\b/,
      /\bcette personne est disponible\b/,
      /\b(?:dites|indiquez|indiquer|enregistrez|donnez) votre nom\b/,
    ],
    mailbox_full: [
      /\b(?:messagerie|boite vocale|boite|repondeur|memoire)\b.*\best (?:pleine?|saturee?)\b/,
      /\bne peut plus recevoir de (?:nouveaux )?messages?\b/,
      /\bmessagerie\b.*\bn (?:a pas|est pas) (?:encore )?(?:ete )?(?:configuree|activee)\b/,
    ],
    voicemail: [
      TONE,
      /\b(?:laissez|laisse|merci de laisser|veuillez laisser)(?: moi| nous)? (?:un|votre|ton|vos|moi) (?:\w+ )?(?:message|nom|numero|coordonnees)\b/,
      /\blaissez nous vos\b|\btu sais quoi faire\b/,
      /\b(?:sur|avec) (?:le repondeur|la (?:messagerie|boite vocale))\b/,
      /\b(?:messagerie (?:vocale|orange|sfr|free)|boite vocale) de\b|^repondeur de\b/,
      /\b(?:enregistrez|parlez) (?:votre message|apres)\b/,
    ],
    carrier: [
      /\bnumero\b.*\b(?:n est pas attribue|n existe pas|n est (?:pas|plus) en service|a change|n est plus attribue)\b/,
      /\bnumero que vous avez (?:compose|demande)\b|\bappel ne peut (?:pas )?aboutir\b|\bencombrement\b/,
      /\bcorrespondant (?:n est|est) (?:\w+ )?(?:pas )?(?:joignable|injoignable)\b.*\brappeler\b/,
      /\bcorrespondant\b.*\b(?:eteint|hors de portee)\b/,
      /\bligne\b.*\b(?:momentanement|temporairement) (?:indisponible|suspendue|interrompue)\b/,
    ],
    ivr: [
      new RegExp(
        `\\b(?:tapez|appuyez sur|faites|composez)(?: la| le)?(?: touche)?(?: le)? ${KEY}\\b`,
      ),
      /\btous nos (?:conseillers|agents|operateurs|collaborateurs)\b/,
      /\bun (?:conseiller|operateur|agent) va\b/,
      /\bmerci de (?:patienter|rester en ligne)\b/,
      /\b(?:saisir|saisissez|composer|composez|entrer|entrez) votre (?:numero|code)\b|\btouche (?:diese|etoile|\d)\b/,
      /\bdites en quelques mots\b|\bmenu principal\b/,
      /\btemps d attente\b/,
      /\bvotre appel est important\b/,
    ],
  },
  hints: {
    screening: [
      /\bla personne que vous appelez\b/,
      /\b(?:motif|raison|objet) de votre appel\b/,
      /\bmettre en relation\b/,
    ],
    voicemail: [
      /\b(?:repondeur|messagerie|boite vocale)\b/,
      /\blaisse\w* (?:\w+ ){0,2}message\b/,
      /\bvous etes bien (?:sur|chez|au|avec)\b/,
      /\b(?:correspondant|personne que vous appelez) n est pas (?:disponible|joignable)\b/,
      /\b(?:nous sommes|je suis) (?:\w+ )?(?:absents?|absente|pas disponible|indisponible)\b/,
      /\b(?:vous|te) (?:rappelle\w*|rappeller\w*)\b/,
      /\bje ne peux pas (?:vous |te )?(?:repondre|decrocher|prendre votre appel)\b/,
      /\bactuellement ferme\w?\b|\bnos bureaux sont\b/,
    ],
    carrier: [/\brappeler (?:ulterieurement|plus tard)\b/, /\bcorrespondant\b/],
    ivr: [
      /\bbienvenue (?:chez|a|au)\b/,
      /\bappel est susceptible\b|\benregistre\b/,
      /\bpatienter\b/,
      /\bconseillers?\b/,
    ],
  },
  person: [
    /\b(?:en quoi|comment) (?:puis je|je peux)\b|\ba votre ecoute\b|\bje vous ecoute\b/,
    /\bc est (?:qui|de la part|pour quoi|quoi)\b|\bqui (?:est|etes|est ce|parle)\b/,
    /\bje (?:vous|te) (?:le |la )?passe\b|\bne quittez pas (?:je|un)\b/,
    /\bje peux prendre un message\b|\bvous voulez\b|\bvoulez vous\b/,
    /\b(?:lui|elle) meme\b|\ba l appareil\b/,
    /\bvous (?:vous )?trompez\b|\bpas interesse\w?\b|\bmauvais numero\b/,
    /\bje suis (?:en voiture|occupee?|en reunion|au travail|en train)\b|\bvous pouvez rappeler\b/,
    /\b(?:il|elle) (?:n )?est (?:pas|au|en)\b|\b(?:maman|papa|mon mari|ma femme)\b/,
    /\bvous entends?\b|\battendez je\b|\bj ai rien\b|\bou quoi$|\bsalut ca va\b/,
  ],
  tone: TONE,
  pickUp: [
    /\ballo allo\b|\bje suis la\b|\bne raccrochez pas\b|\bqui est ce\b|\ballo$|\boui bonjour\b/,
  ],
  hello: new Set('oui allo bonjour bonsoir salut ah euh'.split(' ')),
}
