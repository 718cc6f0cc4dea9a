import { describe, expect, it } from 'vitest'
import { asksToDictate } from '../../src/pipeline/dictation.ts'

const ASKS: Record<string, string[]> = {
  en: [
    'Could I have your phone number, please?',
    "What's the best number to reach you at?",
    'What is the best number to call you back on?',
    'Could you spell that for me?',
    'How do you spell your last name?',
    'Great. And your e-mail address? Please spell it.',
    'Can you read me the confirmation number?',
    'May I ask for your date of birth?',
    "What's your zip code?",
    'Please tell me the last four digits of your card.',
    'What’s the street address?',
    'I just need your account number.',
    'Would you give me your member ID?',
    'Please say it letter by letter.',
    'What is your email?',
    'Which booking reference number do you have? Take your time.',
    'Thank you. And your e-mail address?',
    'Got it, and the best number?',
  ],
  de: [
    'Wie lautet Ihre Telefonnummer?',
    'Können Sie mir Ihre E-Mail-Adresse nennen?',
    'Buchstabieren Sie das bitte einmal.',
    'Darf ich Ihr Geburtsdatum haben?',
    'Wie ist Ihre Adresse?',
    'Ich brauche noch Ihre Kundennummer.',
    'Sagen Sie mir bitte die Postleitzahl.',
    'Unter welcher Nummer erreiche ich Sie?',
    'Danke. Und Ihre E-Mail-Adresse?',
  ],
  es: [
    '¿Cuál es su número de teléfono?',
    '¿Me puede deletrear su apellido?',
    '¿Me da su correo electrónico, por favor?',
    'Dígame su fecha de nacimiento.',
    '¿Cuál es su dirección?',
    'Necesito el código postal.',
    'Gracias. ¿Y su correo electrónico?',
  ],
  fr: [
    'Quel est votre numéro de téléphone ?',
    'Pouvez-vous épeler votre nom ?',
    "Quelle est votre adresse e-mail, s'il vous plaît ?",
    'Puis-je avoir votre date de naissance ?',
    'Donnez-moi le code postal.',
    'J’ai besoin de votre adresse.',
    'Merci. Et votre code postal ?',
  ],
}

const ASKS_NOT: Record<string, string[]> = {
  en: [
    'Does Thursday at two still work for you?',
    'I have your phone number as five five five, zero one nine nine. Is that correct?',
    'Is your address still 12 Main Street?',
    'What is your name?',
    'Your confirmation number is A B one two. Anything else?',
    'How are you today?',
    'I will send you an email.',
    'I have your name and your email. Anything else?',
    'Did you get my email?',
    'Could you give me your phone number? Oh, I see that I have it. Thank you. When do you want to come?',
    '',
  ],
  de: [
    'Passt Ihnen Donnerstag um zwei?',
    'Ist Ihre Adresse noch die Hauptstraße 5? Ist das richtig?',
    'Ich schicke Ihnen eine E-Mail.',
    'Wie heißen Sie?',
    'Ihre Kundennummer ist die 4 7 1 1, richtig?',
  ],
  es: ['¿Le viene bien el jueves?', '¿Cómo se llama?', 'Su número es el cinco cinco, ¿correcto?'],
  fr: ['Jeudi vous convient ?', 'Comment allez-vous ?', 'Votre numéro est bien le zéro six ?'],
}

describe('what the agent asks for', () => {
  for (const [language, texts] of Object.entries(ASKS)) {
    it.each(texts)(`is dictated after (${language}) %s`, (text) => {
      expect(asksToDictate(text, language)).toBe(true)
    })
  }

  for (const [language, texts] of Object.entries(ASKS_NOT)) {
    it.each(texts)(`is an ordinary answer after (${language}) %s`, (text) => {
      expect(asksToDictate(text, language)).toBe(false)
    })
  }

  it('is known by the language of the call, English where it is not known', () => {
    expect(asksToDictate('Wie lautet Ihre Telefonnummer?', 'de-AT')).toBe(true)
    expect(asksToDictate('What is your phone number?', 'sv')).toBe(true)
    expect(asksToDictate('Wie lautet Ihre Telefonnummer?', 'es')).toBe(false)
  })
})
