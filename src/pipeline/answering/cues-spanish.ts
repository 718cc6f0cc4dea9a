import type { Cues } from './cues.ts'

const TONE =
  /\b(?:despues (?:de la|del)|al (?:oir|escuchar|finalizar) (?:la|el)|tras (?:la|el)) (?:senal|tono|bip|pitido)\b/
const KEY = '(?:cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|\\d|almohadilla|asterisco)'

export const spanish: Cues = {
  clear: {
    screening: [
      /\bfiltro de llamadas\b|\bllamada (?:esta siendo|sera) filtrada\b/,
      /\b(?:su|tu) nombre y (?:el motivo|la razon|por que)\b/,
      /\besta persona esta disponible\b/,
      /\b(?:diga|di|grabe|indique|mencione) (?:su|tu) nombre\b/,
    ],
    mailbox_full: [
      /\bbuzon\b.*\b(?:esta )?llen[oa]\b/,
      /\bno (?:puede|acepta|es posible) (?:recibir |aceptar |grabar |dejar )?(?:mas )?mensajes\b/,
      /\bno ha (?:configurado|activado)\b.*\bbuzon\b|\bbuzon\b.*\bno ha sido (?:configurado|activado)\b/,
    ],
    voicemail: [
      TONE,
      /\b(?:deje|deja|dejanos|dejenos|dejame|dejeme|dejale|dejele|grabe|graba) (?:su|tu|un|el|aqui) (?:\w+ )?(?:mensaje|recado|nombre)\b/,
      /\bya sabes? (?:lo )?que (?:hay que )?hacer\b/,
      /\bbuzon de (?:voz|mensajes)\b|\bcontestador automatico\b|\bcontestadora\b/,
      /\b(?:ahora|ahorita|en este momento) no (?:te |le |os |los )?(?:puedo|podemos) (?:atender|contestar|coger)/,
      /\bno (?:te |le )?(?:puedo|podemos) (?:atender|contestar) (?:tu|su|la) llamada\b|\bno es posible atender/,
    ],
    carrier: [
      /\b(?:numero|telefono)\b.*\b(?:no existe|fuera de servicio|no esta en servicio|ha cambiado|no corresponde|no esta asignado)\b/,
      /\b(?:telefono|numero|movil|celular|usuario|abonado)\b.*\b(?:esta|encuentra) (?:apagado|fuera de (?:cobertura|servicio))\b/,
      /\bllamada no pued\w+ (?:ser )?(?:completa\w*|realiza\w*|cursa\w*)\b/,
      /\b(?:usuario|abonado|cliente)\b.*\bno (?:se encuentra|esta) disponible\b/,
      /\bno existe ninguna linea\b|\bverifique el numero\b/,
    ],
    ivr: [
      new RegExp(
        `\\b(?:oprima|marque|pulse|presione|digite) (?:el |la )?(?:numero |tecla )?${KEY}\\b`,
      ),
      /\b(?:permanezca|mantengase) en (?:la )?linea\b|\bde lo contrario espere\b/,
      /\btodos nuestros (?:\w+ )?(?:agentes|operadores|ejecutivos|asesores|representantes)\b/,
      /\bsiguientes opciones\b|\bmenu principal\b|\bnuestras opciones\b/,
      /\bconoce (?:la|el numero de) extension\b/,
      /\b(?:introduzca|ingrese|digite|marque) su (?:numero|codigo|clave)\b|\bseguido de la tecla\b/,
      /\bsu llamada es (?:muy )?importante\b|\bsu llamada sera atendida\b/,
      /\b(?:le|lo) atenderemos en\b|\bsera atendido\b/,
    ],
  },
  hints: {
    screening: [
      /\bla persona a la que (?:llama|esta llamando)\b/,
      /\bmotivo de (?:su|la|tu) llamada\b/,
      /\bconectarle\b/,
    ],
    voicemail: [
      /\bbuzon\b|\bcontestador\b/,
      /\b(?:mensaje|recado)\b/,
      /\b(?:has|ha) llamado a\b|\bte has comunicado con\b|\bse ha comunicado con\b/,
      /\bno (?:esta|se encuentra) disponible\b|\bno estamos\b/,
      /\b(?:te|le) (?:llamo|llamare|llamaremos|devuelv\w+|devolv\w+)\b/,
      /\bhorario de atencion\b|\bnos pondremos en contacto\b/,
      /\bno pued\w+ (?:contestar|atender)/,
    ],
    carrier: [
      /\b(?:numero|telefono|usuario) (?:que )?(?:usted )?(?:marco|marcado|al que llama)\b/,
      /\b(?:intente|llamar|intentelo) (?:mas tarde|de nuevo)\b/,
    ],
    ivr: [
      /\bbienvenid[oa]s? a\b|\bgracias por llamar\b/,
      /\bescuche atentamente\b|\bopciones\b/,
      /\b(?:calidad|grabada)\b/,
      /\bespere\b/,
    ],
  },
  person: [
    /\b(?:en que|como) (?:le|te|lo|la) (?:puedo )?(?:ayud\w+|servir|atender)\b|\ble atiende\b|\bhabla \w+ (?:como|en que)\b/,
    /\bquien (?:habla|es|llama|eres)\b|\bde parte de quien\b|\bcon quien\b/,
    /\bsoy yo\b|\bel habla\b|\bella habla\b|\bdigame\b|\bahora se pone\b|\ble paso\b/,
    /\b(?:quiere|quieres|desea|gusta) (?:dejar|que)\b|\ble (?:digo|doy)\b/,
    /\bno me interesa\b|\bno llame\b|\bequivocad[oa]\b|\bequivocado de numero\b/,
    /\bestoy (?:conduciendo|manejando|ocupad[oa]|trabajando|en una reunion)\b|\bllamar luego\b/,
    /\bmi (?:mama|papa|herman[oa]|esposo|esposa|marido|mujer|madre|padre|hij[oa])\b|\bel senor\b|\bla senora\b/,
    /\bno se oye\b|\bme oye\b|\bque quiere\b|\bo que$|\byo no\b|\bespere que\b/,
    /\bhola hola\b|\bes una grabacion\b/,
  ],
  tone: TONE,
  pickUp: [
    /\bhola hola\b|\b(?:estoy|ya estoy) aqui\b|\bno cuelgue que\b|\bquien (?:es|habla)\b|\bdigame$|\bhola$|\bbueno$/,
  ],
  hello: new Set(
    'si bueno buenos buenas dias tardes noches diga digame hola alo mande oiga'.split(' '),
  ),
}
