import type { Cues } from './cues.ts'

const TONE = /\bnach dem (?:ton|signalton|piepton|pieps?|piepser|signal|biep)\b/
const KEY = '(?:null|eins|zwei|drei|vier|funf|sechs|sieben|acht|neun|\\d)'

export const german: Cues = {
  clear: {
    screening: [
      /\bfilterdienst\b|\banruf wird (?:gerade )?gefiltert\b|\banruffilter\b/,
      /\bnamen? und (?:den |der )?grund (?:fur |ihres |deines )/,
      /\b(?:nennen|sagen|nenne|sage?) (?:sie |du )?(?:bitte )?(?:nach dem (?:ton|signalton|piepton) )?(?:ihren|deinen) namen\b/,
      /\bob die(?:se)? person (?:verfugbar|erreichbar)\b/,
    ],
    mailbox_full: [
      /\b(?:mailbox|mobilbox|sprachbox|anrufbeantworters?|speicher|band)\b.*\b(?:ist|sind) (?:leider )?voll\b/,
      /\b(?:mailbox|mobilbox|sprachbox)\b.*\bnicht eingerichtet\b/,
      /\bkeine (?:weiteren |neuen )?nachrichten? (?:mehr )?(?:hinterlassen|aufnehmen|entgegen|aufgezeichnet|gespeichert)/,
    ],
    voicemail: [
      TONE,
      /\b(?:bitte )?(?:hinterlassen sie|hinterlass|hinterlasse|hinterlasst)(?: mir| uns| bitte)* (?:eine|ihre|deine|ihren|deinen|euren|eure) (?:\w+ )?(?:nachricht|namen|name|telefonnummer|rufnummer)/,
      /\b(?:mailbox|mobilbox|sprachbox|anrufbeantworter) (?:von|des|der)\b/,
      /\b(?:hier ist|das ist|dies ist) (?:der|die) (?:automatische )?(?:anrufbeantworter|mailbox|mobilbox|sprachbox)\b/,
      /\bwillkommen bei der (?:mailbox|mobilbox|sprachbox)\b|\bich bin (?:ein|der) anrufbeantworter\b/,
      /\b(?:ich|wir) (?:kann|konnen) (?:\w+ ){0,2}nicht (?:rangehen|ans telefon gehen|abheben|ans telefon kommen)\b|\b(?:anruf|gesprach) (?:\w+ ){0,2}nicht (?:\w+ )?(?:entgegennehmen|annehmen)\b/,
      /\bwas (?:drauf|aufs band)\b/,
      /\b(?:rufen|rufe|melden uns|melde mich) (?:wir |ich )?(?:sie |dich )?(?:\w+ )?(?:umgehend|schnellstmoglich|so bald|sobald)\b/,
    ],
    carrier: [
      /\b(?:rufnummer|nummer)\b.*\b(?:nicht vergeben|nicht bekannt|ungultig|nicht geschaltet|hat sich geandert|geandert)\b/,
      /\bkein anschluss unter\b/,
      /\b(?:teilnehmer|gesprachspartner|anschluss|rufnummer)\b.*\b(?:nicht erreichbar|nicht verfugbar)\b/,
      /\banruf kann (?:\w+ )?nicht (?:vermittelt|verbunden|hergestellt|zugestellt)\b/,
      /\bvorubergehend nicht (?:erreichbar|verfugbar)\b/,
    ],
    ivr: [
      new RegExp(`\\b(?:drucken|wahlen) sie (?:bitte )?(?:jetzt )?(?:die )?(?:taste )?${KEY}\\b`),
      /\balle (?:unsere )?(?:mitarbeiter|leitungen|platze|berater)\b.*\b(?:im gesprach|belegt|besetzt)\b/,
      /\bnachsten? freien? (?:mitarbeiter|platz|berater)/,
      /\braute ?taste\b|\bsterntaste\b/,
      /\bnennen sie (?:uns )?(?:bitte )?ihr anliegen\b/,
      /\bgeben sie (?:bitte )?(?:jetzt )?ihre (?:\w*nummer|pin)\b/,
      /\banruf wird (?:\w+ ){0,4}(?:aufgezeichnet|mitgeschnitten)\b/,
      /\bsie werden (?:gleich |nun |jetzt )?(?:verbunden|weitergeleitet)\b/,
      /\bhauptmenu\b|\bkeine gultige (?:auswahl|eingabe)\b/,
    ],
  },
  hints: {
    screening: [
      /\bgrund (?:ihres|deines|fur|des) \w+/,
      /\bwarum sie anrufen\b/,
      /\b(?:ihren|deinen) namen\b/,
      /\bdie person die sie anrufen\b/,
    ],
    voicemail: [
      /\b(?:mailbox|mobilbox|sprachbox|anrufbeantworter)\b/,
      /\bnachricht\w*\b/,
      /\b(?:ich bin|wir sind|bin|sind) (?:\w+ ){0,3}(?:nicht erreichbar|nicht zu hause|nicht da|unterwegs|im urlaub)\b/,
      /\bsie sind verbunden mit\b|\bsie haben \w+ (?:\w+ )*erreicht\b/,
      /\brufen? (?:wir |ich )?(?:sie |dich )?(?:\w+ )?zuruck\b/,
      /\bausserhalb (?:unserer|der)\b|\bsprechzeiten\b|\boffnungszeiten\b/,
      /\b(?:derzeit|momentan|zurzeit) (?:nicht|geschlossen)\b/,
    ],
    carrier: [/\bversuchen sie es\b.*\b(?:noch einmal|spater)\b/, /\bteilnehmer\b/],
    ivr: [
      /\b(?:herzlich )?willkommen (?:bei|beim|in|im)\b/,
      /\beinen moment geduld\b|\bbitte warten\b|\bbleiben sie (?:bitte )?in der leitung\b/,
      /\b(?:schulungs|qualitats)\w*\b/,
      /\bihr anruf ist uns wichtig\b/,
      /\bmitarbeiter\b/,
    ],
  },
  person: [
    /\bwas kann ich (?:fur|ihnen)\b|\bwie kann ich (?:ihnen )?helfen\b|\bmein name ist\b/,
    /\bwer (?:ist|sind|spricht|war|bist)\b|\bmit wem\b/,
    /\b(?:einen |ein )?(?:moment|augenblick|sekunde)(?: mal)? (?:bitte )?(?:ich|bleiben sie dran)\b/,
    /\bich (?:hole|verbinde|gebe|sage|stelle|richte|schau|kann gerade nicht (?:sprechen|reden|telefonieren))\b/,
    /\bsoll ich\b|\bkann ich (?:ihm|ihr|etwas)\b|\bwollen sie\b|\bmochten sie\b/,
    /\bam apparat\b|\bsie sprechen mit\b|\bhoren sie mich\b/,
    /\bworum geht\b|\bverwahlt\b|\bkein interesse\b|\brufen sie (?:bitte |mich )?nicht\b/,
    /\b(?:er|sie|der|mein mann|meine frau|papa|mama) ist (?:\w+ ){0,3}(?:nicht|weg|arbeiten|unterwegs)\b/,
    /\bich hab(?:e)? (?:nichts|nicht|kein)\b|\boder was\b|\bist das (?:ein|eine|der|die)\b|\bwas brauchen sie\b/,
    /\bich bin (?:gerade )?(?:im auto|beschaftigt|unterwegs|im meeting)\b/,
  ],
  tone: TONE,
  pickUp: [
    /\bhallo hallo\b|\bich bin (?:doch |jetzt )?(?:da|dran)\b|\bnicht auflegen\b|\bwarten sie\b/,
    /\bwer ist da\b|\bwas kann ich\b|\bhallo$|\bja bitte\b/,
  ],
  hello: new Set('ja hallo bitte guten tag morgen abend gruss gott servus moin hi'.split(' ')),
}
