import type { ClaudeRule, PersonStep, Scenario } from '../scenario.ts'

/** Calls in other languages than English, from their first word or from the middle on. */

const scenario = (options: {
  name: string
  about: string
  number: string
  call: Readonly<Record<string, unknown>> & { readonly action: string }
  does: readonly PersonStep[]
  claude: readonly ClaudeRule[]
}): Scenario => ({
  name: options.name,
  about: options.about,
  direction: 'outbound',
  call: { phone_number: options.number, ...options.call },
  person: { answer: 'yes', does: options.does },
  claude: options.claude,
})

const end = { name: 'end_call', input: { reason: 'done' } }

export const spanish = scenario({
  name: 'spanish',
  about: 'a call in Spanish, from the greeting to the goodbye',
  number: '+12345678960',
  call: {
    action: 'Confirmar la cita con la doctora Núñez del jueves a las dos',
    callee_name: 'María',
    agent_name: 'Álex',
    organization: 'Clínica Dental Sol',
    language: 'es',
  },
  does: [
    { hear: 'end' },
    { say: 'Ah, hola. Sí, el jueves me viene bien.' },
    { hear: 'end' },
    { say: 'Una pregunta. ¿En qué piso están?' },
    { hear: 'end' },
    { say: 'Muy bien, muchas gracias. ¡Adiós!' },
  ],
  claude: [
    {
      when: /call was answered/i,
      say: 'Hola, María. Soy Álex, de la Clínica Dental Sol. ¿Le viene bien su cita con la doctora Núñez, este jueves a las dos de la tarde?',
    },
    { when: /piso/i, say: 'Estamos en el segundo piso, frente al ascensor.' },
    { when: /adiós/i, say: 'Gracias a usted, María. ¡Hasta el jueves!', tool: end },
    { when: /jueves/i, say: 'Estupendo, queda confirmada. ¿Desea saber algo más?' },
  ],
})

const german = {
  action: 'Den Termin am Donnerstag bestätigen und den Weg zur Praxis erklären',
  callee_name: 'Frau Müller',
  agent_name: 'Alex',
  organization: 'Zahnarztpraxis König',
  language: 'de',
}

const GERMAN_OPENING: ClaudeRule = {
  when: /call was answered/i,
  say: 'Guten Tag, Frau Müller, hier ist Alex von der Zahnarztpraxis König. Ich rufe wegen Ihres Termins am Donnerstag an. Passt er Ihnen noch?',
}

/** Somebody listens to a long answer as Germans do. */
export const germanBackchannel = scenario({
  name: 'german-backchannel',
  about: 'a call in German: “mhm” and “genau” over a long answer interrupt nothing',
  number: '+12345678961',
  call: german,
  does: [
    { hear: 'end' },
    { say: 'Ja, der passt. Wie komme ich zu Ihnen?' },
    { hear: { text: 'gegenüber' } },
    { say: 'Mhm, okay.' },
    { hear: { text: 'hinter dem' } },
    { say: 'Ja, genau.' },
    { hear: 'end' },
    { say: 'Gut, vielen Dank. Auf Wiederhören!' },
  ],
  claude: [
    GERMAN_OPENING,
    {
      when: /wie komme ich/i,
      say: 'Wir sind im grünen Haus, gleich gegenüber der Bücherei, im zweiten Stock. Parken können Sie hinter dem Gebäude, und der Aufzug ist gleich links vom Eingang.',
    },
    { when: /wiederhören/i, say: 'Gern geschehen, bis Donnerstag. Auf Wiederhören!', tool: end },
  ],
})

export const germanSilent = scenario({
  name: 'german-silent',
  about: 'a call in German with somebody who falls silent: they are asked, and told, in German',
  number: '+12345678962',
  call: { ...german, action: 'Den Termin am Donnerstag bestätigen' },
  does: [{ hear: 'end' }, { say: 'Wer ist da, bitte?' }],
  claude: [GERMAN_OPENING, { when: /wer ist da/i, say: 'Alex, von der Zahnarztpraxis König.' }],
})

/** Flux does not know Polish. */
export const polish = scenario({
  name: 'polish',
  about: 'a call in a language that only the other model of hearing knows',
  number: '+12345678963',
  call: {
    action: 'Potwierdzić czwartkową wizytę u dentysty',
    callee_name: 'Paweł',
    agent_name: 'Ola',
    language: 'pl',
  },
  does: [
    { hear: 'end' },
    { say: 'Tak, czwartek mi pasuje.' },
    { hear: 'end' },
    { say: 'Dziękuję, do widzenia.' },
  ],
  claude: [
    {
      when: /call was answered/i,
      say: 'Dzień dobry, tu Ola. Czy pasuje panu czwartkowa wizyta o drugiej?',
    },
    { when: /widzenia/i, say: 'Dziękuję. Do widzenia!', tool: end },
    { when: /czwartek/i, say: 'Świetnie, jesteśmy umówieni.' },
  ],
})

/** From the switch on, everything is Spanish: hearing, the voice, what counts as a backchannel, the stock words. */
export const switchLanguage = scenario({
  name: 'switch-language',
  about: 'the caller asks for Spanish in the middle of an English call, and the call goes on in it',
  number: '+12345678964',
  call: {
    action: 'Confirm the appointment on Thursday, and tell the way to the practice when asked',
    callee_name: 'John',
    agent_name: 'Alex',
    organization: 'Downtown Dental',
  },
  does: [
    { hear: 'end' },
    { say: 'Perdón, ¿habla español?' },
    { hear: 'end' },
    { say: 'Sí. ¿Cómo llego?' },
    { hear: { text: 'la biblioteca' } },
    { say: 'Ajá, claro.' },
    { hear: { text: 'izquierda' } },
    { hear: 'end' },
    { say: 'Un momento, por favor.' },
    { hear: 'end' },
    { pause: 12_000 },
    { say: 'Ya está. Muchas gracias. ¡Adiós!' },
  ],
  claude: [
    {
      when: /call was answered/i,
      say: 'Hi John, this is Alex from Downtown Dental. Does your appointment this Thursday at two still work for you?',
    },
    {
      when: /tool switch_language/i,
      say: 'Llamo por su cita del jueves a las 14:30. ¿Le viene bien?',
    },
    {
      when: /español/i,
      say: 'Sure.',
      tool: { name: 'switch_language', input: { language: 'es' } },
    },
    {
      when: /cómo llego/i,
      say: 'Estamos en el edificio verde, justo frente a la biblioteca, en el segundo piso. Puede aparcar detrás de la casa, y el ascensor está a la izquierda.',
    },
    { when: /adiós/i, say: 'Gracias a usted. ¡Hasta el jueves!', tool: end },
  ],
})
