import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHoldRequest } from '../../src/pipeline/hold.ts'

const HOLD: Record<string, string[]> = {
  en: [
    'Hold on.',
    'Hold on a second, please.',
    'one moment please',
    'Just a second.',
    'Just a minute.',
    'Oh, hang on a sec.',
    'Please hold.',
    'Can you hold?',
    'Could you hold on for a moment?',
    'Can you hold the line, please?',
    'Stay on the line, please.',
    'Give me a second.',
    'Yes, give me just one minute.',
    'Bear with me.',
    "Okay, let me get my calendar. I'll be right back.",
    'Let me just grab a pen.',
    'Let me check my calendar real quick.',
    "I'm going to put you on hold.",
    'May I put you on hold?',
    'Do you mind holding?',
    "Sure, I'll be right with you.",
    'Your call is important to us.',
    'Your call is very important to us. Please stay on the line.',
    'Thank you for holding.',
    'Thank you for holding. All of our representatives are currently assisting other customers. Please stay on the line and the next available representative will be with you shortly.',
    'Thank you for calling. Please hold.',
    'You are number three in the queue.',
    'Your estimated wait time is five minutes.',
    'I’ll transfer you now.',
    'Let me put you through to the manager.',
    'Someone will be with you shortly.',
    'wait a moment',
    'We are currently experiencing high call volume.',
    'Your call will be answered in the order it was received.',
  ],
  de: [
    'Einen Moment bitte.',
    'Moment.',
    'Kleinen Augenblick, ich hole kurz meinen Kalender.',
    'Bleiben Sie dran.',
    'Bitte bleiben Sie in der Leitung.',
    'Warten Sie bitte.',
    'Ich verbinde Sie.',
    'Ja, einen kurzen Moment.',
    'Ich bin gleich wieder da.',
    'Alle unsere Mitarbeiter sind zurzeit im Gespräch. Bitte bleiben Sie am Apparat.',
    'Vielen Dank für Ihre Geduld.',
    'Könnten Sie kurz warten?',
    'Hold on.',
  ],
  es: [
    'Un momento, por favor.',
    'Espere un momento.',
    'Un segundito.',
    'No cuelgue.',
    'Manténgase en la línea, por favor.',
    'Le paso con el doctor.',
    'Su llamada es muy importante para nosotros.',
    '¿Puede esperar un momento?',
    'Ahora vuelvo.',
  ],
  fr: [
    'Un instant, s’il vous plaît.',
    'Ne quittez pas.',
    'Veuillez patienter.',
    'Une seconde.',
    'Pouvez-vous patienter un instant ?',
    'Je vous passe mon collègue.',
    'Votre appel est important pour nous.',
    'Je reviens tout de suite.',
  ],
  it: ['Un attimo, per favore.', 'Attenda in linea.', 'La metto in attesa.'],
  pt: ['Um momento, por favor.', 'Não desligue.', 'Aguarde na linha.', 'Só um minutinho.'],
  nl: ['Een momentje alstublieft.', 'Blijft u aan de lijn.', 'Wacht even.', 'Ik verbind u door.'],
}

const NO_HOLD: Record<string, string[]> = {
  en: [
    '',
    'Yes.',
    'Please.',
    'Thank you.',
    "Hold on, that's wrong.",
    'Wait, what?',
    'Can you hold the appointment?',
    'Can you hold it until Friday?',
    'Hold on, who is this?',
    'One second, did you say Thursday?',
    'Just a moment ago I told you.',
    'Please hold the table for me.',
    'I have been waiting for a minute.',
    'No, wait.',
    'Two minutes.',
    'Let me get this straight.',
    'Let me check my calendar, is Thursday possible?',
    "I'll be right there on Thursday.",
    'Thank you for calling.',
    'Stay away.',
    'What is a moment?',
    'Is my call important to you?',
    'Give me a second appointment.',
    'Okay, sure.',
  ],
  de: [
    'Moment, das stimmt nicht.',
    'Im Moment nicht.',
    'Warten Sie, wer ist da?',
    'Einen Termin bitte.',
    'Ja, bitte.',
    'Ich bin gleich fertig mit dem Termin.',
  ],
  es: ['Espere, eso no es correcto.', 'Sí, por favor.', 'En este momento no.', '¿Cuánto espero?'],
  fr: ['Attendez, ce n’est pas ça.', 'Oui, merci.', 'Pas pour le moment.'],
}

describe('a request to wait', () => {
  for (const [language, texts] of Object.entries(HOLD)) {
    it.each(texts)(`(${language}) is %s`, (text) => {
      expect(isHoldRequest(text, language)).toBe(true)
      // As a transcript without marks and capitals has it.
      expect(isHoldRequest(text.toLowerCase().replaceAll(/[.,?!]/g, ''), language)).toBe(true)
    })
  }

  for (const [language, texts] of Object.entries(NO_HOLD)) {
    it.each(texts)(`(${language}) is not %j`, (text) => {
      expect(isHoldRequest(text, language)).toBe(false)
    })
  }

  it('is known by the language of the call, English where it is not known', () => {
    expect(isHoldRequest('Einen Moment bitte.', 'de-AT')).toBe(true)
    expect(isHoldRequest('Einen Moment bitte.', 'en')).toBe(false)
    expect(isHoldRequest('One moment please.', 'sv')).toBe(true)
  })

  it('is none when anything else is said around it', () => {
    const requests = fc.constantFrom('hold on', 'one moment please', 'stay on the line')
    const others = fc.constantFrom('wrong', 'who', 'appointment', 'thursday', 'no', 'what')
    fc.assert(
      fc.property(requests, others, fc.boolean(), (request, word, first) => {
        const text = first ? `${word} ${request}` : `${request} ${word}`
        expect(isHoldRequest(text, 'en')).toBe(false)
      }),
    )
  })
})
