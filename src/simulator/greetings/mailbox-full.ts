import type { GreetingTexts } from './greeting.ts'

/** Machines that take no message: full, or never set up. */
export const mailboxFull: GreetingTexts = {
  en: [
    'The mailbox is full and cannot accept any messages at this time. Goodbye.',
    "Hi, you've reached Kevin, leave a message after the beep. I'm sorry, this mailbox is full.",
    'the person you have called has a voicemail box that has not been set up yet please try again later goodbye',
    'We are sorry. The voice mailbox belonging to 555 0142 is full. Please try your call later.',
    'The customer you are trying to reach has not set up their voice mail. Goodbye.',
    'Sorry, the memory is full.',
    'The subscriber you are calling cannot receive any more messages. Goodbye.',
    'You have reached a voice mailbox that is not accepting messages at this time. Please call back.',
    "I'm sorry but the person you called has a voice mail box that has not been setup yet.",
    'mail box is full and can not accept any message at this time good bye',
  ],
  de: [
    'Die Mailbox ist voll. Es können keine Nachrichten hinterlassen werden. Auf Wiederhören.',
    'Der Speicher dieses Anrufbeantworters ist voll.',
    'Die Mailbox des Teilnehmers wurde noch nicht eingerichtet. Bitte versuchen Sie es später noch einmal.',
    'Leider kann die Mailbox keine weiteren Nachrichten aufnehmen.',
  ],
  es: [
    'El buzón de voz está lleno. Por favor intente más tarde.',
    'El buzón de la persona a la que llama no puede recibir más mensajes.',
    'El usuario no ha configurado su buzón de voz. Adiós.',
    'lo sentimos este buzón está lleno y no acepta mensajes en este momento',
  ],
  fr: [
    'La messagerie de votre correspondant est pleine. Veuillez rappeler ultérieurement.',
    'La boîte vocale est saturée et ne peut plus recevoir de messages.',
    "La messagerie vocale de votre correspondant n'a pas été configurée. Au revoir.",
    'Désolé, ce répondeur est plein.',
  ],
}
