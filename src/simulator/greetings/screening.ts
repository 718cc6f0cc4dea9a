import type { GreetingTexts } from './greeting.ts'

/** Assistants that ask who calls, and why, before the phone rings or the person decides. */
export const screening: GreetingTexts = {
  en: [
    "Hi, if you record your name and reason for calling, I'll see if this person is available.",
    "Hi, the person you're calling is using a screening service from Google, and will get a copy of this conversation. Go ahead and say your name, and why you're calling.",
    'hi if you record your name and reason for calling ill see if this person is available thanks',
    'Please state your name after the tone, and Google Voice will try to connect you.',
    'Hello, the person you called is using Bixby Text Call. They will read what you say and answer by text. Who is calling, please?',
    'Hi, this call is being screened. Please say your name and the reason for your call, then stay on the line.',
    'The person you are calling does not accept calls from unknown numbers. Please say your name and I will see if they are available.',
    "You've reached a number protected by RoboKiller. Please tell me your name and why you are calling.",
    'Hello, you are speaking with the call assistant. Can you tell me who is calling and what this is about? I will pass it on.',
    'Thanks. Stay on the line while I see if they can talk.',
    'Before we connect your call, please say your name.',
    "Hi, I'm the virtual assistant of the person you're calling. Before I connect you, may I ask who is calling?",
    'This subscriber uses call screening. At the tone, say your name, then press pound.',
    "What you're saying will be shared with the person you called. What are you calling about?",
  ],
  de: [
    'Hallo, wenn du deinen Namen und den Grund für deinen Anruf nennst, prüfe ich, ob die Person verfügbar ist.',
    'Die Person, die Sie anrufen, nutzt einen Filterdienst von Google. Bitte sagen Sie Ihren Namen und warum Sie anrufen.',
    'dieser anruf wird gefiltert bitte nennen sie ihren namen und den grund ihres anrufs',
    'Bitte nennen Sie nach dem Ton Ihren Namen. Wir versuchen dann, Sie zu verbinden.',
  ],
  es: [
    'Hola, si grabas tu nombre y el motivo de la llamada, veré si esta persona está disponible.',
    'La persona a la que llama usa un servicio de filtro de llamadas de Google. Diga su nombre y el motivo de su llamada.',
    'esta llamada está siendo filtrada diga su nombre y por qué llama',
    'Diga su nombre después del tono y trataremos de conectarle.',
  ],
  fr: [
    'Bonjour, si vous enregistrez votre nom et le motif de votre appel, je verrai si cette personne est disponible.',
    "La personne que vous appelez utilise un service de filtrage d'appels de Google. Dites votre nom et la raison de votre appel.",
    'cet appel est filtré veuillez indiquer votre nom et le motif de votre appel',
    'Dites votre nom après le bip et nous essaierons de vous mettre en relation.',
  ],
}
